import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { Digest } from "../../oci/digest";
import type { Shard } from "../shard";
import type { ByteSink } from "./byte-sink";
import { ByteTable, findRow } from "./byte-table";
import {
  BodyKind,
  ENTRY_BYTES,
  type Entry,
  formatFooter,
  formatHead,
  hashOfRegistry,
  isTagInShard,
  KEY_BYTES,
  keyOf,
  MAX_CONFIG_BYTES,
  type MemoryBounds,
  TAG_BYTES,
  tagFingerprint,
  writeEntry,
} from "./memory-format";
import { isDue } from "./reread";
import type { WalkMemory } from "./walk-memory";

/** What was read anew is worth a new file after an hour, or when so much of it was not known before. */
export const REWRITE_AFTER_MS = 3_600_000;
const REWRITE_SHARE = 1 / 20;
/** A checksum, a footer, and what else is not counted one by one. */
const ROOM_BYTES = 4096;
const COPY_BYTES = 256 * 1024;

/** By default each call takes a quarter of a MiB, and its result lies in 16 KiB until it is written. */
const SMALL = { windowBits: 13, memLevel: 6 } as const;
/** Of zlib. */
const LEAST_CHUNK = 64;

const Mark = { unmet: 0, met: 1, spoilt: 2 } as const;

export interface BuilderOptions {
  /** `host` or `host:port`. */
  readonly registry: string;
  readonly bounds: MemoryBounds;
  /** The part of the registry that the walk takes. @default all of it */
  readonly shard?: Shard | null;
}

/** Gathers what a walk meets, into the memory for the next one. */
export class MemoryBuilder {
  /** Bodies and tags that had no room. */
  leftOut = 0;
  private readonly hash = createHash("sha256");
  private readonly fresh = new Set<bigint>();
  private readonly entries = new ByteTable(ENTRY_BYTES, KEY_BYTES);
  private readonly tags = new ByteTable(TAG_BYTES, KEY_BYTES);
  private readonly marks: Uint8Array;
  private readonly readAtS: Uint32Array;
  private bodiesBytes = 0;
  private readonly shard: Shard | null;

  /** @param old what the walk began with */
  constructor(
    private readonly old: WalkMemory | null,
    private readonly sink: ByteSink,
    private readonly options: BuilderOptions,
  ) {
    this.marks = new Uint8Array(old?.count ?? 0);
    this.readAtS = new Uint32Array(old?.count ?? 0);
    const { shard = null } = options;
    this.shard = shard?.n === 1 ? null : shard;
  }

  /** A body that the registry gave whole just now, and that has the digest. */
  async keep(digest: Digest, body: Buffer, kind: BodyKind, nowMs: number): Promise<void> {
    const readAtS = Math.floor(nowMs / 1000);
    const known = this.old?.find(digest) ?? -1;
    if (known >= 0 && this.marks[known] !== Mark.spoilt) {
      this.marks[known] = Mark.met;
      this.readAtS[known] = readAtS;
      return;
    }
    const key = keyOf(digest);
    const id = key.readBigUInt64BE();
    if (this.fresh.has(id) || (kind === BodyKind.config && body.length > MAX_CONFIG_BYTES)) return;
    const packed = deflateRawSync(body, { ...SMALL, chunkSize: Math.max(LEAST_CHUNK, body.length) });
    const isFirst = this.entries.count === 0;
    const { length } = body;
    if (!this.add({ key, readAtS, offset: 0, packedBytes: packed.length, length, kind })) {
      return;
    }
    this.fresh.add(id);
    await this.append(isFirst ? Buffer.concat([formatHead(), packed]) : packed);
  }

  /** An entry of the old memory that was of use. */
  met(at: number): void {
    if (this.marks[at] === Mark.unmet) this.marks[at] = Mark.met;
  }

  /** An entry of the old memory whose body is not that of its digest. */
  spoilt(at: number): void {
    this.marks[at] = Mark.spoilt;
  }

  tag(repository: string, tag: string, digest: Digest): void {
    this.addTag(tagFingerprint(repository, tag), keyOf(digest));
  }

  /**
   * Writes the memory, unless the old one is as good.
   *
   * @param isWhole whether the walk met all there is: only then what it did not meet is forgotten; of a shard's walk
   *   what other shards may meet is kept for as long as it spares them a request
   * @throws what keeps it from being written
   */
  async finish(isWhole: boolean, nowMs: number): Promise<"written" | "as before"> {
    const { old } = this;
    if (old !== null && !this.isWorthWriting(old, nowMs)) {
      await this.sink.discard();
      return "as before";
    }
    if (this.entries.count === 0) await this.append(formatHead());
    if (old !== null) await this.takeOver(old, isWhole, nowMs);
    const { bodiesBytes } = this;
    const [entries, tags] = [this.entries.sorted(), this.tags.sorted()];
    const registryHash = hashOfRegistry(this.options.registry);
    const counts = { entries: entries.length / ENTRY_BYTES, tags: tags.length / TAG_BYTES };
    const footer = formatFooter({ ...counts, bodiesBytes, writtenAtMs: nowMs, registryHash });
    await this.append(Buffer.concat([entries, tags, footer]));
    await this.sink.append(this.hash.digest());
    await this.sink.finish();
    return "written";
  }

  /** Leaves nothing, and the old memory as it is. */
  discard(): Promise<void> {
    return this.sink.discard();
  }

  private isWorthWriting(old: WalkMemory, nowMs: number): boolean {
    const ageMs = nowMs - old.writtenAtMs;
    return !(ageMs >= 0 && ageMs < REWRITE_AFTER_MS) || this.bodiesBytes > REWRITE_SHARE * old.bodiesBytes;
  }

  /** The bodies as they lie there, first what was met, and the tags that were not seen anew. */
  private async takeOver(old: WalkMemory, isWhole: boolean, nowMs: number): Promise<void> {
    const taken = new Uint8Array(old.count);
    let copied: Buffer[] = [];
    let copiedBytes = 0;
    const flush = async (): Promise<void> => {
      if (copiedBytes === 0) return;
      await this.append(Buffer.concat(copied));
      copied = [];
      copiedBytes = 0;
    };
    for (const mark of [Mark.met, Mark.unmet]) {
      for (let at = 0; at < old.count; at++) {
        if (this.marks[at] !== mark) continue;
        const entry = old.entry(at);
        if (mark === Mark.unmet && isWhole && this.isOfNoUse(entry, nowMs)) continue;
        const packed = await old.packed(at);
        if (packed.length !== entry.packedBytes) continue;
        const readAtS = (this.readAtS[at] as number) || entry.readAtS;
        if (!this.add({ ...entry, readAtS })) continue;
        taken[at] = 1;
        copied.push(packed);
        copiedBytes += packed.length;
        if (copiedBytes >= COPY_BYTES) await flush();
      }
    }
    await flush();
    this.takeOverTags(old, isWhole, (key) => taken[old.findKey(key)] === 1);
  }

  private takeOverTags(old: WalkMemory, isWhole: boolean, isTaken: (key: Buffer) => boolean): void {
    const { shard } = this;
    if (isWhole && shard === null) return;
    const seen = this.tags.sorted();
    for (let at = 0; at < old.tagCount; at++) {
      const [fingerprint, key] = old.tag(at);
      if (findRow(seen, TAG_BYTES, fingerprint) >= 0) continue;
      const isOthers = shard !== null && !isTagInShard(fingerprint, shard) && isTaken(key);
      if (!isWhole || isOthers) this.addTag(fingerprint, key);
    }
  }

  /** What a whole walk did not meet: only another shard may, and what is due spares it nothing. */
  private isOfNoUse(entry: Entry, nowMs: number): boolean {
    return this.shard === null || isDue(entry, nowMs);
  }

  /** Enters a body that is appended next; false where it has no room. */
  private add(entry: Entry): boolean {
    const isFull = this.entries.count >= this.options.bounds.maxEntries;
    if (isFull || !this.hasRoom(entry.packedBytes + ENTRY_BYTES)) {
      this.leftOut++;
      return false;
    }
    const offset = this.bodiesBytes;
    this.entries.add((into, at) => writeEntry(into, at, { ...entry, offset }));
    this.bodiesBytes += entry.packedBytes;
    return true;
  }

  private addTag(fingerprint: Buffer, key: Buffer): void {
    if (this.tags.count >= this.options.bounds.maxTags || !this.hasRoom(TAG_BYTES)) {
      this.leftOut++;
      return;
    }
    this.tags.add((into, at) => {
      fingerprint.copy(into, at);
      key.copy(into, at + KEY_BYTES);
    });
  }

  private hasRoom(bytes: number): boolean {
    const tables = this.entries.count * ENTRY_BYTES + this.tags.count * TAG_BYTES;
    return this.bodiesBytes + tables + bytes + ROOM_BYTES <= this.options.bounds.maxBytes;
  }

  private append(bytes: Buffer): Promise<void> {
    this.hash.update(bytes);
    return this.sink.append(bytes);
  }
}
