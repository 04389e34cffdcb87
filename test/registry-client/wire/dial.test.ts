import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer } from "node:tls";
import { errorOf, Harness } from "../harness";
import { selfSigned } from "../self-signed";
import { ok } from "./raw-server";

const harness = new Harness();
const ends: (() => void)[] = [];
afterEach(async () => {
  await harness.end();
  for (const end of ends.splice(0)) end();
});

const own = selfSigned("registry.example");

interface Listening {
  readonly port: number;
  /** Whether each connection took up a session, and the protocol it agreed on. */
  readonly handshakes: [boolean, string | false | null][];
  readonly heard: string[];
}

/** Answers one request a connection, and ends it. */
async function listen(options: { key: string; cert: string; ALPNProtocols?: string[] }): Promise<Listening> {
  const handshakes: Listening["handshakes"] = [];
  const heard: string[] = [];
  const server = createServer(options, (socket) => {
    handshakes.push([socket.isSessionReused(), socket.alpnProtocol]);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      heard.push(chunk.toString());
      socket.end(ok("{}", "Connection: close\r\n"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, handshakes, heard };
}

function client(port: number, options: Parameters<Harness["client"]>[1] = {}) {
  const baseUrl = new URL("https://registry.example:5050");
  const address = { host: "127.0.0.1", port };
  return harness.client({ url: () => baseUrl }, { baseUrl, address, ca: own.cert, retries: 0, ...options });
}

test("a TLS session is taken up again, and HTTP/1.1 is asked for", async () => {
  const server = await listen({ ...own, ALPNProtocols: ["h2", "http/1.1"] });
  const one = client(server.port);
  for (let i = 0; i < 3; i += 1) expect((await one.manifest("a", `${i}`)).kind).toBe("present");
  expect(server.handshakes).toEqual([false, true, true].map((isReused) => [isReused, "http/1.1"]));
  expect(one.tlsNotAfter).toBe(own.notAfterMs);
});

test("nothing is said to a server whose certificate is not its name's", async () => {
  const server = await listen(selfSigned("other.example"));
  const error = await errorOf(
    client(server.port, { credentials: { username: "ada", password: "s3cret" } }).manifest("a", "b"),
  );
  expect([error.code, server.heard]).toEqual(["tls", []]);
});

test("verification that is off for the registry is on for where it leads", async () => {
  const store = await listen(selfSigned("localhost"));
  const registry = createServer(own, (socket) => {
    socket.on("error", () => undefined);
    const location = `https://localhost:${store.port}/b`;
    socket.on(
      "data",
      () =>
        void socket.end(
          `HTTP/1.1 307 There\r\nLocation: ${location}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        ),
    );
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  ends.push(() => registry.close());
  const address = registry.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const baseUrl = new URL(`https://127.0.0.1:${port}`);
  const one = client(port, { baseUrl, address: null, ca: null, insecureSkipTlsVerify: true });
  expect((await errorOf(one.manifest("a", "b"))).code).toBe("tls");
  expect((await errorOf(one.manifest("a", "b"))).message).toContain(`localhost:${store.port}`);
});

test("the time-out begins with the connection: a handshake that stalls is no exception", async () => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const error = await errorOf(client(port, { timeoutMs: 100 }).manifest("a", "b"));
  expect([error.code, error.message]).toEqual(["timeout", expect.stringContaining("within 100 ms")]);
});
