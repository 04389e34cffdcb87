import type { ClientRequest } from "node:http";
import type { BodySource } from "./http-message";

/**
 * Sends a request's body and ends the request. A source is read no faster than the connection takes it, and no
 * longer than the request lives.
 *
 * @param fail gets what the source threw, as it is
 */
export function sendBody(
  outgoing: ClientRequest,
  body: Buffer | BodySource | null,
  fail: (error: unknown) => void,
): void {
  if (body === null) outgoing.end();
  else if (Buffer.isBuffer(body)) outgoing.end(body);
  else pump(outgoing, body).catch(fail);
}

async function pump(outgoing: ClientRequest, source: BodySource): Promise<void> {
  for await (const chunk of source.open()) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await drained(outgoing);
    if (outgoing.destroyed) return;
  }
  outgoing.end();
}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.removeListener("drain", done);
      outgoing.removeListener("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}
