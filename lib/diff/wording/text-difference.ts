import { commonSubsequence } from "../compare/common-subsequence";

/** The lines of a text that differ, in stretches. */
export interface TextDifference {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** How many stretches of lines differ. */
  readonly hunks: number;
  /** The number of the first line that differs, of the newer text, from 1. */
  readonly firstLine: number;
}

export function textDifference(before: string, after: string): TextDifference {
  const older = before.split("\n");
  const newer = after.split("\n");
  const removed: string[] = [];
  const added: string[] = [];
  let hunks = 0;
  let firstLine = 0;
  let [fromOlder, fromNewer] = [0, 0];
  for (const [atOlder, atNewer] of [
    ...commonSubsequence(older, newer),
    [older.length, newer.length] as const,
  ]) {
    if (atOlder > fromOlder || atNewer > fromNewer) {
      if (hunks === 0) firstLine = fromNewer + 1;
      hunks++;
      for (const line of older.slice(fromOlder, atOlder)) removed.push(line);
      for (const line of newer.slice(fromNewer, atNewer)) added.push(line);
    }
    [fromOlder, fromNewer] = [atOlder + 1, atNewer + 1];
  }
  return { removed, added, hunks, firstLine };
}
