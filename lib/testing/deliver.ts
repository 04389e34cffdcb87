import type { ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import type { Reply } from "./reply";

/** How a reply reaches the client, or fails to. */
export interface Delivery {
  readonly reply: Reply;
  /** Before the status line. @default 0 */
  readonly headersAfterMs?: number;
  /** The body in pieces. @default at once */
  readonly drip?: { readonly bytes: number; readonly intervalMs: number };
  /** The connection is reset there, or stays open without another byte. */
  readonly stopAt?: { readonly point: "before-headers" | "after-headers"; readonly by: "reset" | "silence" };
  /** So many spaces follow the body, in chunks and without Content-Length. */
  readonly endlessBytes?: number;
}

/** Writes one answer. Its timers end with the connection. */
export function deliver(response: ServerResponse, delivery: Delivery, isHead: boolean): void {
  if (delivery.headersAfterMs === undefined) {
    start(response, delivery, isHead);
    return;
  }
  const timer = setTimeout(() => start(response, delivery, isHead), delivery.headersAfterMs);
  response.once("close", () => clearTimeout(timer));
}

function start(response: ServerResponse, delivery: Delivery, isHead: boolean): void {
  const { reply, stopAt } = delivery;
  if (stopAt?.point === "before-headers") {
    if (stopAt.by === "reset") reset(response);
    return;
  }
  const promised = reply.promisedBytes ?? reply.body.length;
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) {
    response.setHeader(name, typeof value === "string" ? value : [...value]);
  }
  if (delivery.endlessBytes === undefined && reply.status !== 204)
    response.setHeader("content-length", promised);
  if (isHead) {
    response.end();
  } else if (stopAt !== undefined) {
    response.flushHeaders();
    // A reset at once would overtake the headers.
    if (stopAt.by === "reset") setTimeout(() => reset(response), 20);
  } else if (delivery.endlessBytes !== undefined) {
    response.write(reply.body);
    pour(response, delivery.endlessBytes);
  } else if (delivery.drip !== undefined) {
    drip(response, reply.body, promised, delivery.drip);
  } else {
    finish(response, reply.body, promised);
  }
}

/** RST where the socket is TCP's own; TLS has no such thing and just ends. */
function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

function finish(response: ServerResponse, body: Buffer, promised: number): void {
  if (body.length >= promised) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  if (body.length > 0) response.write(body);
  response.socket?.destroySoon();
}

function drip(
  response: ServerResponse,
  body: Buffer,
  promised: number,
  pace: { readonly bytes: number; readonly intervalMs: number },
): void {
  response.flushHeaders();
  let sent = 0;
  const timer = setInterval(() => {
    const piece = body.subarray(sent, sent + pace.bytes);
    sent += piece.length;
    if (sent < body.length) {
      response.write(piece);
      return;
    }
    clearInterval(timer);
    finish(response, piece, promised - sent + piece.length);
  }, pace.intervalMs);
  response.once("close", () => clearInterval(timer));
}

function pour(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, " ");
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      if (!response.write(piece)) {
        response.once("drain", more);
        return;
      }
    }
    if (left <= 0) response.end();
  };
  more();
}
