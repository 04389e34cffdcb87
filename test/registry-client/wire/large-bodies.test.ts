import type { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LARGE_BODY_BYTES, LargeBodies } from "../../../lib/registry-client/wire/large-bodies";
import { errorOf, Harness } from "../harness";
import { selfSigned } from "../self-signed";
import { type RawAnswer, RawServer } from "./raw-server";

const SIZE = 4 * 1024 * 1024;
const MANY = 6;
/** What the others may hold: what they had read when they learnt that they are large, and one read more. */
const BEFORE_TURN = LARGE_BODY_BYTES + 2 * 64 * 1024;
const BODY = Buffer.alloc(SIZE, "x");

const harness = new Harness();
const servers: RawServer[] = [];
afterEach(async () => {
  await harness.end();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: RawAnswer): Promise<RawServer> {
  const server = await RawServer.start(answer);
  servers.push(server);
  return server;
}

const TOLD = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`;
const CHUNKED = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${SIZE.toString(16)}\r\n`;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("the line is first come, first served; who leaves it holds up nobody", async () => {
  const bodies = new LargeBodies();
  const [a, b, c, d] = [{}, {}, {}, {}];
  const went: string[] = [];
  expect(bodies.join(a)).toBeNull();
  for (const [name, body] of Object.entries({ b, c, d })) void bodies.join(body)?.then(() => went.push(name));
  bodies.leave(c);
  bodies.leave({});
  await Promise.resolve();
  expect(went).toEqual([]);
  bodies.leave(a);
  await Promise.resolve();
  expect(went).toEqual(["b"]);
  bodies.leave(a);
  await Promise.resolve();
  expect(went).toEqual(["b"]);
  bodies.leave(b);
  bodies.leave(d);
  await Promise.resolve();
  expect(went).toEqual(["b", "d"]);
  expect(bodies.join(a)).toBeNull();
});

test.each([
  ["told", TOLD, "", 2 * 64 * 1024],
  ["not told", CHUNKED, "\r\n0\r\n\r\n", BEFORE_TURN],
])("of many large bodies whose length is %s one is read at a time", async (_name, head, end, each) => {
  const open: Socket[] = [];
  // All but the last byte: nobody can be done before it is let go.
  const server = await serve((socket) => {
    open.push(socket);
    socket.write(head);
    socket.write(BODY.subarray(1));
  });
  const client = harness.client(server, { concurrency: MANY });
  const answers = Array.from({ length: MANY }, (_, i) => client.manifest("a", `${i}`));
  await until(() => open.length === MANY && client.stats.bytes >= SIZE - 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  // None is over, so that what was read is what is held.
  expect(client.stats.bytes).toBeLessThanOrEqual(SIZE + (MANY - 1) * each);
  for (const socket of open) socket.write(`x${end}`);
  for (const answer of await Promise.all(answers)) {
    expect(answer.kind === "present" && answer.body.equals(BODY)).toBe(true);
  }
  expect([client.stats.requests, server.connections]).toEqual([MANY, MANY]);
});

test("over TLS, where more may come of what was taken apart already", async () => {
  const own = selfSigned("registry.example");
  const server = await harness.serve((request, response) => {
    if (request.url.endsWith("/0")) response.writeHead(200, { "content-length": SIZE });
    response.end(BODY);
  }, own);
  const url = { url: () => server.url("/", "registry.example") };
  const address = { host: "127.0.0.1", port: server.port };
  const client = harness.client(url, { concurrency: 3, ca: own.cert, address });
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => client.manifest("a", `${i}`)));
    for (const answer of answers) expect(answer.kind === "present" && answer.body.equals(BODY)).toBe(true);
  }
  expect([client.stats.requests, server.connections]).toEqual([18, 3]);
});

test("a small body waits for no large one", async () => {
  const server = await serve((socket, head) => {
    if (head.includes("/large")) socket.write(TOLD);
    else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  const client = harness.client(server);
  const large = errorOf(client.manifest("a", "large"));
  await until(() => server.seen.length === 1);
  expect((await client.manifest("a", "small")).kind).toBe("present");
  client.close();
  await large;
});

/** The first is never whole; the others are, at once. */
const firstStalls: RawAnswer = (socket, _head, _nth, connection) => {
  socket.write(TOLD);
  socket.write(connection === 0 ? BODY.subarray(1) : BODY);
};

test("time that is waited for a turn is not the server's; the one that stalls gives up its turn", async () => {
  const server = await serve(firstStalls);
  const client = harness.client(server, { timeoutMs: 300, retries: 0 });
  const first = errorOf(client.manifest("a", "1"));
  await until(() => client.stats.bytes > 0);
  const began = performance.now();
  // The connections of these are older than the time-out when their turn comes.
  const rest = Promise.all(["2", "3"].map((name) => client.manifest("a", name)));
  expect((await first).code).toBe("timeout");
  expect((await rest).map(({ kind }) => kind)).toEqual(["present", "present"]);
  expect(performance.now() - began).toBeLessThan(5000);
});

test("a body has a time-out of its own from its turn on", async () => {
  const server = await serve((socket) => socket.write(TOLD));
  const client = harness.client(server, { timeoutMs: 100, retries: 0 });
  const errors = await Promise.all(["1", "2", "3"].map((name) => errorOf(client.manifest("a", name))));
  expect(errors.map(({ code }) => code)).toEqual(["timeout", "timeout", "timeout"]);
  // Nothing is left in the line.
  expect((await errorOf(client.manifest("a", "4"))).code).toBe("timeout");
});

test("an end to all ends those that wait too", async () => {
  const server = await serve((socket) => socket.write(TOLD));
  const walk = new AbortController();
  const client = harness.client(server, { signal: walk.signal });
  const errors = ["1", "2", "3"].map((name) => errorOf(client.manifest("a", name)));
  await until(() => server.seen.length === 3);
  walk.abort();
  for (const error of errors) expect((await error).code).toBe("budget_spent");
  await server.sawClosed(3);
});

test("a body that was held up and then ended early proves nothing; it is asked for again", async () => {
  let isCut = true;
  const server = await serve((socket, head, _nth, connection) => {
    if (connection === 0) {
      socket.write(TOLD);
      return;
    }
    socket.write(TOLD);
    // A server that ends what nobody reads for long.
    if (isCut && head.includes("/2")) socket.end("x".repeat(1000));
    else socket.write(BODY);
  });
  const client = harness.client(server, { timeoutMs: 300, retries: 1 });
  const first = client.manifest("a", "1");
  await until(() => server.seen.length === 1);
  const second = client.manifest("a", "2");
  await until(() => server.seen.length === 2);
  isCut = false;
  expect((await second).kind).toBe("present");
  expect((await first).kind).toBe("present");
  expect(harness.slept.length).toBeGreaterThanOrEqual(2);
});

test("an idle connection holds no body", async () => {
  const server = await serve((socket) => {
    socket.write(TOLD);
    socket.write(BODY);
  });
  const client = harness.client(server);
  let collected = 0;
  const registry = new FinalizationRegistry(() => {
    collected += 1;
  });
  await Promise.all(
    Array.from({ length: 4 }, async (_, i) => {
      const answer = await client.manifest("a", `${i}`);
      if (answer.kind === "present") registry.register(answer.body, null);
    }),
  );
  setFlagsFromString("--expose-gc");
  const gc: () => void = runInNewContext("gc");
  for (let nth = 0; nth < 50 && collected < 4; nth += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(collected).toBe(4);
});
