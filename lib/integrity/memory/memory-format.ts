/**
 * A memory as bytes, all numbers big-endian:
 *
 *     magic 8 · version 4 · bodies, deflated, one after the other
 *     entries, by key: key 8 · read at 4 (s) · offset 4 · packed 4 · length 4 · kind 1
 *     tags, by fingerprint: hash of the repository 4, of both names 4 · key of the digest it led to 8
 *     entries 4 · tags 4 · bytes of the bodies 8 · written at 8 (ms) · SHA-256 of the registry's host 32
 *     SHA-256 of all before 32
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../oci/digest";
import { isHashInShard, repositoryHash, type Shard } from "../shard";

export const MAGIC = Buffer.from("tallymem");
export const FORMAT_VERSION = 2;
export const HEAD_BYTES = 12;
export const KEY_BYTES = 8;
export const ENTRY_BYTES = 25;
export const TAG_BYTES = 2 * KEY_BYTES;
export const FOOTER_BYTES = 56;
export const CHECKSUM_BYTES = 32;

/** What bounds a memory, on disk and, while it is used, in the process. */
export interface MemoryBounds {
  /** Of the whole, and so of what is read to check it. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly maxTags: number;
}

const MIB = 1024 * 1024;

/** Some 100,000 manifests; what is held of a file while it is used stays below 10 MiB. */
export const FILE_BOUNDS: MemoryBounds = { maxBytes: 64 * MIB, maxEntries: 200_000, maxTags: 200_000 };
/** Of all that one process keeps without a file: it has 96 MiB in all. */
export const PROCESS_BOUNDS: MemoryBounds = { maxBytes: 8 * MIB, maxEntries: 50_000, maxTags: 50_000 };
/** Of one body, as the client takes it. */
export const MAX_BODY_BYTES = 10 * MIB;
/** A longer config is not worth its room: all that is wanted of it is a date. */
export const MAX_CONFIG_BYTES = 64 * 1024;

/** What a body is; both are bytes that a digest names. */
export const BodyKind = { manifest: 0, config: 1 } as const;
export type BodyKind = (typeof BodyKind)[keyof typeof BodyKind];

/** One body, where it is found and when the registry last gave it whole. */
export interface Entry {
  /** The first eight bytes of the digest: enough to find it, as the bytes found are hashed. */
  readonly key: Buffer;
  /** Epoch seconds. */
  readonly readAtS: number;
  /** From the first body. */
  readonly offset: number;
  readonly packedBytes: number;
  readonly length: number;
  readonly kind: BodyKind;
}

export interface Footer {
  readonly entries: number;
  readonly tags: number;
  readonly bodiesBytes: number;
  readonly writtenAtMs: number;
  readonly registryHash: Buffer;
}

export function keyOf(digest: Digest): Buffer {
  return Buffer.from(digest.hex.slice(0, 2 * KEY_BYTES), "hex");
}

/** Tells whose shard it is. Two tags of one fingerprint cost a request: what a tag leads to, the registry says. */
export function tagFingerprint(repository: string, tag: string): Buffer {
  const fingerprint = Buffer.alloc(KEY_BYTES);
  fingerprint.writeUInt32BE(repositoryHash(repository));
  // Neither part of a tag's name has a blank.
  createHash("sha256")
    .update(`${repository} ${tag}`)
    .digest()
    .copy(fingerprint, 4, 0, KEY_BYTES - 4);
  return fingerprint;
}

/** Whether the shard walks the tag of that fingerprint. */
export function isTagInShard(fingerprint: Buffer, shard: Shard): boolean {
  return isHashInShard(fingerprint.readUInt32BE(), shard);
}

export function hashOfRegistry(host: string): Buffer {
  return createHash("sha256").update(host).digest();
}

export function formatHead(): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(FORMAT_VERSION, MAGIC.length);
  return head;
}

export function writeEntry(into: Buffer, at: number, entry: Entry): void {
  entry.key.copy(into, at);
  into.writeUInt32BE(entry.readAtS, at + 8);
  into.writeUInt32BE(entry.offset, at + 12);
  into.writeUInt32BE(entry.packedBytes, at + 16);
  into.writeUInt32BE(entry.length, at + 20);
  into.writeUInt8(entry.kind, at + 24);
}

export function readEntry(from: Buffer, at: number): Entry {
  return {
    key: from.subarray(at, at + KEY_BYTES),
    readAtS: from.readUInt32BE(at + 8),
    offset: from.readUInt32BE(at + 12),
    packedBytes: from.readUInt32BE(at + 16),
    length: from.readUInt32BE(at + 20),
    kind: from.readUInt8(at + 24) === BodyKind.manifest ? BodyKind.manifest : BodyKind.config,
  };
}

export function formatFooter(footer: Footer): Buffer {
  const bytes = Buffer.alloc(FOOTER_BYTES);
  bytes.writeUInt32BE(footer.entries, 0);
  bytes.writeUInt32BE(footer.tags, 4);
  bytes.writeDoubleBE(footer.bodiesBytes, 8);
  bytes.writeDoubleBE(footer.writtenAtMs, 16);
  footer.registryHash.copy(bytes, 24);
  return bytes;
}

export function parseFooter(bytes: Buffer): Footer {
  return {
    entries: bytes.readUInt32BE(0),
    tags: bytes.readUInt32BE(4),
    bodiesBytes: bytes.readDoubleBE(8),
    writtenAtMs: bytes.readDoubleBE(16),
    registryHash: bytes.subarray(24, FOOTER_BYTES),
  };
}
