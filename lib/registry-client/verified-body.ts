import type { Digest } from "../oci/digest";
import type { BodySource } from "./http-message";

/** A source gave other bytes than the digest and the size name. Nothing of it may be trusted, and nothing was stored. */
export class WrongContentError extends Error {
  override readonly name = "WrongContentError";
}

/**
 * The source held to its digest while it streams: the last chunk goes out only when all bytes have proven right, so
 * that whoever receives them never has a whole body of wrong ones.
 */
export function verifiedBody(source: BodySource, digest: Digest): BodySource {
  return { size: source.size, open: () => verifiedChunks(source, digest) };
}

async function* verifiedChunks(source: BodySource, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = digest.hasher();
  let bytes = 0;
  let held: Uint8Array | null = null;
  for await (const chunk of source.open()) {
    // An empty one at the end would push out the last that matters.
    if (chunk.length === 0) continue;
    bytes += chunk.length;
    if (bytes > source.size) {
      throw new WrongContentError(`${digest}: the source gives more than the ${source.size} bytes promised`);
    }
    hash.update(chunk);
    if (held !== null) yield held;
    held = chunk;
  }
  if (bytes !== source.size) {
    throw new WrongContentError(`${digest}: the source ends after ${bytes} of ${source.size} bytes`);
  }
  if (hash.digest("hex") !== digest.hex) {
    throw new WrongContentError(`${digest}: the source's bytes have another digest`);
  }
  if (held !== null) yield held;
}
