import { once } from "node:events";
import { Agent, get, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { Digest } from "../../lib/oci/digest";
import {
  buildImage,
  EmbeddedRegistry,
  type Fault,
  HOSTILE_REPOSITORY_NAMES,
  HOSTILE_TAG_NAMES,
  type ScriptedFault,
} from "../../lib/testing";
import { ACCEPT_ALL, type RawAnswer, type RawRequest, rawHttp } from "../support/raw-http";
import { errorCode, provesLastByte, RegistryObserver } from "../support/registry-observer";

const image = buildImage({ seed: "a", layers: [5_000] });
const [layer] = image.layers;
if (layer === undefined) throw new Error("the image has a layer");
const MANIFEST = "/v2/app/manifests/latest";
const BLOB = `/v2/app/blobs/${layer.digest}`;

let registry: EmbeddedRegistry;
let at: RegistryObserver;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "latest", image);
  at = new RegistryObserver(registry.url, "app");
});
afterEach(() => registry.close());

const ask = (path = MANIFEST, request: RawRequest = {}): Promise<RawAnswer> =>
  rawHttp(`${registry.url}${path}`, { headers: ACCEPT_ALL, ...request });

function script(
  fault: Fault,
  rest: Omit<ScriptedFault, "fault"> = {},
): ReturnType<EmbeddedRegistry["script"]> {
  return registry.script({ fault, ...rest });
}

interface Timeline {
  /** Milliseconds from the request; null when they never came. */
  readonly headersMs: number | null;
  readonly bytes: number;
  readonly end: string;
  readonly endMs: number;
}

/** What a client with a deadline sees, and when. */
function watch(path: string, deadlineMs: number, options: RequestOptions = {}): Promise<Timeline> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  return new Promise((resolve) => {
    let headersMs: number | null = null;
    let bytes = 0;
    const finish = (end: string): void => {
      clearTimeout(timer);
      request.destroy();
      resolve({ headersMs, bytes, end, endMs: elapsed() });
    };
    const timer = setTimeout(() => finish("deadline"), deadlineMs);
    const request = get(
      `${registry.url}${path}`,
      { agent: false, headers: ACCEPT_ALL, ...options },
      (answer) => {
        headersMs = elapsed();
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.on("end", () => finish("end"));
        answer.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? "error"));
      },
    );
    request.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? "error"));
  });
}

describe("answers", () => {
  test.each<[number, string]>([
    [401, "UNAUTHORIZED"],
    [403, "DENIED"],
    [404, "MANIFEST_UNKNOWN"],
    [429, "TOOMANYREQUESTS"],
    [500, "UNKNOWN"],
  ])("status %d in the OCI form, with headers", async (status, code) => {
    script({ kind: "status", status, headers: { "retry-after": "3" } });
    const answer = await ask();
    expect([answer.status, errorCode(answer), answer.headers["retry-after"]]).toEqual([status, code, "3"]);
  });

  test("a status with a body of its own does not reach the registry", async () => {
    script({ kind: "status", status: 502, body: "bad gateway" }, { method: "DELETE" });
    const answer = await ask(`/v2/app/manifests/${image.digest}`, { method: "DELETE" });
    expect([answer.status, answer.body.toString()]).toEqual([502, "bad gateway"]);
    expect((await ask()).status).toBe(200);
  });

  test("raw lists carry hostile names as they are", async () => {
    script({ kind: "json", value: { repositories: HOSTILE_REPOSITORY_NAMES } }, { path: "_catalog" });
    script({ kind: "json", value: { name: "app", tags: HOSTILE_TAG_NAMES } }, { path: "tags/list" });
    expect(JSON.parse((await ask("/v2/_catalog")).body.toString()).repositories).toEqual(
      HOSTILE_REPOSITORY_NAMES,
    );
    expect(JSON.parse((await ask("/v2/app/tags/list")).body.toString()).tags).toEqual(HOSTILE_TAG_NAMES);
  });

  test("a sign-in page is a 200 of HTML", async () => {
    script({ kind: "html-sign-in" });
    const answer = await ask();
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.body.toString()).toMatch(/^<!DOCTYPE html>.*Sign in/);
  });

  test("a reply changed at will", async () => {
    script({ kind: "reply", change: (reply) => ({ ...reply, status: 203 }) });
    expect((await ask()).status).toBe(203);
  });
});

describe("time", () => {
  test("headers come late", async () => {
    script({ kind: "slow-headers", delayMs: 80 });
    const seen = await watch(MANIFEST, 5_000);
    expect(seen).toMatchObject({ end: "end", bytes: image.body.length });
    expect(seen.headersMs).toBeGreaterThanOrEqual(75);
  });

  test("a body drips: each byte is there in time, the whole is not", async () => {
    script({ kind: "drip-body", bytes: 1, intervalMs: 10 });
    const seen = await watch(MANIFEST, 150);
    expect(seen.end).toBe("deadline");
    expect(seen.headersMs).toBeLessThan(100);
    expect(seen.bytes).toBeGreaterThan(0);
    expect(seen.bytes).toBeLessThan(20);
  });

  test("a body that drips fast enough is whole", async () => {
    script({ kind: "drip-body", bytes: 100, intervalMs: 1 });
    expect((await ask()).body.equals(image.body)).toBe(true);
  });

  test.each<[string, Fault, Partial<Timeline>]>([
    ["from the start", { kind: "hang" }, { headersMs: null, end: "deadline" }],
    [
      "after the headers",
      { kind: "hang", point: "after-headers" },
      { headersMs: expect.any(Number), end: "deadline" },
    ],
  ])("silence %s", async (_, fault, expected) => {
    script(fault);
    expect(await watch(MANIFEST, 100)).toMatchObject({ ...expected, bytes: 0 });
  });
});

describe("connections", () => {
  test.each<[string, Fault, Partial<Timeline>]>([
    ["before the headers", { kind: "reset" }, { headersMs: null, end: "ECONNRESET" }],
    [
      "after the headers",
      { kind: "reset", point: "after-headers" },
      { headersMs: expect.any(Number), end: "ECONNRESET" },
    ],
  ])("reset %s", async (_, fault, expected) => {
    script(fault);
    expect(await watch(MANIFEST, 5_000)).toMatchObject({ ...expected, bytes: 0 });
    expect(registry.requests[0]?.status).toBe(expected.headersMs === null ? null : 200);
  });

  test.each<[number, number]>([
    [0, 0],
    [10, 10],
    [-1, image.body.length - 1],
  ])("a body cut at %d bytes of those promised", async (bytes, arrived) => {
    script({ kind: "truncate-body", bytes });
    const answer = await ask();
    expect([answer.status, answer.whole, answer.body.length]).toEqual([200, false, arrived]);
    expect(answer.headers["content-length"]).toBe(`${image.body.length}`);
  });

  test("after a body cut short no kept-alive connection stays", async () => {
    script({ kind: "truncate-body", bytes: 10 });
    const agent = new Agent({ keepAlive: true });
    expect(await watch(MANIFEST, 5_000, { agent })).toMatchObject({ bytes: 10, end: "ECONNRESET" });
    agent.destroy();
  });

  test("a reset is a reset, not an end", async () => {
    script({ kind: "reset" });
    const socket = connect(Number(registry.host.split(":")[1]), "127.0.0.1");
    socket.write("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect(once(socket, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("a document cut with its length arrives whole, and is no JSON", async () => {
    script({ kind: "cut-document", bytes: 40 });
    const answer = await ask();
    expect([answer.status, answer.whole, answer.headers["content-length"]]).toEqual([200, true, "40"]);
    expect(() => JSON.parse(answer.body.toString())).toThrow(SyntaxError);
  });
});

describe("size", () => {
  test("20 MB without Content-Length, after a manifest's own headers", async () => {
    script({ kind: "huge-body" });
    const answer = await ask();
    expect(answer.body.length).toBe(image.body.length + 20_000_000);
    expect(answer.headers).not.toHaveProperty("content-length");
    expect(answer.headers["content-type"]).toBe(image.mediaType);
  });

  test("a client may leave in the middle of it", async () => {
    script({ kind: "huge-body", bytes: 1_000_000_000 });
    const seen = await watch(MANIFEST, 50);
    expect(seen.end).toBe("deadline");
    expect((await ask("/v2/", { method: "HEAD" })).status).toBe(200);
  });
});

describe("paging", () => {
  const nextOf = (answer: RawAnswer): string | undefined =>
    /^<(.+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];

  test("a loop: each page's next is itself", async () => {
    script({ kind: "paging-loop" });
    const answer = await ask("/v2/_catalog?n=5");
    expect(nextOf(answer)).toBe("/v2/_catalog?n=5");
    expect(JSON.parse(answer.body.toString())).toEqual({ repositories: ["app"] });
  });

  test.each([
    ["/v2/_catalog", "repositories"],
    ["/v2/app/tags/list", "tags"],
  ])("without end by Link: %s", async (path, key) => {
    script({ kind: "endless-paging", namesPerPage: 4 });
    const seen = new Set<string>();
    let next: string | undefined = path;
    for (let i = 0; i < 5; i += 1) {
      const answer: RawAnswer = await ask(next);
      for (const name of Object(JSON.parse(answer.body.toString()))[key]) seen.add(name);
      next = nextOf(answer);
      expect(next?.startsWith(`${path}?`)).toBe(true);
    }
    expect(seen.size).toBe(20);
    expect([...seen].sort()).toEqual([...seen]);
  });

  test("without end by last", async () => {
    script({ kind: "endless-paging", by: "last", namesPerPage: 2 });
    const first = await ask("/v2/app/tags/list?n=2");
    expect(first.headers).not.toHaveProperty("link");
    const { name, tags } = JSON.parse(first.body.toString());
    expect(name).toBe("app");
    const second = JSON.parse((await ask(`/v2/app/tags/list?n=2&last=${tags[1]}`)).body.toString());
    expect(second.tags.filter((tag: string) => tags.includes(tag))).toEqual([]);
  });
});

describe("redirects", () => {
  test("to another host, which asks for nothing and notices what it is sent", async () => {
    script({ kind: "redirect", location: `${registry.otherUrl}${MANIFEST}`, status: 302 });
    const answer = await ask();
    expect([answer.status, answer.headers.location]).toEqual([302, `${registry.otherUrl}${MANIFEST}`]);
    const there = await rawHttp(String(answer.headers.location), {
      headers: { ...ACCEPT_ALL, authorization: "Bearer x" },
    });
    expect(there.body.equals(image.body)).toBe(true);
    expect(registry.leaks).toHaveLength(1);
  });

  test("in a loop: to itself, or to an address that is new each time", async () => {
    const loop = script({ kind: "redirect-loop" });
    expect((await ask()).headers.location).toBe(MANIFEST);
    loop.remove();
    script({ kind: "redirect-loop", changing: true });
    expect((await ask()).headers.location).toBe(`${MANIFEST}?hop=1`);
    expect((await ask(`${MANIFEST}?hop=1`)).headers.location).toBe(`${MANIFEST}?hop=2`);
  });
});

describe("content", () => {
  const range = { range: `bytes=${layer.size - 1}-${layer.size - 1}` };

  test("a range ignored: 200 and the whole", async () => {
    expect(provesLastByte(await ask(BLOB, { headers: range }), layer.size)).toBe(true);
    script({ kind: "ignore-range" });
    const answer = await ask(BLOB, { headers: range });
    expect([answer.status, answer.body.length]).toEqual([200, layer.size]);
    expect(answer.headers).not.toHaveProperty("content-range");
  });

  test("a digest header of other bytes", async () => {
    script({ kind: "wrong-digest-header" }, { times: 1 });
    expect((await ask()).headers["docker-content-digest"]).toBe(`${Digest.sha256(Buffer.alloc(0))}`);
    script({ kind: "wrong-digest-header", digest: `${layer.digest}` });
    expect((await ask()).headers["docker-content-digest"]).toBe(`${layer.digest}`);
  });

  test.each([undefined, 0])("one bit flipped on the way, offset %s; what is stored stays", async (offset) => {
    const fault = script({ kind: "flip-byte", ...(offset === undefined ? {} : { offset }) });
    const { body } = await ask(BLOB);
    fault.remove();
    const sound = (await ask(BLOB)).body;
    const differing = [...body.keys()].filter((i) => body[i] !== sound[i]);
    expect(differing).toEqual([offset ?? layer.size >> 1]);
    expect(layer.digest.verifies(sound)).toBe(true);
  });

  test("a tag that moves, and one that goes, between two requests", async () => {
    const other = buildImage({ seed: "b" });
    registry.storage.put("app", null, other);
    const hook = (run: () => void, after: number): unknown =>
      script({ kind: "hook", run }, { path: MANIFEST, after, times: 1 });
    hook(() => registry.storage.moveTag("app", "latest", other.digest), 1);
    hook(() => registry.storage.deleteTag("app", "latest"), 2);
    const digests = [await ask(), await ask(), await ask()].map(
      (answer) => answer.headers["docker-content-digest"],
    );
    expect(digests).toEqual([`${image.digest}`, `${other.digest}`, undefined]);
    expect((await at.manifest(image.digest)).status).toBe(200);
  });

  test("a hook lets other faults act", async () => {
    let seen = 0;
    script({
      kind: "hook",
      run: () => {
        seen += 1;
      },
    });
    script({ kind: "status", status: 503 });
    expect([(await ask()).status, seen]).toEqual([503, 1]);
  });
});
