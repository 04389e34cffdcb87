import type { Socket } from "node:net";
import type { BodySource } from "../http-message";

/**
 * Writes a request's head with its body. A source is read no faster than the connection takes it, and no longer than
 * the connection lives; the promise is kept when all is handed over.
 *
 * @throws what the source threw, as it is; RangeError where it gives another number of bytes than it said, since the
 *   rest would be taken for another request
 */
export async function sendBody(socket: Socket, head: string, body: Buffer | BodySource): Promise<void> {
  if (Buffer.isBuffer(body)) {
    socket.cork();
    socket.write(head, "latin1");
    socket.write(body);
    socket.uncork();
    return;
  }
  socket.write(head, "latin1");
  let bytes = 0;
  for await (const chunk of body.open()) {
    if (socket.destroyed) return;
    bytes += chunk.length;
    if (bytes > body.size) break;
    if (!socket.write(chunk)) await drained(socket);
    if (socket.destroyed) return;
  }
  if (bytes === body.size) return;
  throw new RangeError(`a body must have the ${body.size} bytes that were announced, got ${bytes}`);
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.removeListener("drain", done);
      socket.removeListener("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}
