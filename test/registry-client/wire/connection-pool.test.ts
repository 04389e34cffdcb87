import { Digest } from "../../../lib/oci/digest";
import { errorOf, Harness } from "../harness";
import { ok, type RawAnswer, RawServer } from "./raw-server";

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

/** Without retries: what is sent again is sent again by the connections. */
function client(server: RawServer, options: Parameters<Harness["client"]>[1] = {}) {
  return harness.client({ url: () => server.url() }, { retries: 0, ...options });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("connections", () => {
  test("serve who waits in turn", async () => {
    const server = await serve((socket) => void setTimeout(() => socket.write(ok()), 1));
    const one = client(server, { concurrency: 1 });
    const order: number[] = [];
    const all = Array.from({ length: 20 }, (_, i) => one.manifest("a", `${i}`).then(() => order.push(i)));
    await Promise.all(all);
    const inTurn = Array.from({ length: 20 }, (_, i) => i);
    expect(server.seen).toEqual(inTurn.map((i) => `GET /v2/a/manifests/${i} HTTP/1.1`));
    expect([order, server.connections]).toEqual([inTurn, 1]);
  });

  test("the one used last is used next: the others may be closed", async () => {
    const server = await serve((socket, _head, _nth, connection) => {
      setTimeout(() => socket.write(ok(`{"connection":${connection}}`)), 5 + 10 * connection);
    });
    const three = client(server, { concurrency: 3 });
    await Promise.all(["1", "2", "3"].map((tag) => three.manifest("a", tag)));
    for (let i = 0; i < 5; i += 1) {
      const answer = await three.manifest("a", "b");
      expect("body" in answer && answer.body.toString()).toBe('{"connection":2}');
    }
  });

  test("end with the client, those at rest too, and hold up no process", async () => {
    const server = await serve((socket) => void socket.write(ok()));
    const four = client(server);
    await Promise.all(["1", "2", "3", "4"].map((tag) => four.manifest("a", tag)));
    expect(process.getActiveResourcesInfo().filter((one) => one === "Timeout").length).toBeLessThan(4);
    four.close();
    await server.sawClosed(server.connections);
  });

  test("that the server closes while they rest are replaced", async () => {
    const server = await serve((socket) => void socket.write(ok()));
    const four = client(server);
    for (let i = 1; i <= 3; i += 1) {
      expect((await four.manifest("a", `${i}`)).kind).toBe("present");
      for (const socket of server.sockets) socket.end();
      await server.sawClosed(i);
      await pause(5);
    }
    expect([server.connections, server.seen.length]).toEqual([3, 3]);
  });

  test("are not used beyond the time for which the server keeps them", async () => {
    const server = await serve((socket) => void socket.write(ok("{}", "Keep-Alive: timeout=1, max=9\r\n")));
    const four = client(server);
    await four.manifest("a", "1");
    await four.manifest("a", "2");
    expect(server.connections).toBe(2);
    await server.sawClosed(2);
  });

  test.each(["Connection: close\r\n", "Connection: keep-alive, close\r\n"])("%j is heard", async (header) => {
    const server = await serve((socket) => void socket.write(ok("{}", header)));
    const four = client(server);
    await four.manifest("a", "1");
    await four.manifest("a", "2");
    expect(server.connections).toBe(2);
    await server.sawClosed(2);
  });

  test("hundreds of answers of all kinds leave none behind", async () => {
    const kinds = [
      ok(),
      ok("{}", "Connection: close\r\n"),
      "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz",
      "nonsense\r\n",
      `HTTP/1.1 200 OK\r\nContent-Length: ${1e9}\r\n\r\n`,
      `${ok()}${ok("surplus")}`,
    ];
    const server = await serve((socket, head) => {
      const nth = Number(/manifests\/(\d+)/.exec(head)?.[1]);
      socket.write(kinds[nth % kinds.length] ?? "");
    });
    const four = client(server);
    const all = Array.from({ length: 400 }, (_, i) =>
      four.manifest("a", `${i}`).then(
        () => true,
        () => false,
      ),
    );
    const answered = await Promise.all(all);
    expect(answered).toEqual(all.map((_, i) => ![4, 5, 6].includes(i % kinds.length)));
    four.close();
    await server.sawClosed(server.connections);
    expect(server.sockets.size).toBe(0);
  });
});

describe("a kept connection that the server closed in the same moment", () => {
  const closing: RawAnswer = (socket, _head, nth) => {
    if (nth === 0) socket.write(ok());
    else socket.destroy();
  };

  test.each<[string, RawAnswer]>([
    ["closed", closing],
    ["reset", (socket, _head, nth) => void (nth === 0 ? socket.write(ok()) : socket.resetAndDestroy())],
  ])("and %s: a GET is sent once more, on a new one", async (_name, answer) => {
    const server = await serve(answer);
    const one = client(server);
    await one.manifest("a", "1");
    expect((await one.manifest("a", "2")).kind).toBe("present");
    expect(server.seen.map((line) => line.split("/").at(-2)?.split(" ")[0])).toEqual(["1", "2", "2"]);
    expect([server.connections, one.stats.requests, harness.slept]).toEqual([2, 3, []]);
  });

  test("is no reason to send a third time", async () => {
    let isBroken = false;
    const server = await serve((socket) => void (isBroken ? socket.destroy() : socket.write(ok())));
    const one = client(server, { concurrency: 2 });
    await Promise.all([one.manifest("a", "1"), one.manifest("a", "1")]);
    isBroken = true;
    const error = await errorOf(one.manifest("a", "2"));
    expect([error.code, error.retryable, server.seen.length]).toEqual(["unreachable", true, 4]);
  });

  test("is replaced by a new one also where others wait", async () => {
    const server = await serve(closing);
    const one = client(server, { concurrency: 1 });
    await one.manifest("a", "1");
    const both = await Promise.all([one.manifest("a", "2"), one.manifest("a", "3")]);
    expect(both.map(({ kind }) => kind)).toEqual(["present", "present"]);
    expect([server.connections, server.seen.length]).toEqual([3, 4]);
  });

  test("takes its turn before it is sent again", async () => {
    const server = await serve(closing);
    let turns = 0;
    const acquire = async (): Promise<void> => {
      turns += 1;
    };
    const one = client(server, { acquire });
    await one.manifest("a", "1");
    await one.manifest("a", "2");
    expect(turns).toBe(3);
  });

  test("is not repeated once a byte has come, nor for what changes something", async () => {
    const server = await serve((socket, _head, nth) => {
      if (nth === 0) socket.write(ok());
      else socket.end("HTTP/1.1 2");
    });
    const one = client(server);
    await one.manifest("a", "1");
    expect((await errorOf(one.manifest("a", "2"))).code).toBe("unreachable");
    const changing = await serve(closing);
    const other = client(changing);
    await other.manifest("a", "1");
    await expect(other.putManifest("a", "b", "text/x", Buffer.alloc(0))).rejects.toThrow("before an answer");
    expect([server.seen.length, changing.seen.length]).toEqual([2, 2]);
  });
});

describe("an answer that nobody asked for", () => {
  const evil = ok('{"evil":1}');

  test.each<[string, RawAnswer]>([
    ["in the same packet", (socket, _head, nth) => void socket.write(nth === 0 ? ok() + evil : ok("{}"))],
    [
      "behind chunks",
      (socket) =>
        void socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${evil}`),
    ],
  ])("%s is never the next one's", async (_name, answer) => {
    const server = await serve(answer);
    const one = client(server, { concurrency: 1 });
    for (let i = 0; i < 3; i += 1) {
      const got = await one.manifest("a", `${i}`);
      expect("body" in got && got.body.toString()).toBe("{}");
      await pause(15);
    }
    expect(server.connections).toBeGreaterThan(1);
  });

  test("while the connection rests ends it", async () => {
    const server = await serve((socket, _head, _nth, connection) => {
      socket.write(ok());
      if (connection === 0) setTimeout(() => socket.write(evil), 5);
    });
    const one = client(server, { concurrency: 1 });
    await one.manifest("a", "1");
    await server.sawClosed(1);
    const got = await one.manifest("a", "2");
    expect(["body" in got && got.body.toString(), server.connections]).toEqual(["{}", 2]);
  });

  test("as the body of a HEAD is not either", async () => {
    const server = await serve((socket) => void socket.write(ok(evil)));
    const one = client(server, { concurrency: 1 });
    const digest = Digest.sha256(Buffer.from("x"));
    for (let i = 0; i < 2; i += 1) {
      expect((await one.blob("a", digest, evil.length, "head")).kind).toBe("present");
    }
    expect(server.connections).toBe(2);
  });

  test("that is no HTTP is told as such, and not tried again", async () => {
    const server = await serve((socket) => void socket.write("SSH-2.0-x\r\n"));
    const error = await errorOf(client(server, { retries: 3 }).manifest("a", "b"));
    expect([error.code, error.retryable, server.seen.length]).toEqual(["bad_response", false, 1]);
    expect(error.message).toMatch(
      /GET http:\/\/127.*: the answer is not HTTP: it does not begin with a status/,
    );
    await server.sawClosed(1);
  });
});
