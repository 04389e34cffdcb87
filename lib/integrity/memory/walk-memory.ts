import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Digest } from "../../oci/digest";
import type { ByteSource } from "./byte-source";
import { findRow, isAscending } from "./byte-table";
import {
  CHECKSUM_BYTES,
  ENTRY_BYTES,
  type Entry,
  FOOTER_BYTES,
  FORMAT_VERSION,
  type Footer,
  HEAD_BYTES,
  hashOfRegistry,
  KEY_BYTES,
  keyOf,
  MAGIC,
  MAX_BODY_BYTES,
  type MemoryBounds,
  parseFooter,
  readEntry,
  TAG_BYTES,
  tagFingerprint,
} from "./memory-format";

/** Older than this it is of no use: every manifest in it would be read again. */
export const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** Clocks of two machines differ; by more than this one of them is wrong. */
const MAX_AHEAD_MS = 3_600_000;
const CHUNK_BYTES = 256 * 1024;
const LEAST_BYTES = HEAD_BYTES + FOOTER_BYTES + CHECKSUM_BYTES;

export interface OpenOptions {
  /** `host` or `host:port`. */
  readonly registry: string;
  readonly nowMs: number;
  readonly bounds: MemoryBounds;
}

/** Why a memory is not used. */
export interface Unfit {
  /** For people: `is …` or `was …`. */
  readonly problem: string;
  /** It may be somebody else's, and is not written over. */
  readonly isForeign: boolean;
}

/**
 * What an earlier walk met: the bytes that it read, by their digests, and where its tags led. It cannot lie about
 * content, as what comes out is hashed; about the registry it says nothing at all.
 */
export class WalkMemory {
  private constructor(
    private readonly source: ByteSource,
    private readonly footer: Footer,
    private readonly entries: Buffer,
    private readonly tags: Buffer,
  ) {}

  /** All of it is checked before any of it is used. @throws the source's error */
  static async open(source: ByteSource, options: OpenOptions): Promise<WalkMemory | Unfit> {
    const { bounds } = options;
    if (source.size > bounds.maxBytes) {
      return { problem: `is larger than ${bounds.maxBytes} bytes`, isForeign: !(await hasMagic(source)) };
    }
    if (!(await hasMagic(source))) return { problem: "is no memory of a walk", isForeign: true };
    const version = (await source.read(MAGIC.length, 4)).toString("hex");
    if (version !== FORMAT_VERSION.toString(16).padStart(8, "0")) {
      return { problem: "was written by another version", isForeign: false };
    }
    if (!(await isSound(source))) return DAMAGED;
    const footerAt = source.size - CHECKSUM_BYTES - FOOTER_BYTES;
    const footer = parseFooter(await source.read(footerAt, FOOTER_BYTES));
    if (!footer.registryHash.equals(hashOfRegistry(options.registry))) {
      return { problem: "was written for another registry", isForeign: true };
    }
    const ageMs = options.nowMs - footer.writtenAtMs;
    if (!(ageMs <= MAX_AGE_MS)) return { problem: "is older than 7 days", isForeign: false };
    if (ageMs < -MAX_AHEAD_MS) return { problem: "was written in the future", isForeign: false };
    const { entries, tags, bodiesBytes } = footer;
    const entriesAt = HEAD_BYTES + bodiesBytes;
    const tagsAt = entriesAt + entries * ENTRY_BYTES;
    // A fraction may vanish in the sum, and no file is read at one.
    if (!(Number.isSafeInteger(bodiesBytes) && bodiesBytes >= 0) || tagsAt + tags * TAG_BYTES !== footerAt)
      return DAMAGED;
    if (entries > bounds.maxEntries || tags > bounds.maxTags) {
      return { problem: `has more than ${bounds.maxEntries} entries`, isForeign: false };
    }
    const memory = new WalkMemory(
      source,
      footer,
      await source.read(entriesAt, entries * ENTRY_BYTES),
      await source.read(tagsAt, tags * TAG_BYTES),
    );
    return memory.isConsistent() ? memory : DAMAGED;
  }

  get count(): number {
    return this.footer.entries;
  }

  get tagCount(): number {
    return this.footer.tags;
  }

  get bodiesBytes(): number {
    return this.footer.bodiesBytes;
  }

  get writtenAtMs(): number {
    return this.footer.writtenAtMs;
  }

  entry(at: number): Entry {
    return readEntry(this.entries, at * ENTRY_BYTES);
  }

  /** Where the digest's entry is, or -1. */
  find(digest: Digest): number {
    return this.findKey(keyOf(digest));
  }

  /** Where the entry of that key is, or -1. */
  findKey(key: Buffer): number {
    return findRow(this.entries, ENTRY_BYTES, key);
  }

  /** Where the entry is that the tag led to, or -1. */
  findTag(repository: string, tag: string): number {
    const at = findRow(this.tags, TAG_BYTES, tagFingerprint(repository, tag));
    return at < 0 ? at : this.findKey(this.tag(at)[1]);
  }

  /** Its fingerprint, and the key of the digest that it led to. */
  tag(at: number): readonly [Buffer, Buffer] {
    const row = this.tags.subarray(at * TAG_BYTES, (at + 1) * TAG_BYTES);
    return [row.subarray(0, KEY_BYTES), row.subarray(KEY_BYTES)];
  }

  /** The body as it lies there, not looked at. */
  packed(at: number): Promise<Buffer> {
    const { offset, packedBytes } = this.entry(at);
    return this.source.read(HEAD_BYTES + offset, packedBytes);
  }

  /** The entry's body; null unless it has the digest. */
  async body(at: number, digest: Digest): Promise<Buffer | null> {
    const { length } = this.entry(at);
    try {
      // One byte of room more: a limit of 0 would be refused.
      const room = { maxOutputLength: length + 1, chunkSize: Math.max(64, length + 1) };
      const body = inflateRawSync(await this.packed(at), room);
      return body.length === length && digest.verifies(body) ? body : null;
    } catch {
      return null;
    }
  }

  close(): Promise<void> {
    return this.source.close();
  }

  /** A sound checksum says nothing of who computed it: lengths are believed only within what is there. */
  private isConsistent(): boolean {
    const { bodiesBytes } = this.footer;
    for (let at = 0; at < this.count; at++) {
      const { offset, packedBytes, length } = this.entry(at);
      if (offset + packedBytes > bodiesBytes || length > MAX_BODY_BYTES) return false;
    }
    return isAscending(this.entries, ENTRY_BYTES, KEY_BYTES) && isAscending(this.tags, TAG_BYTES, KEY_BYTES);
  }
}

const DAMAGED: Unfit = { problem: "is damaged", isForeign: false };

async function hasMagic(source: ByteSource): Promise<boolean> {
  return (await source.read(0, MAGIC.length)).equals(MAGIC);
}

async function isSound(source: ByteSource): Promise<boolean> {
  if (source.size < LEAST_BYTES) return false;
  const end = source.size - CHECKSUM_BYTES;
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = 0; at < end; at += CHUNK_BYTES) {
    hash.update(await source.read(at, Math.min(CHUNK_BYTES, end - at), chunk));
  }
  return hash.digest().equals(await source.read(end, CHECKSUM_BYTES));
}
