import type { Entry } from "./memory-format";

/** No manifest is taken at its existence for longer than this after the registry gave it whole. */
export const REREAD_WITHIN_MS = 24 * 3_600_000;

/**
 * When the registry is asked for the whole manifest again: half a day to a day after it last gave it, by its digest,
 * so that each run reads a small share of all, whenever runs are and whatever was missed.
 *
 * @returns epoch milliseconds
 */
export function rereadAtMs({ key, readAtS }: Pick<Entry, "key" | "readAtS">): number {
  const share = key.readUInt32BE(0) / 2 ** 32;
  return readAtS * 1000 + REREAD_WITHIN_MS * (0.5 + share / 2);
}

/** A time of reading that has not come yet is a clock's error: it counts for nothing. */
export function isDue(entry: Pick<Entry, "key" | "readAtS">, nowMs: number): boolean {
  return nowMs >= rereadAtMs(entry) || entry.readAtS * 1000 > nowMs;
}
