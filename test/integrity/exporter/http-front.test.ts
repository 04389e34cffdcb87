import { connect, type Socket } from "node:net";
import { FRONT_LIMITS, HttpFront, plain } from "../../../lib/integrity/exporter/http-front";
import { rawHttp } from "../../support/raw-http";

const LIMITS = { ...FRONT_LIMITS, requestTimeoutMs: 150, answerTimeoutMs: 200, maxConnections: 4 };
const LONG_ANSWER = "x".repeat(32 * 1024 * 1024);

let front: HttpFront;
let errors: unknown[];
let paths: string[];

beforeEach(async () => {
  [errors, paths] = [[], []];
  front = await HttpFront.listen(
    {
      host: "127.0.0.1",
      port: 0,
      answer: (path) => {
        paths.push(path);
        if (path === "/throws") throw new Error("secret detail");
        return plain(200, path === "/long" ? LONG_ANSWER : `you asked for ${path}`);
      },
      onError: (error) => errors.push(error),
    },
    LIMITS,
  );
});

afterEach(() => front.close());

const url = (path = "/"): string => `http://127.0.0.1:${front.port}${path}`;

/** Sends bytes as they are; resolves with all that came back once the server has closed the connection. */
function exchange(text: string, watch: (socket: Socket) => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(front.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    watch(socket);
  });
}

test("GET and HEAD, with the query cut off and the guards on", async () => {
  const got = await rawHttp(url("/a?b=c"));
  expect([got.status, got.body.toString(), paths]).toEqual([200, "you asked for /a\n", ["/a"]]);
  expect(got.headers).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  });
  const head = await rawHttp(url("/a"), { method: "HEAD" });
  expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "17", 0]);
});

test.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])("%s is refused", async (method) => {
  const { status, headers } = await rawHttp(url(), { method });
  expect([status, headers.allow, headers.connection, paths]).toEqual([405, "GET, HEAD", "close", []]);
});

test.each([
  ["Content-Length: 5\r\n\r\nhello", 413],
  ["Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 413],
  ["Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 417],
])("a body is refused and not read: %j", async (rest, status) => {
  const answer = await exchange(`GET / HTTP/1.1\r\nHost: a\r\n${rest}`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(paths).toEqual([]);
});

test.each([
  ["a long URL", `GET /${"a".repeat(3_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 414],
  ["long headers", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(9_000)}\r\n\r\n`, 431],
  ["no HTTP", "hello\r\n\r\n", 400],
])("%s", async (_, text, status) => {
  expect(await exchange(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(paths).toEqual([]);
});

test("a client that never ends its headers is cut", async () => {
  const began = performance.now();
  const answer = await exchange("GET / HTTP/1.1\r\nHost: a\r\n", (socket) => {
    const drip = setInterval(() => socket.write("X: y\r\n"), 40);
    socket.on("close", () => clearInterval(drip));
  });
  expect(answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("a client that does not take its answer is cut", async () => {
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const socket = connect(front.port, "127.0.0.1", () => {
      socket.write("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
      socket.pause();
      setTimeout(() => socket.resume(), LIMITS.answerTimeoutMs + 150);
    });
    socket.on("error", () => undefined);
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.on("close", () => {
      expect(bytes).toBeLessThan(LONG_ANSWER.length);
      resolve();
    });
    socket.pause();
  });
  expect(performance.now() - began).toBeGreaterThan(LIMITS.answerTimeoutMs);
});

test("connections beyond the limit are dropped, and the others served", async () => {
  const held = Array.from({ length: LIMITS.maxConnections }, () => connect(front.port, "127.0.0.1"));
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
  expect(await exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
  for (const socket of held) socket.destroy();
});

test("what an answer throws is told to the log alone", async () => {
  const { status, body } = await rawHttp(url("/throws"));
  expect([status, body.toString()]).toEqual([500, "unexpected error: the log says which\n"]);
  expect(errors).toEqual([new Error("secret detail")]);
});

test("a port that is taken is told", async () => {
  const second = HttpFront.listen({
    host: "127.0.0.1",
    port: front.port,
    answer: () => plain(200, ""),
    onError: () => undefined,
  });
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("close ends idle connections at once and others soon", async () => {
  const answer = () => plain(200, LONG_ANSWER);
  const own = await HttpFront.listen({ host: "127.0.0.1", port: 0, answer, onError: () => undefined });
  const idle = connect(own.port, "127.0.0.1");
  const slow = connect(own.port, "127.0.0.1", () => slow.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  for (const socket of [idle, slow]) socket.on("error", () => undefined);
  slow.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const began = performance.now();
  await own.close();
  const tookMs = performance.now() - began;
  for (const socket of [idle, slow]) socket.destroy();
  expect(tookMs).toBeGreaterThan(FRONT_LIMITS.closeWithinMs / 2);
  expect(tookMs).toBeLessThan(FRONT_LIMITS.closeWithinMs + 500);
});
