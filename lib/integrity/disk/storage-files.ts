import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from "node:fs";
import { isObject } from "../../oci/descriptor";
import { Digest } from "../../oci/digest";
import type { Reason } from "../contract";

/**
 * What one look at a path showed. `unknown` is no proof: no permission, a symbolic link, an input/output error.
 *
 * All looks are synchronous: on a tree of small files the thread pool costs several times what the calls do.
 */
export type Look<T> =
  | { readonly kind: "there"; readonly value: T }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: Reason; readonly detail: string };

export const ABSENT = { kind: "absent" } as const;

/** A link holds 71 or 135 bytes; of anything longer so much is read that it cannot pass for one. */
const MAX_LINK_BYTES = 256;
const HASH_CHUNK_BYTES = 1 << 20;
// A symbolic link is refused where it is the last component, and a pipe must not hold the scan up.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Holds nearly every manifest; longer ones get memory of their own. */
const fileBuffer = Buffer.alloc(1 << 16);
const linkBuffer = Buffer.alloc(MAX_LINK_BYTES);

/** The content of a small file, at most 256 bytes of it. */
export function readLinkFile(path: string): Look<string> {
  return withFile(path, (fd) => {
    const bytes = readSync(fd, linkBuffer, 0, MAX_LINK_BYTES, 0);
    // Only what is odd is worth another call.
    if (bytes === 0 && !fstatSync(fd).isFile()) return notRegular();
    return { kind: "there", value: linkBuffer.toString("latin1", 0, bytes) };
  });
}

/** The whole file, refused above `maxBytes`. The bytes are good until the next file is read. */
export function readWholeFile(path: string, maxBytes: number): Look<Buffer> {
  return withFile(path, (fd) => {
    const most = Math.min(maxBytes, fileBuffer.length - 1);
    const bytes = readSync(fd, fileBuffer, 0, most + 1, 0);
    // Short of what was asked for is the end of a regular file: no other call is needed.
    if (bytes > 0 && bytes <= most) return { kind: "there", value: fileBuffer.subarray(0, bytes) };
    return readLongFile(fd, maxBytes);
  });
}

function readLongFile(fd: number, maxBytes: number): Look<Buffer> {
  const stat = fstatSync(fd);
  if (!stat.isFile()) return notRegular();
  if (stat.size > maxBytes) {
    const detail = `has ${stat.size} bytes, a manifest is read up to ${maxBytes}`;
    return { kind: "unknown", reason: "body_too_large", detail };
  }
  const content = Buffer.allocUnsafe(stat.size);
  let length = 0;
  while (length < content.length) {
    const bytes = readSync(fd, content, length, content.length - length, length);
    if (bytes === 0) break;
    length += bytes;
  }
  return { kind: "there", value: content.subarray(0, length) };
}

/** The digest of a file's content by the algorithm of `digest`, and how many bytes that were. */
export function hashFile(
  path: string,
  digest: Digest,
): Look<{ readonly digest: Digest; readonly bytes: number }> {
  return withFile(path, (fd) => {
    if (!fstatSync(fd).isFile()) return notRegular();
    const hasher = digest.hasher();
    const chunk = Buffer.allocUnsafe(HASH_CHUNK_BYTES);
    let bytes = 0;
    for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) {
      hasher.update(chunk.subarray(0, got));
      bytes += got;
    }
    const value = { digest: Digest.fromBytes(digest.algorithm, hasher.digest()), bytes };
    return { kind: "there", value };
  });
}

/** Bytes of a regular file. */
export function sizeOfFile(path: string): Look<number> {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return ABSENT;
    if (stat.isSymbolicLink()) return symbolicLink();
    return stat.isFile() ? { kind: "there", value: stat.size } : notRegular();
  } catch (error) {
    return lookOf(error);
  }
}

/** When a regular file was last written, in epoch milliseconds. */
export function writtenAtMs(path: string): Look<number> {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return ABSENT;
    return stat.isFile() ? { kind: "there", value: stat.mtimeMs } : notRegular();
  } catch (error) {
    return lookOf(error);
  }
}

/** Whether the folder is there itself, and no link to one. */
export function isRealFolder(path: string): Look<true> {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return ABSENT;
    if (stat.isSymbolicLink()) return symbolicLink();
    return stat.isDirectory()
      ? { kind: "there", value: true }
      : { kind: "unknown", reason: "bad_response", detail: "is no folder" };
  } catch (error) {
    return lookOf(error);
  }
}

/** What is in a folder, in no order. */
export function listFolder(path: string): Look<Dirent[]> {
  const folder = isRealFolder(path);
  if (folder.kind !== "there") return folder;
  try {
    return { kind: "there", value: readdirSync(path, { withFileTypes: true }) };
  } catch (error) {
    return lookOf(error);
  }
}

function withFile<T>(path: string, read: (fd: number) => Look<T>): Look<T> {
  let fd: number;
  try {
    fd = openSync(path, OPEN_FLAGS);
  } catch (error) {
    return lookOf(error);
  }
  try {
    return read(fd);
  } catch (error) {
    return lookOf(error);
  } finally {
    closeSync(fd);
  }
}

function notRegular(): Extract<Look<never>, { kind: "unknown" }> {
  return { kind: "unknown", reason: "bad_response", detail: "is no regular file" };
}

function symbolicLink(): Extract<Look<never>, { kind: "unknown" }> {
  return { kind: "unknown", reason: "bad_response", detail: "is a symbolic link, which is not followed" };
}

/** By shape: a test runner's realm has another Error than Node's own modules. Anything but a system error is a defect. */
function lookOf(error: unknown): Exclude<Look<never>, { kind: "there" }> {
  const code = isObject(error) && typeof error.code === "string" ? error.code : null;
  if (code === null || !/^E[A-Z0-9]+$/.test(code)) throw error;
  if (code === "ENOENT" || code === "ENOTDIR") return ABSENT;
  if (code === "ELOOP") return symbolicLink();
  if (code === "EISDIR" || code === "ESPIPE") return notRegular();
  if (code === "EACCES" || code === "EPERM") {
    return { kind: "unknown", reason: "unauthorized", detail: `may not be read (${code})` };
  }
  return { kind: "unknown", reason: "server_error", detail: `cannot be read (${code})` };
}
