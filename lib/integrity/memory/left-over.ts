import { lstat, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileSource } from "./byte-source";
import { MAGIC } from "./memory-format";
import { MAX_AGE_MS } from "./walk-memory";

/** What memories are called; a file of another name is written where it is asked for, and never removed. */
const MEMORY_SUFFIX = ".memory";
/** Of what is written beside a memory. */
export const UNFINISHED_SUFFIX = ".tmp";
/** Whoever still writes is younger: no walk that is worth its memory takes a day. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/**
 * Removes from a memory's folder what a run that was killed has left there, and memories so old that no walk would use
 * them: those of shards that are no more, for instance. What does not begin as a memory is nobody's here.
 *
 * @param path of the memory that is written now
 */
export async function removeLeftOver(path: string, nowMs: number): Promise<void> {
  const folder = dirname(path);
  const own = basename(path);
  for (const name of await readdir(folder)) {
    const memory = unfinishedOf(name);
    const isUnfinished = memory !== null;
    if (name === own || (memory !== own && !(memory ?? name).endsWith(MEMORY_SUFFIX))) continue;
    const file = join(folder, name);
    const stat = await lstat(file).catch(() => null);
    const longestMs = isUnfinished ? ABANDONED_AFTER_MS : MAX_AGE_MS;
    if (stat?.isFile() !== true || nowMs - stat.mtimeMs <= longestMs) continue;
    if (memory === own || (isUnfinished && stat.size === 0) || (await isMemory(file))) {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}

/** The name of the memory that it was to be; null where it is not called so. */
function unfinishedOf(name: string): string | null {
  return name.endsWith(UNFINISHED_SUFFIX)
    ? (/^(.+)\.[0-9a-z]+$/.exec(name.slice(0, -UNFINISHED_SUFFIX.length))?.[1] ?? null)
    : null;
}

async function isMemory(file: string): Promise<boolean> {
  const source = await fileSource(file).catch(() => null);
  if (source === null || "problem" in source) return false;
  try {
    return (await source.read(0, MAGIC.length)).equals(MAGIC);
  } catch {
    return false;
  } finally {
    await source.close();
  }
}
