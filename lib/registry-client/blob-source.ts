/**
 * A blob of a registry as a stream, for whoever passes it on.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-blobs
 */
import type { Digest } from "../oci/digest";
import { RegistryError } from "./answers";
import { type BodySource, DROP_BODY, extraMsFor, type HttpRequest, type Reply } from "./http-message";
import { redactTarget } from "./origin";
import { cutError, refusal } from "./refusal";
import type { RegistrySession } from "./registry-session";
import { blobPath, pullScope } from "./repository-paths";

/**
 * The blob, read as fast as it is taken: one chunk is held at a time. Nothing is proven of its bytes but that there
 * are not more than `size`; a failure is thrown by the iterator.
 *
 * @param size bytes, as the descriptor says
 */
export function blobSource(
  session: RegistrySession,
  repository: string,
  digest: Digest,
  size: number,
): BodySource {
  return { size, open: () => chunksOf(session, repository, digest, size) };
}

async function* chunksOf(
  session: RegistrySession,
  repository: string,
  digest: Digest,
  size: number,
): AsyncGenerator<Uint8Array> {
  const channel = new Channel();
  const get: HttpRequest = {
    method: "GET",
    headers: ["Accept-Encoding", "identity", "User-Agent", "tallyman"],
    body: null,
    isOnce: true,
    planBody: ({ status }) =>
      status === 200
        ? {
            keep: false,
            maxBytes: size,
            hash: null,
            extraMs: extraMsFor(size),
            sink: (chunk) => channel.put(chunk),
          }
        : DROP_BODY,
  };
  session
    .request(blobPath(repository, digest), get, pullScope(repository), "tell")
    .then((reply) => channel.end(problemOf(reply, size)))
    .catch((error: unknown) => channel.end(error));
  try {
    for (let chunk = await channel.take(); chunk !== null; chunk = await channel.take()) yield chunk;
  } finally {
    channel.abandon();
  }
}

function problemOf(reply: Reply, size: number): unknown {
  if (reply.status !== 200) return refusal(reply);
  if (reply.end === "cut") return cutError(reply);
  if (reply.end === "complete") return null;
  const what = `${redactTarget(reply.target)} gives more than the ${size} bytes of the descriptor`;
  return new RegistryError("body_too_large", what, { status: reply.status });
}

/** One chunk at a time from whoever reads the connection to whoever takes it. */
class Channel {
  private chunk: { readonly bytes: Buffer; readonly taken: () => void; readonly refuse: () => void } | null =
    null;
  private ended: { readonly error: unknown } | null = null;
  private isAbandoned = false;
  private wake: (() => void) | null = null;

  put(bytes: Buffer): Promise<void> {
    return new Promise((taken, reject) => {
      const refuse = (): void => reject(new Error("nobody reads on"));
      if (this.isAbandoned) return refuse();
      this.chunk = { bytes, taken, refuse };
      this.wake?.();
    });
  }

  end(error: unknown): void {
    this.ended = { error };
    this.wake?.();
  }

  /** The next chunk, null after the last. @throws what the stream ended with */
  async take(): Promise<Buffer | null> {
    while (this.chunk === null && this.ended === null) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const { chunk } = this;
    if (chunk !== null) {
      this.chunk = null;
      chunk.taken();
      return chunk.bytes;
    }
    if (this.ended !== null && this.ended.error !== null) throw this.ended.error;
    return null;
  }

  abandon(): void {
    this.isAbandoned = true;
    this.chunk?.refuse();
    this.chunk = null;
  }
}
