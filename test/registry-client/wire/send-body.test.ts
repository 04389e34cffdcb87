import { RegistryError } from "../../../lib/registry-client/answers";
import type { BodySource, HttpRequest, Reply } from "../../../lib/registry-client/http-message";
import { keepBody } from "../../../lib/registry-client/http-message";
import { Harness } from "../harness";
import type { Handler } from "../scripted-server";
import { ok, RawServer } from "./raw-server";

const harness = new Harness();
afterEach(() => harness.end());

const fine: Handler = (_request, response) => void response.end("{}");

function source(
  size: number,
  pieces: readonly string[],
  onPiece: (nth: number) => void = () => undefined,
): BodySource {
  return {
    size,
    async *open() {
      for (const [nth, piece] of pieces.entries()) {
        onPiece(nth);
        yield Buffer.from(piece);
      }
    },
  };
}

async function put(handler: Handler, body: BodySource | Buffer, then = 0) {
  const server = await harness.serve(handler);
  const client = harness.client(server, { concurrency: 1, timeoutMs: 2000, retries: 0 });
  const size = Buffer.isBuffer(body) ? body.length : body.size;
  const request: HttpRequest = {
    method: "PUT",
    headers: ["Content-Length", String(size)],
    body,
    isOnce: true,
    planBody: () => keepBody(100),
  };
  const outcome = await client.session.request("/x", request, null, "tell").then(
    (reply: Reply): unknown => reply.status,
    (error: unknown) => error,
  );
  for (let i = 0; i < then; i += 1) await client.manifest("a", "b");
  return { server, outcome };
}

test.each<[string, BodySource | Buffer]>([
  ["bytes", Buffer.from("abcdef")],
  ["a source", source(6, ["ab", "", "cdef"])],
])("%s arrive whole, and the connection is kept", async (_name, body) => {
  const { server, outcome } = await put(fine, body, 1);
  expect([outcome, server.seen[0]?.body, server.connections]).toEqual([200, "abcdef", 1]);
});

test.each([
  ["more", source(3, ["abc", "GET /evil HTTP/1.1\r\n\r\n"])],
  ["fewer", source(9, ["abc"])],
])("a source that gives %s bytes than it said ends the connection", async (_name, body) => {
  const { server, outcome } = await put(fine, body);
  expect(outcome).toBeInstanceOf(RangeError);
  expect(server.seen.map(({ url }) => url)).not.toContain("/evil");
  while (server.closed < server.connections) await new Promise((resolve) => setTimeout(resolve, 2));
});

test("an error of the source is told as it is", async () => {
  const wrong = new Error("disk");
  const failing = source(3, ["abc", "d"], (nth) => {
    if (nth === 1) throw wrong;
  });
  expect((await put(fine, failing)).outcome).toBe(wrong);
});

test("a connection that ends under an upload is a failure that may pass", async () => {
  let given = 0;
  const endless: BodySource = {
    size: 1e9,
    async *open() {
      for (;;) {
        given += 1;
        yield Buffer.alloc(65_536);
      }
    },
  };
  const server = await harness.serve(fine);
  const client = harness.client(server, { retries: 0 });
  setTimeout(() => client.close(), 50);
  const request: HttpRequest = {
    method: "PUT",
    headers: ["Content-Length", "1000000000"],
    body: endless,
    isOnce: true,
    planBody: () => keepBody(100),
  };
  const outcome: unknown = await client.session
    .request("/x", request, null, "tell")
    .catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(RegistryError);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = given;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(given).toBe(before);
});

test("an answer before the body has gone out whole is the last on its connection", async () => {
  let goOn: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const body: BodySource = {
    size: 6,
    async *open() {
      yield Buffer.from("abc");
      await answered;
      yield Buffer.from("def");
    },
  };
  const raw = await RawServer.start((socket) => void socket.write(ok("{}")));
  const client = harness.client({ url: () => raw.url() }, { concurrency: 1, retries: 0 });
  const headers = ["Content-Length", "6"];
  const request: HttpRequest = { method: "PUT", headers, body, isOnce: true, planBody: () => keepBody(9) };
  expect((await client.session.request("/x", request, null, "tell")).status).toBe(200);
  goOn();
  expect((await client.manifest("a", "b")).kind).toBe("present");
  expect(raw.connections).toBe(2);
  await raw.close();
});
