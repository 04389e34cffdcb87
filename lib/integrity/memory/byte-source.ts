import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Bytes that are read in parts, as a file's. */
export interface ByteSource {
  readonly size: number;
  /** Fewer bytes than asked for where there are no more. @param into may hold them, until the next such call */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

export function bufferSource(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
    close: async () => undefined,
  };
}

/** Why a path is not read: what it is, for people. */
export interface NoSource {
  readonly problem: string;
}

/** A regular file, held open so that one renamed over it changes nothing; null where there is none. */
export async function fileSource(path: string): Promise<ByteSource | NoSource | null> {
  let handle: FileHandle;
  try {
    // Neither a link's target is read, nor is a pipe waited for.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return null;
    return { problem: code === "ELOOP" ? "is a symbolic link" : `cannot be opened (${code})` };
  }
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    return { problem: "is no regular file" };
  }
  return {
    size: stat.size,
    read: async (position, length, into) => {
      const buffer = into ?? Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

/** `ENOSPC` and the like, for a message. */
export function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
}
