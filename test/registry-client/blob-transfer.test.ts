import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Digest } from "../../lib/oci/digest";
import { blobSource } from "../../lib/registry-client/blob-source";
import { BlobWriter } from "../../lib/registry-client/blob-writer";
import type { BodySource } from "../../lib/registry-client/http-message";
import { WrongContentError } from "../../lib/registry-client/verified-body";
import { EmbeddedRegistry, type EmbeddedRegistryOptions } from "../../lib/testing";
import { collect, errorOf, Harness } from "./harness";
import { refuse } from "./scripted-server";

const harness = new Harness();
const registries: EmbeddedRegistry[] = [];
afterEach(async () => {
  await harness.end();
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
});

const CREDENTIALS = { username: "ada", password: "s3cret" };
const content = Buffer.from("the bytes of a layer, in more than one chunk");
const digest = Digest.sha256(content);

async function registryOf(options: EmbeddedRegistryOptions = {}): Promise<EmbeddedRegistry> {
  const registry = await EmbeddedRegistry.start(options);
  registries.push(registry);
  return registry;
}

function clientOf(url: string, options: Parameters<Harness["client"]>[1] = {}) {
  return harness.client({ url: () => new URL(url) }, options);
}

/** In pieces of eight bytes; `closed` says whether whoever read it let go of it. */
function source(bytes: Buffer, size = bytes.length): BodySource & { opened: number; closed: number } {
  const counted = {
    size,
    opened: 0,
    closed: 0,
    open: async function* () {
      counted.opened += 1;
      try {
        for (let at = 0; at < bytes.length; at += 8) yield bytes.subarray(at, at + 8);
      } finally {
        counted.closed += 1;
      }
    },
  };
  return counted;
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("upload", () => {
  test.each<[string, EmbeddedRegistryOptions]>([
    ["nobody", {}],
    ["Basic", { auth: { basic: CREDENTIALS } }],
    ["Bearer", { auth: { bearer: { credentials: CREDENTIALS } } }],
  ])("a blob arrives whole where %s is asked for", async (_, options) => {
    const registry = await registryOf(options);
    const client = clientOf(registry.url, { credentials: CREDENTIALS });
    await new BlobWriter(client.session).upload("team/app", digest, source(content));
    expect(await client.readBlob("team/app", digest, 1000)).toEqual({ kind: "present", body: content });
  });

  test("an empty blob", async () => {
    const registry = await registryOf();
    const client = clientOf(registry.url);
    const none = Digest.sha256(Buffer.alloc(0));
    await new BlobWriter(client.session).upload("a", none, source(Buffer.alloc(0)));
    expect((await client.blob("a", none, 0, "full")).kind).toBe("present");
  });

  test.each([
    ["relative", "/v2/a/blobs/uploads/7?_state=x%2Fy", "/v2/a/blobs/uploads/7?_state=x%2Fy&digest="],
    ["relative, without a query", "/elsewhere/7", "/elsewhere/7?digest="],
  ])("goes on at the Location, %s", async (_, location, put) => {
    const server = await harness.serve((request, response) => {
      response.writeHead(request.method === "POST" ? 202 : 201, { location }).end();
    });
    await new BlobWriter(harness.client(server).session).upload("a", digest, source(content));
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /v2/a/blobs/uploads/",
      `PUT ${put}${encodeURIComponent(`${digest}`)}`,
    ]);
    expect(server.seen[1]).toMatchObject({
      body: content.toString(),
      headers: { "content-length": `${content.length}` },
    });
  });

  test("a Location on another host gets neither bytes nor credentials", async () => {
    const registry = await registryOf({ auth: { basic: CREDENTIALS } });
    registry.script({
      method: "POST",
      fault: {
        kind: "reply",
        change: (reply) =>
          reply.status === 202
            ? { ...reply, headers: { ...reply.headers, location: `${registry.otherUrl}/v2/a?_state=s3cret` } }
            : reply,
      },
    });
    const client = clientOf(registry.url, { credentials: CREDENTIALS });
    const bytes = source(content);
    const error = await errorOf(new BlobWriter(client.session).upload("a", digest, bytes));
    expect([error.code, error.message.includes("another host"), error.message.includes("s3cret")]).toEqual([
      "bad_response",
      true,
      false,
    ]);
    expect([
      bytes.opened,
      registry.leaks,
      registry.requests.filter((one) => one.listener === "other-host"),
    ]).toEqual([0, [], []]);
  });

  test.each<[string, BodySource]>([
    ["other bytes", source(Buffer.from("The bytes of a layer, in more than one chunk"))],
    ["too few bytes", source(content.subarray(1), content.length)],
    ["too many bytes", source(Buffer.concat([content, content]), content.length)],
  ])("of %s the registry never has a whole body", async (_, bytes) => {
    const registry = await registryOf();
    const client = clientOf(registry.url);
    const error = await thrownBy(new BlobWriter(client.session).upload("a", digest, bytes));
    expect(error).toBeInstanceOf(WrongContentError);
    expect((await client.blob("a", digest, content.length, "full")).kind).toBe("absent");
    expect(registry.requests.filter(({ method, status }) => method === "PUT" && status !== null)).toEqual([]);
    expect(registry.requests.map(({ method }) => method)).toContain("DELETE");
  });

  test("a refusal in mid-body is the answer; it is not sent again, and the source is let go of", async () => {
    const endless: BodySource & { closed?: boolean } = {
      size: 1_000_000_000,
      open: async function* () {
        try {
          for (;;) yield Buffer.alloc(65_536);
        } finally {
          endless.closed = true;
        }
      },
    };
    let puts = 0;
    // The scripted server reads a body to its end before it answers: this one does not.
    const server = createServer((request, response) => {
      if (request.method === "POST") response.writeHead(202, { location: "/u" }).end();
      else if (request.method === "PUT") {
        puts += 1;
        refuse(response, 413, "SIZE_INVALID");
      } else response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const client = clientOf(`http://127.0.0.1:${port}`);
    const error = await errorOf(new BlobWriter(client.session).upload("a", digest, endless));
    expect([["bad_response", "unreachable"].includes(error.code), puts]).toEqual([true, 1]);
    for (let i = 0; i < 100 && endless.closed !== true; i++) await new Promise((r) => setTimeout(r, 5));
    expect(endless.closed).toBe(true);
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("the source is read no faster than the connection takes it", async () => {
    let given = 0;
    const large: BodySource = {
      size: 256 * 1024 * 1024,
      open: async function* () {
        for (; given < this.size; given += 65_536) yield Buffer.alloc(65_536);
      },
    };
    const server = createServer((request, response) => {
      if (request.method === "POST") response.writeHead(202, { location: "/u" }).end();
      else request.pause();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const client = clientOf(`http://127.0.0.1:${port}`);
    const ended = thrownBy(new BlobWriter(client.session).upload("a", digest, large));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const held = given;
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await ended).not.toBeNull();
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("mount", () => {
  test("no bytes travel where the neighbour has the blob", async () => {
    const registry = await registryOf({ auth: { bearer: { credentials: CREDENTIALS } } });
    const client = clientOf(registry.url, { credentials: CREDENTIALS });
    const writer = new BlobWriter(client.session);
    await writer.upload("base", digest, source(content));
    expect(await writer.mount("app", digest, "base")).toBe(true);
    expect((await client.blob("app", digest, content.length, "full")).kind).toBe("present");
  });

  test("an upload offered in its place is taken back", async () => {
    const registry = await registryOf();
    const writer = new BlobWriter(clientOf(registry.url).session);
    expect(await writer.mount("app", digest, "base")).toBe(false);
    expect(registry.requests.map(({ method, status }) => [method, status])).toEqual([
      ["POST", 202],
      ["DELETE", 204],
    ]);
  });
});

describe("a blob as a source", () => {
  test("gives its bytes, after a redirect too, and the other host no credentials", async () => {
    const registry = await registryOf({
      auth: { basic: CREDENTIALS },
      behaviour: { redirectBlobs: true },
    });
    const client = clientOf(registry.url, { credentials: CREDENTIALS });
    await new BlobWriter(client.session).upload("a", digest, source(content));
    const chunks = await collect(blobSource(client.session, "a", digest, content.length).open());
    expect(Buffer.concat(chunks)).toEqual(content);
    expect(registry.leaks).toEqual([]);
  });

  test.each<[string, Parameters<EmbeddedRegistry["script"]>[0]["fault"], string]>([
    ["cut short", { kind: "truncate-body", bytes: 5 }, "unreachable"],
    ["endless", { kind: "huge-body" }, "body_too_large"],
    ["refused", { kind: "status", status: 500 }, "server_error"],
  ])("%s: the iterator throws", async (_, fault, code) => {
    const registry = await registryOf();
    const client = clientOf(registry.url);
    await new BlobWriter(client.session).upload("a", digest, source(content));
    const hits = registry.script({ method: "GET", fault });
    const error = await errorOf(collect(blobSource(client.session, "a", digest, content.length).open()));
    expect([error.code, hits.hits]).toEqual([code, 1]);
  });

  test("one that nobody reads on holds little, and lets go of the connection", async () => {
    const size = 64 * 1024 * 1024;
    let closed = false;
    const server = createServer((_request, response) => {
      response.on("close", () => {
        closed = true;
      });
      response.writeHead(200, { "content-length": size }).end(Buffer.alloc(size));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const client = clientOf(`http://127.0.0.1:${port}`);
    const chunks = blobSource(client.session, "a", digest, size).open()[Symbol.asyncIterator]();
    expect((await chunks.next()).done).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.stats.bytes).toBeLessThan(1024 * 1024);
    await chunks.return?.();
    for (let i = 0; i < 200 && !closed; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(closed).toBe(true);
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
