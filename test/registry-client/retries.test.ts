import { errorOf, Harness } from "./harness";
import { type Handler, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const ok: Handler = (_request, response) => void response.end("{}");

describe("retries", () => {
  test.each([408, 429, 500, 502, 503, 504])("%d passes", async (status) => {
    const server = await harness.serve((request, response, nth) =>
      nth < 3 ? refuse(response, status, "X") : ok(request, response, nth),
    );
    expect((await harness.client(server).manifest("a", "b")).kind).toBe("present");
    expect(harness.slept).toEqual([200, 400, 800]);
  });

  test.each([
    [408, "timeout", true],
    [429, "throttled", true],
    [500, "server_error", true],
    [503, "server_error", true],
  ])("%d for ever is %s, after four tries", async (status, code, retryable) => {
    const server = await harness.serve((_request, response) => refuse(response, status, "SOME_CODE"));
    const error = await errorOf(harness.client(server).manifest("a", "b"));
    expect([error.code, error.status, error.retryable, server.seen.length]).toEqual([
      code,
      status,
      retryable,
      4,
    ]);
    expect(error.message).toContain(`/v2/a/manifests/b answered ${status} SOME_CODE`);
  });

  test.each([400, 403, 418, 501])("%d is not asked again", async (status) => {
    const server = await harness.serve((_request, response) => refuse(response, status, "X"));
    await errorOf(harness.client(server).manifest("a", "b"));
    expect(server.seen).toHaveLength(1);
  });

  test("the number of tries is the caller's", async () => {
    const server = await harness.serve((_request, response) => refuse(response, 500, "X"));
    await errorOf(harness.client(server, { retries: 0 }).manifest("a", "b"));
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ["7", 7000],
    ["0", 200],
    ["3600", 30_000],
    [() => new Date(Date.now() + 12_500).toUTCString(), 12_000],
    ["nonsense", 200],
  ])("Retry-After %s", async (value, expected) => {
    const retryAfter = typeof value === "string" ? value : value();
    const server = await harness.serve((request, response, nth) =>
      nth === 0 ? refuse(response, 429, "X", { "retry-after": retryAfter }) : ok(request, response, nth),
    );
    await harness.client(server).manifest("a", "b");
    expect(harness.slept[0]).toBeGreaterThan(expected - 1500);
    expect(harness.slept[0]).toBeLessThanOrEqual(expected + 600);
  });

  test("what throttles is counted and told, 403 with Retry-After too", async () => {
    let throttled = 0;
    const server = await harness.serve((request, response, nth) => {
      if (nth === 0) return refuse(response, 429, "X");
      if (nth === 1) return refuse(response, 403, "X", { "retry-after": "1" });
      ok(request, response, nth);
    });
    const client = harness.client(server, { onThrottled: () => (throttled += 1) });
    await client.manifest("a", "b");
    expect([throttled, client.stats.throttled, client.stats.requests]).toEqual([2, 2, 3]);
  });

  test("every request sent waits for its turn first", async () => {
    let turns = 0;
    const server = await harness.serve((request, response, nth) => {
      if (nth === 0) return refuse(response, 500, "X");
      if (nth === 1) return void response.writeHead(307, { location: "/moved" }).end();
      ok(request, response, nth);
    });
    const acquire = async (): Promise<void> => {
      turns += 1;
    };
    await harness.client(server, { acquire }).manifest("a", "b");
    expect([turns, server.seen.length]).toEqual([3, 3]);
  });
});
