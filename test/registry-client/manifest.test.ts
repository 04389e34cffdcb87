import { gzipSync } from "node:zlib";
import { Digest } from "../../lib/oci/digest";
import { MANIFEST_ACCEPT, MediaType } from "../../lib/oci/media-type";
import { errorOf, Harness } from "./harness";
import { cutAfter, type Handler, json, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const body = Buffer.from('{"schemaVersion":2}');

test("a manifest is its bytes, its type and its digest header, asked for with all four types", async () => {
  const server = await harness.serve((_request, response) => {
    response.writeHead(200, { "content-type": MediaType.ociIndex, "docker-content-digest": "sha256:1" });
    response.end(body);
  });
  const client = harness.client(server);
  expect(await client.manifest("team/app", "latest")).toEqual({
    kind: "present",
    body,
    contentType: MediaType.ociIndex,
    contentDigest: "sha256:1",
  });
  const [seen] = server.seen;
  expect([seen?.method, seen?.url]).toEqual(["GET", "/v2/team/app/manifests/latest"]);
  expect(seen?.headers.accept?.split(", ")).toEqual(MANIFEST_ACCEPT);
  expect(seen?.headers["accept-encoding"]).toBe("identity");
  expect(seen?.headers.host).toBe(client.host);
  expect(client.stats).toEqual({ requests: 1, throttled: 0, bytes: body.length });
});

test("headers that are missing are null", async () => {
  const server = await harness.serve((_request, response) => response.end(body));
  expect(await harness.client(server).manifest("a", "b")).toMatchObject({
    contentType: null,
    contentDigest: null,
  });
});

test.each([
  [404, "MANIFEST_UNKNOWN", "MANIFEST_UNKNOWN"],
  [410, "GONE", "GONE"],
  [404, "not a code \u001b[2J", null],
])("%d %j is an absence, and is not asked again", async (status, code, expected) => {
  const server = await harness.serve((_request, response) => refuse(response, status, code));
  expect(await harness.client(server).manifest("a", "b")).toEqual({
    kind: "absent",
    status,
    errorCode: expected,
  });
  expect(server.seen).toHaveLength(1);
});

test("a 404 in plain text, or longer than an error is, is an absence without a code", async () => {
  const server = await harness.serve((_request, response, nth) => {
    response.writeHead(404, { "content-type": "text/plain" });
    response.end(nth === 0 ? "404 page not found" : Buffer.alloc(1_000_000));
  });
  const client = harness.client(server);
  for (let i = 0; i < 2; i += 1) {
    expect(await client.manifest("a", "b")).toEqual({ kind: "absent", status: 404, errorCode: null });
  }
});

const cut: Handler = (_request, response) => cutAfter(response, 200, { "content-length": 100 }, "0123456789");

test("a body shorter than its Content-Length is truncated, after one more look, on another connection", async () => {
  const server = await harness.serve(cut);
  expect(await harness.client(server).manifest("a", "b")).toEqual({
    kind: "truncated",
    expected: 100,
    actual: 10,
  });
  expect([server.seen.length, server.connections]).toEqual([2, 2]);
});

test("a body cut short once is whole the second time", async () => {
  const server = await harness.serve((request, response, nth) =>
    nth === 0 ? cut(request, response, nth) : void response.end(body),
  );
  expect(await harness.client(server).manifest("a", "b")).toMatchObject({ kind: "present", body });
});

test("a cut without Content-Length proves nothing: unreachable, after all tries", async () => {
  const server = await harness.serve((_request, response) => {
    response.writeHead(200);
    response.write("0123456789");
    setTimeout(() => response.socket?.destroy(), 5);
  });
  const error = await errorOf(harness.client(server).manifest("a", "b"));
  expect([error.code, error.retryable, server.seen.length]).toEqual(["unreachable", true, 4]);
});

test.each<[string, Handler]>([
  [
    "announced",
    (_request, response) => void response.writeHead(200, { "content-length": 2_000_000 }).flushHeaders(),
  ],
  [
    "endless",
    (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once("drain", more);
      };
      more();
    },
  ],
])("a body beyond the cap is refused, and not read to its end: %s", async (_name, handler) => {
  const server = await harness.serve(handler);
  const client = harness.client(server, { maxManifestBytes: 1_000_000 });
  expect((await errorOf(client.manifest("a", "b"))).code).toBe("body_too_large");
  expect(client.stats.bytes).toBeLessThan(1_200_000);
  while (server.closed === 0) await new Promise((resolve) => setTimeout(resolve, 2));
});

test.each<[string, Handler]>([
  [
    "an HTML page",
    (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
  ],
  [
    "compressed",
    (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body)),
  ],
  ["204", (_request, response) => void response.writeHead(204).end()],
  ["206", (_request, response) => void response.writeHead(206).end(body)],
  ["304", (_request, response) => void response.writeHead(304).end()],
  [
    "an HTML 404",
    (_request, response) => void response.writeHead(404, { "content-type": "text/html" }).end("<p>"),
  ],
  ["no HTTP", (_request, response) => void response.socket?.end("SSH-2.0-x\r\n\r\n")],
])("%s is no manifest", async (_name, handler) => {
  const server = await harness.serve(handler);
  expect((await errorOf(harness.client(server).manifest("a", "b"))).code).toBe("bad_response");
  expect(server.seen).toHaveLength(1);
});

describe("a small blob", () => {
  const digest = Digest.sha256(body);
  test.each<[string, Handler, unknown]>([
    ["sound", (_request, response) => void response.end(body), { kind: "present", body }],
    [
      "absent",
      (_request, response) => refuse(response, 404, "BLOB_UNKNOWN"),
      { kind: "absent", status: 404, errorCode: "BLOB_UNKNOWN" },
    ],
    ["cut", cut, { kind: "truncated", expected: 100, actual: 10 }],
    [
      "changed",
      (_request, response) => void response.end("x"),
      {
        kind: "digest_mismatch",
        actual: Digest.sha256(Buffer.from("x")).toString(),
      },
    ],
  ])("%s", async (_name, handler, expected) => {
    const server = await harness.serve(handler);
    expect(await harness.client(server).readBlob("a", digest, 1000)).toEqual(expected);
  });

  test("larger than is asked for", async () => {
    const server = await harness.serve((_request, response) => void response.end(body));
    const error = await errorOf(harness.client(server).readBlob("a", digest, body.length - 1));
    expect(error.code).toBe("body_too_large");
  });
});

describe("putting a manifest back", () => {
  test("its bytes and its type", async () => {
    const server = await harness.serve((_request, response) => void response.writeHead(201).end());
    await harness.client(server).putManifest("a/b", "sha256:1", MediaType.ociManifest, body);
    expect(server.seen).toMatchObject([
      {
        method: "PUT",
        url: "/v2/a/b/manifests/sha256:1",
        body: body.toString(),
        headers: { "content-type": MediaType.ociManifest, "content-length": String(body.length) },
      },
    ]);
  });

  test.each([
    [400, "MANIFEST_BLOB_UNKNOWN", "bad_response"],
    [403, "DENIED", "unauthorized"],
    [307, "X", "bad_response"],
  ])("refused by %d %s", async (status, errorCode, code) => {
    const server = await harness.serve((_request, response) =>
      json(response, { errors: [{ code: errorCode }] }, status, { location: "/elsewhere" }),
    );
    const error = await errorOf(harness.client(server).putManifest("a", "b", MediaType.ociManifest, body));
    expect([error.code, error.status, server.seen.length]).toEqual([code, status, 1]);
    expect(error.message).toContain(errorCode);
  });
});
