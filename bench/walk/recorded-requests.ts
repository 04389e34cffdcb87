import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** A request that a registry answered with 2xx. */
export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Its Range header; null where it asked for the whole. */
  readonly range: string | null;
}

/** What `use` asks of the registry by way of the URL that it is given, in order. */
export async function recordRequests(
  registryUrl: string,
  use: (url: string) => Promise<unknown>,
): Promise<readonly RecordedRequest[]> {
  const recorded: RecordedRequest[] = [];
  const { hostname, port } = new URL(registryUrl);
  const agent = new Agent({ keepAlive: true });
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const onward = request({ hostname, port, method, path, headers, agent }, (reply) => {
      const { statusCode = 502 } = reply;
      if (statusCode < 300) recorded.push({ method, path, range: headers.range ?? null });
      outgoing.writeHead(statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = createServer(pass).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  try {
    await use(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
  } finally {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  }
  return recorded;
}

/** How many of each way to ask there are: what a walk costs a registry, whatever the clock says. */
export function countByKind(requests: readonly RecordedRequest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of requests) counts.set(kindOf(one), (counts.get(kindOf(one)) ?? 0) + 1);
  return counts;
}

function kindOf({ method, path, range }: RecordedRequest): string {
  const what = /\/(manifests|blobs)\//.exec(path)?.[1] ?? "lists";
  if (method === "HEAD") return `${what} by HEAD`;
  return what === "blobs" ? `blobs by ${range === null ? "whole" : "ranged"} GET` : `${what} by GET`;
}
