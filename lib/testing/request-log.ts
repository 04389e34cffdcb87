import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { Listener, RegistryRequest } from "./registry-request";

/** One request as it came in; what it carried as Authorization is not kept. */
export interface RequestRecord {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly listener: Listener;
  readonly authorization: "none" | "basic" | "bearer" | "other";
  readonly accept: string | null;
  readonly range: string | null;
  /** Of the answer; null while there is none. */
  status: number | null;
}

export function recordOf(request: RegistryRequest): RequestRecord {
  return {
    method: request.method,
    url: request.url,
    listener: request.listener,
    authorization: schemeOf(request.headers.authorization),
    accept: request.headers.accept ?? null,
    range: request.headers.range ?? null,
    status: null,
  };
}

function schemeOf(authorization: string | undefined): RequestRecord["authorization"] {
  if (authorization === undefined) return "none";
  const scheme = authorization.split(" ")[0]?.toLowerCase();
  return scheme === "basic" || scheme === "bearer" ? scheme : "other";
}

/** A request of node:http in the registry's terms; a path that cannot be decoded stays as it is. */
export function requestOf(incoming: IncomingMessage, listener: Listener): RegistryRequest {
  const url = incoming.url ?? "/";
  const queryAt = url.indexOf("?");
  const scheme = incoming.socket instanceof TLSSocket ? "https" : "http";
  return {
    method: incoming.method ?? "GET",
    url,
    path: decode(queryAt < 0 ? url : url.slice(0, queryAt)),
    query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)),
    headers: incoming.headers,
    origin: `${scheme}://${incoming.headers.host ?? ""}`,
    listener,
    body: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
  };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
