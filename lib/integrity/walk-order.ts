/** Where a walk begins, as shares, 0 up to 1. */
export interface WalkTurn {
  /** Of the repositories: what is beyond the whole number of them is how far into the first one. */
  readonly repositories: number;
  /** Of the tags of every further repository. */
  readonly tags: number;
}

/** Far from every fraction, and from one another: neither beats in time with the other, or with a schedule. */
const GOLDEN_RATIO = 0.618_033_988_749_895;
const ROOT_OF_TWO = 0.414_213_562_373_095;

/**
 * The beginning moves with the start time, so that walks which their deadline cuts do not miss the same tail each
 * time. Counted by intervals, the beginnings of one run after the other lie as evenly as can be, and all is reached in
 * the fewest runs; a start that is late by seconds, as a jitter makes it, changes nothing. Counted by seconds they lie
 * as if drawn by lot.
 *
 * @param intervalMs time between two runs; null where there is no schedule
 */
export function turnOf(nowMs: number, intervalMs: number | null): WalkTurn {
  const count = Math.floor(nowMs / (intervalMs ?? 1000));
  return { repositories: (count * GOLDEN_RATIO) % 1, tags: (count * ROOT_OF_TWO) % 1 };
}

/** Where the tags of the repository begin that is walked as number `nth`, from 0, of so many. */
export function tagShare(turn: WalkTurn, nth: number, repositories: number): number {
  return nth === 0 ? (turn.repositories * repositories) % 1 : turn.tags;
}

/** The items in their order, from that share of them on and around. */
export function rotated<T>(items: readonly T[], share: number): T[] {
  const start = Math.floor(share * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
