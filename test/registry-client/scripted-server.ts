import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Answers one request; `nth` counts the requests of the whole server from 0. */
export type Handler = (request: SeenRequest, response: ServerResponse, nth: number) => void;

/** A server on loopback that answers by a function of the test, and keeps what it was asked. */
export class ScriptedServer {
  readonly seen: SeenRequest[] = [];
  connections = 0;
  /** Sockets that the client closed or that ended otherwise. */
  closed = 0;
  /** Server names that TLS clients asked for. */
  readonly serverNames: unknown[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly scheme: "http" | "https",
  ) {}

  static async start(
    handler: Handler,
    tls: { readonly key: string; readonly cert: string } | null = null,
  ): Promise<ScriptedServer> {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
        scripted.seen.push(seen);
        handler(seen, response, scripted.seen.length - 1);
      });
    };
    const server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
    const scripted = new ScriptedServer(server, tls === null ? "http" : "https");
    server.on("connection", (socket: Socket) => {
      scripted.connections += 1;
      scripted.sockets.add(socket);
      socket.on("close", () => {
        scripted.closed += 1;
        scripted.sockets.delete(socket);
      });
    });
    server.on("secureConnection", (socket: { servername?: unknown }) =>
      scripted.serverNames.push(socket.servername),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return scripted;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return address.port;
  }

  url(path = "/", host = "127.0.0.1"): URL {
    return new URL(`${this.scheme}://${host}:${this.port}${path}`);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** A JSON answer with its length. */
export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** An error as the specification has it. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  json(response, { errors: [{ code, message: "m" }] }, status, headers);
}

/** Headers and some of the body, then the connection ends; the client is sure to have both. */
export function cutAfter(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  part: string | Buffer = "",
): void {
  response.writeHead(status, headers);
  response.flushHeaders();
  if (part.length > 0) response.write(part);
  setTimeout(() => response.socket?.end(), 5);
}
