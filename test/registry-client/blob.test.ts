import { Digest } from "../../lib/oci/digest";
import type { BlobMode } from "../../lib/registry-client/answers";
import { errorOf, Harness } from "./harness";
import { cutAfter, type Handler, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const content = Buffer.from("0123456789");
const size = content.length;
const digest = Digest.sha256(content);
const other = Digest.sha256(Buffer.from("9876543210"));
const empty = Buffer.alloc(0);

type Headers = Record<string, string | number>;

function answer(status: number, headers: Headers, body: Buffer | string = empty): Handler {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}
function part(range: string, body: Buffer | string, headers: Headers = {}): Handler {
  return answer(206, { "content-range": range, "content-length": body.length, ...headers }, body);
}
function whole(body: Buffer, headers: Headers = { "content-length": body.length }): Handler {
  return answer(200, headers, body);
}
function cut(status: number, headers: Headers, body: Buffer | string = empty): Handler {
  return (_request, response) => cutAfter(response, status, headers, body);
}

/** No length to miss: a chunked body that never gets its last chunk. */
function cutChunks(headers: Headers): Handler {
  return (_request, response) => {
    response.writeHead(206, { ...headers, "transfer-encoding": "chunked" }).flushHeaders();
    setTimeout(() => response.socket?.destroy(), 5);
  };
}

/** The handlers in turn, the last one again and again. */
function inTurn(...handlers: readonly Handler[]): Handler {
  return (request, response, nth) => handlers[Math.min(nth, handlers.length - 1)]?.(request, response, nth);
}

async function ask(handler: Handler, mode: BlobMode, asked = digest, askedSize = size) {
  const server = await harness.serve(handler);
  const client = harness.client(server, { wholeBlobBudgetBytes: 100 });
  return { server, client, result: client.blob("team/app", asked, askedSize, mode) };
}

const missing = { kind: "absent", status: 404, errorCode: "BLOB_UNKNOWN" };
const gone: Handler = (_request, response) => refuse(response, 404, "BLOB_UNKNOWN");
const lastByte = part("bytes 9-9/10", "9");

describe("the last byte", () => {
  const truncated = (actual: number): unknown => ({ kind: "truncated", expected: size, actual });
  const tooLarge = (actual: number): unknown => ({ kind: "size_mismatch", expected: size, actual });
  const shortCut = cut(206, { "content-range": "bytes 9-9/10", "content-length": 1 });
  const unsatisfiable =
    (total: string): Handler =>
    // As 2.8 does: the blob's length as the length of an error text.
    (_request, response) => {
      response.writeHead(416, { "content-range": `bytes ${total}`, "content-length": 1000 });
      response.write("invalid range");
    };

  test.each<[string, Handler, unknown, number]>([
    ["sound", lastByte, { kind: "present", bytes: 1, hashed: false }, 1],
    [
      "sound, in chunks",
      answer(206, { "content-range": "bytes 9-9/10" }, "9"),
      { kind: "present", bytes: 1, hashed: false },
      1,
    ],
    ["total unknown, byte there", part("bytes 9-9/*", "9"), { kind: "present", bytes: 1, hashed: false }, 1],
    ["total unknown, byte not there", part("bytes 9-9/*", ""), truncated(0), 2],
    [
      "called aws-chunked, and as it was",
      part("bytes 9-9/10", "9", { "content-encoding": "aws-chunked" }),
      { kind: "present", bytes: 1, hashed: false },
      1,
    ],
    ["total one less", part("bytes 9-9/9", "9"), truncated(9), 1],
    ["total one more", part("bytes 9-9/11", "9"), tooLarge(11), 1],
    ["promised and never sent", shortCut, truncated(0), 2],
    ["cut in chunks", cutChunks({ "content-range": "bytes 9-9/10" }), truncated(0), 2],
    ["never sent, and not promised", part("bytes 9-9/10", ""), truncated(0), 2],
    ["cut once, then sound", inTurn(shortCut, lastByte), { kind: "present", bytes: 1, hashed: false }, 2],
    ["416 with a total", unsatisfiable("*/4"), truncated(4), 2],
    ["416 without", unsatisfiable("*/*"), truncated(0), 2],
    [
      "416 once, then sound",
      inTurn(unsatisfiable("*/0"), lastByte),
      { kind: "present", bytes: 1, hashed: false },
      2,
    ],
    ["absent", gone, missing, 1],
    ["absent after a cut", inTurn(shortCut, gone), missing, 2],
    ["Range ignored, sound", whole(content), { kind: "present", bytes: size, hashed: true }, 1],
    [
      "Range ignored, no length, sound",
      whole(content, {}),
      { kind: "present", bytes: size, hashed: true },
      1,
    ],
    ["Range ignored, no length, short", whole(content.subarray(1), {}), truncated(9), 2],
    ["Range ignored, shorter", whole(content.subarray(1)), truncated(9), 1],
    ["Range ignored, longer", whole(Buffer.concat([content, content])), tooLarge(20), 1],
    ["Range ignored, no length, longer", whole(Buffer.concat([content, content]), {}), tooLarge(20), 1],
    ["Range ignored, cut", cut(200, { "content-length": size }, "0123"), truncated(4), 2],
    [
      "Range ignored, changed",
      whole(Buffer.from("9876543210")),
      { kind: "digest_mismatch", actual: other.toString() },
      1,
    ],
  ])("%s", async (_name, handler, expected, requests) => {
    const { server, result } = await ask(handler, "range");
    expect(await result).toEqual(expected);
    expect(server.seen).toHaveLength(requests);
    expect(server.seen[0]?.headers.range).toBe("bytes=9-9");
    expect(server.seen[0]?.headers["accept-encoding"]).toBe("identity");
    expect(server.seen[0]?.url).toBe(`/v2/team/app/blobs/${digest}`);
  });

  test.each<[string, Handler, string]>([
    ["206 without Content-Range", answer(206, {}, "9"), "bad_response"],
    ["another part", part("bytes 0-0/10", "0"), "bad_response"],
    ["more than one byte", part("bytes 9-9/10", "99"), "bad_response"],
    ["416 of a blob that is long enough", unsatisfiable("*/10"), "bad_response"],
    ["a sign-in page", answer(200, { "content-type": "text/html" }, "<html>"), "bad_response"],
    ["compressed", whole(content, { "content-encoding": "gzip" }), "bad_response"],
    ["204", answer(204, {}), "bad_response"],
    ["403", answer(403, {}), "unauthorized"],
    ["500 for ever", answer(500, {}), "server_error"],
    ["an HTML 404", answer(404, { "content-type": "text/html" }, "<p>"), "bad_response"],
  ])("%s proves nothing", async (_name, handler, code) => {
    const { result } = await ask(handler, "range");
    expect((await errorOf(result)).code).toBe(code);
  });

  test("a blob beyond the budget whose Range is ignored is not read", async () => {
    const { client, result } = await ask(whole(Buffer.alloc(101)), "range", digest, 101);
    const error = await errorOf(result);
    expect([error.code, error.message]).toEqual([
      "limit",
      expect.stringContaining("101 bytes are more than the 100"),
    ]);
    expect(client.stats.bytes).toBe(0);
    const shorter = await ask(whole(Buffer.alloc(150)), "range", digest, 200);
    expect(await shorter.result).toEqual({ kind: "truncated", expected: 200, actual: 150 });
  });

  test("an empty blob is read whole", async () => {
    const nothing = Digest.sha256(empty);
    const sound = await ask(whole(empty), "range", nothing, 0);
    expect(await sound.result).toEqual({ kind: "present", bytes: 0, hashed: true });
    expect(sound.server.seen[0]?.headers.range).toBeUndefined();
    const filled = await ask(whole(content), "range", nothing, 0);
    expect(await filled.result).toEqual({ kind: "size_mismatch", expected: 0, actual: size });
  });

  test("the connection of a 416 and of a short part is never used again; that of a sound part is", async () => {
    const wrong = await ask(inTurn(unsatisfiable("*/4"), lastByte), "range");
    await wrong.result;
    expect(wrong.server.connections).toBe(2);
    while (wrong.server.closed === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const sound = await ask(lastByte, "range");
    await sound.result;
    await sound.client.blob("team/app", digest, size, "range");
    expect(sound.server.connections).toBe(1);
  });

  test("sha512 is hashed by sha512", async () => {
    const long = Digest.of("sha512", content);
    const { result } = await ask(whole(content), "range", long);
    expect(await result).toEqual({ kind: "present", bytes: size, hashed: true });
  });
});

describe("by HEAD", () => {
  test.each<[string, Handler, unknown]>([
    ["sound", whole(content), { kind: "present", bytes: 0, hashed: false }],
    [
      "without a length",
      whole(empty, { "transfer-encoding": "chunked" }),
      { kind: "present", bytes: 0, hashed: false },
    ],
    ["shorter", answer(200, { "content-length": 9 }), { kind: "truncated", expected: 10, actual: 9 }],
    ["longer", answer(200, { "content-length": 11 }), { kind: "size_mismatch", expected: 10, actual: 11 }],
    ["absent", answer(404, { "content-length": 30 }), { kind: "absent", status: 404, errorCode: null }],
  ])("%s", async (_name, handler, expected) => {
    const { server, client, result } = await ask(handler, "head");
    expect(await result).toEqual(expected);
    await client.blob("team/app", digest, size, "head");
    expect(server.seen.map((one) => one.method)).toEqual(["HEAD", "HEAD"]);
    expect(server.connections).toBe(1);
  });
});

describe("whole", () => {
  test.each<[string, Handler, unknown]>([
    ["sound", whole(content), { kind: "present", bytes: size, hashed: true }],
    [
      "sound the second time",
      inTurn(cut(200, { "content-length": size }, "0"), whole(content)),
      { kind: "present", bytes: size, hashed: true },
    ],
    ["short", whole(content.subarray(3)), { kind: "truncated", expected: 10, actual: 7 }],
    [
      "nothing where all was promised",
      cut(200, { "content-length": size }),
      { kind: "truncated", expected: 10, actual: 0 },
    ],
    [
      "long",
      whole(Buffer.concat([content, empty, content])),
      { kind: "size_mismatch", expected: 10, actual: 20 },
    ],
    ["changed", whole(Buffer.from("9876543210")), { kind: "digest_mismatch", actual: other.toString() }],
    ["absent", gone, missing],
  ])("%s", async (_name, handler, expected) => {
    const { result } = await ask(handler, "full");
    expect(await result).toEqual(expected);
  });

  test("an answer cut without a length proves nothing", async () => {
    const { result } = await ask((_request, response) => {
      response.write("0123");
      setTimeout(() => response.socket?.destroy(), 5);
    }, "full");
    expect((await errorOf(result)).code).toBe("unreachable");
  });
});

describe("time", () => {
  const long = Buffer.alloc(512 * 1024, 7);
  const slowly: Handler = (_request, response) => {
    response.writeHead(200, { "content-length": long.length });
    response.write(long.subarray(0, 10));
    setTimeout(() => response.end(long.subarray(10)), 350);
  };

  test("a whole blob has a second more for each MiB", async () => {
    const server = await harness.serve(slowly);
    const client = harness.client(server, { timeoutMs: 100 });
    const answer = await client.blob("app", Digest.sha256(long), long.length, "full");
    expect(answer).toEqual({ kind: "present", bytes: long.length, hashed: true });
  });

  test("and no more than that", async () => {
    const server = await harness.serve((_request, response) => {
      response.writeHead(200, { "content-length": long.length });
      response.write(long.subarray(0, 10));
    });
    const client = harness.client(server, { timeoutMs: 100, retries: 0 });
    const error = await errorOf(client.blob("app", Digest.sha256(long), long.length, "full"));
    expect(error.code).toBe("timeout");
    expect(error.message).toContain("within 600 ms");
  });
});
