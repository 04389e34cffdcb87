import { type ByteSink, bufferSink } from "./byte-sink";
import { type ByteSource, bufferSource, fileSource } from "./byte-source";
import { FileSink } from "./file-sink";
import { FILE_BOUNDS, type MemoryBounds, PROCESS_BOUNDS } from "./memory-format";
import { type Unfit, WalkMemory } from "./walk-memory";

/** Where the memory of one registry's walks is kept between them. */
export interface MemoryPlace {
  readonly bounds: MemoryBounds;
  /** For messages: `the memory "file"`. */
  readonly name: string;
  /** What is there now; null: nothing. */
  open(registry: string, nowMs: number): Promise<WalkMemory | Unfit | null>;
  /** @param random 0 up to 1 */
  sink(nowMs: number, random: number): ByteSink;
}

/** A file, of which nothing is read that is not wholly sound. */
export function fileMemory(path: string, bounds: MemoryBounds = FILE_BOUNDS): MemoryPlace {
  return {
    bounds,
    name: `the memory ${JSON.stringify(path)}`,
    open: async (registry, nowMs) => {
      const source = await fileSource(path);
      if (source === null) return null;
      if ("problem" in source) return { ...source, isForeign: true };
      return openSource(source, { registry, nowMs, bounds });
    },
    sink: (nowMs, random) => new FileSink(path, Math.floor(random * 36 ** 10).toString(36), nowMs),
  };
}

/** Kept in the process, from walk to walk. @param sharers how many registries' walks share what it may take */
export function processMemory(sharers = 1): MemoryPlace {
  const bounds = { ...PROCESS_BOUNDS, maxBytes: Math.floor(PROCESS_BOUNDS.maxBytes / sharers) };
  let kept: Buffer | null = null;
  return {
    bounds,
    name: "the memory in this process",
    open: async (registry, nowMs) =>
      kept === null ? null : openSource(bufferSource(kept), { registry, nowMs, bounds }),
    sink: () =>
      bufferSink((bytes) => {
        kept = bytes;
      }),
  };
}

/** A file without a byte is where nothing was written yet. */
async function openSource(
  source: ByteSource,
  options: { readonly registry: string; readonly nowMs: number; readonly bounds: MemoryBounds },
): Promise<WalkMemory | Unfit | null> {
  const memory = source.size === 0 ? null : await WalkMemory.open(source, options);
  if (!(memory instanceof WalkMemory)) await source.close();
  return memory;
}
