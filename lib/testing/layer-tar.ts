/**
 * Layers: a tar with one file, and its gzip, the same bytes on every Node.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 (ustar)
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const BLOCK_BYTES = 512;

/** `length` incompressible bytes that depend on nothing but the seed. */
export function seededBytes(seed: string, length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  return createHash("shake256", { outputLength: length }).update(seed).digest();
}

/** A ustar archive with one regular file, owned by root, dated 1970. */
export function tarOfFile(path: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path, 0, 100);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write(" ".repeat(8), 148); // the checksum counts its own field as spaces
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK_BYTES)]);
}

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const MAX_STORED_BYTES = 0xffff;

/**
 * gzip in stored blocks, put together here: what zlib makes of any level may differ between its versions, and so
 * would digests. https://www.rfc-editor.org/rfc/rfc1951#page-11
 */
export function stableGzip(content: Uint8Array): Buffer {
  const parts: Uint8Array[] = [GZIP_HEADER];
  let at = 0;
  do {
    const block = content.subarray(at, at + MAX_STORED_BYTES);
    at += block.length;
    const head = Buffer.alloc(5);
    head.writeUInt8(at >= content.length ? 1 : 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  } while (at < content.length);
  const checksumAndLength = gzipSync(content, { level: 0 }).subarray(-8);
  return Buffer.concat([...parts, checksumAndLength]);
}
