import { createHash } from "node:crypto";
import { bufferSink } from "../../../lib/integrity/memory/byte-sink";
import { bufferSource } from "../../../lib/integrity/memory/byte-source";
import { type BuilderOptions, MemoryBuilder } from "../../../lib/integrity/memory/memory-builder";
import {
  BodyKind,
  CHECKSUM_BYTES,
  FILE_BOUNDS,
  type MemoryBounds,
} from "../../../lib/integrity/memory/memory-format";
import { type Unfit, WalkMemory } from "../../../lib/integrity/memory/walk-memory";
import { Digest } from "../../../lib/oci/digest";

export const REGISTRY = "registry.example.com:5050";
export const WRITTEN_AT_MS = Date.UTC(2026, 0, 1);

export interface Content {
  readonly bodies?: readonly Buffer[];
  /** Repository, tag, and the number of the body that it leads to. */
  readonly tags?: readonly (readonly [string, string, number])[];
}

export interface Making {
  readonly old?: WalkMemory | null;
  readonly isWhole?: boolean;
  readonly nowMs?: number;
  readonly options?: Partial<BuilderOptions>;
  /** Before it is written. */
  readonly meet?: (builder: MemoryBuilder) => void;
}

/** null where the old memory was as good. */
export async function makeMemory(content: Content, making: Making = {}): Promise<Buffer | null> {
  const { nowMs = WRITTEN_AT_MS, old = null, isWhole = true } = making;
  let made: Buffer | null = null;
  const sink = bufferSink((bytes) => {
    made = bytes;
  });
  const options = { registry: REGISTRY, bounds: FILE_BOUNDS, ...making.options };
  const builder = new MemoryBuilder(old, sink, options);
  const digests = (content.bodies ?? []).map((body) => Digest.sha256(body));
  for (const [i, body] of (content.bodies ?? []).entries()) {
    await builder.keep(digests[i] as Digest, body, BodyKind.manifest, nowMs);
  }
  for (const [repository, tag, i] of content.tags ?? []) builder.tag(repository, tag, digests[i] as Digest);
  making.meet?.(builder);
  await builder.finish(isWhole, nowMs);
  return made;
}

export async function madeMemory(content: Content, making: Making = {}): Promise<Buffer> {
  const made = await makeMemory(content, making);
  if (made === null) throw new Error("nothing was written");
  return made;
}

export interface Opening {
  readonly registry?: string;
  readonly nowMs?: number;
  readonly bounds?: MemoryBounds;
}

export function openBytes(bytes: Buffer, opening: Opening = {}): Promise<WalkMemory | Unfit> {
  const options = { registry: REGISTRY, nowMs: WRITTEN_AT_MS, bounds: FILE_BOUNDS, ...opening };
  return WalkMemory.open(bufferSource(bytes), options);
}

export async function openedMemory(bytes: Buffer, opening: Opening = {}): Promise<WalkMemory> {
  const memory = await openBytes(bytes, opening);
  if (!(memory instanceof WalkMemory)) throw new Error(`the memory ${memory.problem}`);
  return memory;
}

/** The bytes with a checksum that is theirs, as somebody who means harm would write it. */
export function sealed(bytes: Buffer): Buffer {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  return Buffer.concat([content, createHash("sha256").update(content).digest()]);
}
