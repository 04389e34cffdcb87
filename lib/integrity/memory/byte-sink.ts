/** Where a memory is written to, from its first byte to its last. */
export interface ByteSink {
  /** Takes the bytes at once; what fails shows in `finish`. Resolves when there is room for more. */
  append(bytes: Buffer): Promise<void>;
  /** All that was appended takes the place of what was there before. @throws what went wrong; nothing is left then */
  finish(): Promise<void>;
  /** Leaves nothing. Never rejects. */
  discard(): Promise<void>;
}

/** For what is not to be kept. */
export const NO_SINK: ByteSink = {
  append: async () => undefined,
  finish: async () => undefined,
  discard: async () => undefined,
};

/** @param done given the whole */
export function bufferSink(done: (bytes: Buffer) => void): ByteSink {
  let chunks: Buffer[] = [];
  return {
    append: async (bytes) => {
      chunks.push(bytes);
    },
    finish: async () => {
      done(Buffer.concat(chunks));
      chunks = [];
    },
    discard: async () => {
      chunks = [];
    },
  };
}
