import { tagShare, turnOf } from "../../lib/integrity/walk-order";

export interface ReachOptions {
  /** Tags of each repository, in the walk's order. */
  readonly tags: readonly number[];
  /** Tags that a walk has time for. */
  readonly tagsPerWalk: number;
  readonly intervalMs: number;
}

export interface Reach {
  /** Runs until every tag was looked at once. */
  readonly runsUntilAll: number;
  /** The most runs from one look at a tag to the next. */
  readonly longestGap: number;
}

const MAX_RUNS = 200_000;

/**
 * Which runs reach which tags, by the order in which walks begin; null where some tag is not reached in as many runs
 * as are in five years.
 */
export function reachOf({ tags, tagsPerWalk, intervalMs }: ReachOptions): Reach | null {
  const firsts: number[] = [];
  let total = 0;
  for (const count of tags) {
    firsts.push(total);
    total += count;
  }
  if (tagsPerWalk >= total) return { runsUntilAll: 1, longestGap: 1 };
  const lastSeen = new Int32Array(total).fill(-1);
  let unseen = total;
  let runsUntilAll: number | null = null;
  let longestGap = 0;
  // Gaps are counted from when every tag was seen, for twice as long again.
  for (let run = 0; run < (runsUntilAll === null ? MAX_RUNS : 3 * runsUntilAll); run++) {
    const turn = turnOf(run * intervalMs, intervalMs);
    let left = tagsPerWalk;
    for (let i = 0; i < tags.length && left > 0; i++) {
      const repository = (Math.floor(turn.repositories * tags.length) + i) % tags.length;
      const count = tags[repository] as number;
      const start = Math.floor(tagShare(turn, i, tags.length) * count);
      for (let t = 0; t < Math.min(count, left); t++) {
        const at = (firsts[repository] as number) + ((start + t) % count);
        const seen = lastSeen[at] as number;
        if (seen < 0) unseen--;
        longestGap = Math.max(longestGap, run - Math.max(seen, 0));
        lastSeen[at] = run;
      }
      left -= count;
    }
    if (unseen === 0) runsUntilAll ??= run + 1;
  }
  return runsUntilAll === null ? null : { runsUntilAll, longestGap };
}
