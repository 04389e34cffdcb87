import { createServer } from "node:net";
import { Digest } from "../../lib/oci/digest";
import { errorOf, Harness } from "./harness";
import { type Handler, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const ok: Handler = (_request, response) => void response.end("{}");
const silent: Handler = () => undefined;
const digest = Digest.sha256(Buffer.from("0123456789"));

describe("connections", () => {
  test("are kept, and no more than asked for", async () => {
    const server = await harness.serve((_request, response) => void setTimeout(() => response.end("{}"), 2));
    const client = harness.client(server, { concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, (_, i) => client.manifest("a", `${i}`)));
    expect([server.seen.length, server.connections]).toEqual([30, 3]);
  });

  test("that are reset or refused are tried again, then unreachable", async () => {
    const server = await harness.serve((_request, response) => void response.socket?.resetAndDestroy());
    const error = await errorOf(harness.client(server).manifest("a", "b"));
    expect([error.code, error.retryable, error.status, server.seen.length]).toEqual([
      "unreachable",
      true,
      null,
      4,
    ]);
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const address = closed.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const refused = await errorOf(
      harness.client(server, { address: { host: "127.0.0.1", port } }).manifest("a", "b"),
    );
    expect([refused.code, refused.message]).toEqual(["unreachable", expect.stringContaining("ECONNREFUSED")]);
  });

  test("a reset that passes leaves no trace", async () => {
    const server = await harness.serve((request, response, nth) =>
      nth === 0 ? void response.socket?.resetAndDestroy() : ok(request, response, nth),
    );
    expect((await harness.client(server).manifest("a", "b")).kind).toBe("present");
  });

  test("a closed client answers no more, and what was under way ends", async () => {
    const server = await harness.serve(silent);
    const client = harness.client(server);
    const pending = errorOf(client.manifest("a", "b"));
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    client.close();
    expect((await pending).code).toBe("unreachable");
    expect((await errorOf(client.manifest("a", "b"))).message).toContain("closed");
    expect(server.seen).toHaveLength(1);
  });
});

describe("deadlines", () => {
  const dripping: Handler = (_request, response) => {
    response.writeHead(200, { "content-length": 1000 });
    const timer = setInterval(() => response.write("x"), 10);
    response.on("close", () => clearInterval(timer));
  };
  const headersOnly: Handler = (_request, response) =>
    response.writeHead(200, { "content-length": 5 }).flushHeaders();
  test.each<[string, Handler]>([
    ["silence", silent],
    ["a dripping body", dripping],
    ["headers without a body", headersOnly],
    [
      "a dripping error",
      (_request, response) => {
        response.writeHead(404, { "content-length": 1000 });
        const timer = setInterval(() => response.write("x"), 10);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ])("%s ends at the deadline, and is tried once more", async (_name, handler) => {
    const server = await harness.serve(handler);
    const startedAt = Date.now();
    const error = await errorOf(harness.client(server, { timeoutMs: 100 }).manifest("a", "b"));
    expect([error.code, error.retryable, server.seen.length]).toEqual(["timeout", true, 2]);
    expect(Date.now() - startedAt).toBeLessThan(1500);
    while (server.closed < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test("leave no timer behind once the answer is there", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
    const server = await harness.serve(ok);
    const client = harness.client(server, { timeoutMs: 60_000 });
    await client.manifest("a", "b");
    const before = timers();
    for (let i = 0; i < 10; i += 1) await client.manifest("a", "b");
    expect(timers()).toBeLessThan(before + 5);
  });

  test("waiting for a free socket is not counted", async () => {
    const server = await harness.serve(
      (_request, response) => void setTimeout(() => response.end("{}"), 100),
    );
    const client = harness.client(server, { concurrency: 1, timeoutMs: 1000 });
    const all = await Promise.all(Array.from({ length: 12 }, (_, i) => client.manifest("a", `${i}`)));
    expect(all.every((one) => one.kind === "present")).toBe(true);
    expect(server.seen).toHaveLength(12);
  });
});

describe("the walk's signal", () => {
  const never = (): Promise<void> => new Promise(() => undefined);
  test.each<[string, Handler, Record<string, unknown>]>([
    ["a request", silent, {}],
    ["a body", (_request, response) => response.writeHead(200, { "content-length": 10 }).flushHeaders(), {}],
    ["a pause before a retry", (_request, response) => refuse(response, 500, "X"), { sleep: never }],
    ["a turn", silent, { acquire: never }],
  ])("ends %s at once", async (_name, handler, options) => {
    const abort = new AbortController();
    const server = await harness.serve(handler);
    const client = harness.client(server, { signal: abort.signal, ...options });
    const pending = errorOf(client.manifest("a", "b"));
    const queued = errorOf(client.blob("a", digest, 10, "range"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const abortedAt = Date.now();
    abort.abort();
    expect([(await pending).code, (await queued).code]).toEqual(["budget_spent", "budget_spent"]);
    expect(Date.now() - abortedAt).toBeLessThan(100);
    const sent = server.seen.length;
    expect((await errorOf(client.manifest("a", "b"))).code).toBe("budget_spent");
    expect(server.seen).toHaveLength(sent);
  });

  test("ends what waits for a socket too: it is never sent", async () => {
    const abort = new AbortController();
    const server = await harness.serve(silent);
    // Without retries, so that it is the abort that is told, not the connection that it ended.
    const client = harness.client(server, { signal: abort.signal, concurrency: 1, retries: 0 });
    const all = ["1", "2", "3"].map((tag) => errorOf(client.manifest("a", tag)));
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    abort.abort();
    expect((await Promise.all(all)).map((one) => one.code)).toEqual(Array(3).fill("budget_spent"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.seen).toHaveLength(1);
    // Node may open a connection for a request that ended in its queue; none stays behind.
    expect(server.closed).toBe(server.connections);
  });

  test("that came before sends nothing", async () => {
    const server = await harness.serve(ok);
    const client = harness.client(server, { signal: AbortSignal.abort() });
    expect((await errorOf(client.manifest("a", "b"))).code).toBe("budget_spent");
    expect(server.connections).toBe(0);
  });
});
