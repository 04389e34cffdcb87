import { get, type IncomingHttpHeaders, request as requestHttp } from "node:http";
import fc from "fast-check";
import type { HttpRequest, Reply } from "../../../lib/registry-client/http-message";
import { keepBody } from "../../../lib/registry-client/http-message";
import { HttpTransport } from "../../../lib/registry-client/http-transport";
import { originOf } from "../../../lib/registry-client/origin";
import { RawServer } from "./raw-server";
import { type GivenResponse, response } from "./response-arbitrary";

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: RawServer;
let transport: HttpTransport;
let given: GivenResponse;
const READ_HEADERS = [
  ...["content-encoding", "content-length", "content-range", "content-type", "docker-content-digest"],
  ...["link", "location", "retry-after", "www-authenticate"],
];

beforeAll(async () => {
  server = await RawServer.start((socket) => void socket.end(Buffer.from(given.text, "latin1")));
  const origin = originOf(server.url());
  if (origin === null) throw new Error("the server has no origin");
  transport = new HttpTransport({
    ...{ origin, address: null, ca: null, insecureSkipTlsVerify: false, concurrency: 2, timeoutMs: 5000 },
    ...{ signal: null, acquire: null, onThrottled: null },
  });
});
afterAll(async () => {
  transport.close();
  await server.close();
});

function byNode(method: "GET" | "HEAD"): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const outgoing = (method === "GET" ? get : requestHttp)(
      server.url(),
      { method, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const { statusCode = 0, headers } = incoming;
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString("latin1") });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}

async function byUs(method: "GET" | "HEAD"): Promise<Reply> {
  const origin = originOf(server.url());
  if (origin === null) throw new Error("the server has no origin");
  const request: HttpRequest = { method, headers: [], body: null, planBody: () => keepBody(1e6) };
  return transport.send({ origin, path: "/" }, request);
}

test("valid answers are what node:http says they are", async () => {
  await fc.assert(
    fc.asyncProperty(response, async (one) => {
      given = one;
      const method = one.isHead ? "HEAD" : "GET";
      const [theirs, ours] = [await byNode(method), await byUs(method)];
      const theirHeaders = Object.entries(theirs.headers).filter(([name]) => READ_HEADERS.includes(name));
      const ourHeaders = Object.entries(ours.headers).filter(
        ([name, value]) => READ_HEADERS.includes(name) && value !== undefined,
      );
      expect(Object.fromEntries(ourHeaders)).toEqual(Object.fromEntries(theirHeaders));
      expect([ours.status, ours.body.toString("latin1"), ours.bytes]).toEqual([
        theirs.status,
        theirs.body,
        theirs.body.length,
      ]);
      expect(ours.end).toBe(one.status === 204 || one.status === 304 ? ours.end : "complete");
    }),
    { numRuns: 150 },
  );
});

test("whatever a server sends, there is an answer or a RegistryError", async () => {
  const piece = fc.constantFrom(
    "HTTP/1.1 ",
    "200",
    " OK",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "Content-Length: 3",
    "abc",
    "\0",
    ": ",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      given = { text: pieces.join(""), isHead: false, status: 0 };
      const outcome = await byUs("GET").then(
        (reply) => reply.end,
        (error: unknown) => (error instanceof Error ? error.name : error),
      );
      expect(["complete", "cut", "stopped", "RegistryError"]).toContain(outcome);
    }),
    { numRuns: 150 },
  );
  transport.close();
  await server.sawClosed(server.connections);
});
