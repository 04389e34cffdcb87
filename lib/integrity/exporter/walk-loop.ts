export interface WalkLoopOptions {
  readonly intervalMs: number;
  /** Before the first walk. */
  readonly firstDelayMs: number;
  readonly now: () => number;
  /** Ends early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the loop, after the walk under way. */
  readonly signal: AbortSignal;
  /** Told before each wait; epoch milliseconds. */
  readonly onPlanned: (atMs: number) => void;
  /** @param plannedAtMs when it should have begun: its distance from the last one is exact, whatever timers do */
  readonly walk: (plannedAtMs: number) => Promise<void>;
}

/** Walks at even distances until the signal; throws what a walk throws. */
export async function walkLoop(options: WalkLoopOptions): Promise<void> {
  const { intervalMs, now, sleep, signal } = options;
  let plannedAtMs = now() + options.firstDelayMs;
  for (;;) {
    options.onPlanned(plannedAtMs);
    const waitMs = plannedAtMs - now();
    if (waitMs > 0) await sleep(waitMs, signal);
    if (signal.aborted) return;
    await options.walk(plannedAtMs);
    plannedAtMs = nextStart(plannedAtMs, now(), intervalMs);
  }
}

/**
 * The next time on the grid that `lastAtMs` is on, wherever the clock was set meanwhile; a walk that took too long
 * leaves out the starts that it missed.
 */
export function nextStart(lastAtMs: number, nowMs: number, intervalMs: number): number {
  return lastAtMs + (Math.floor((nowMs - lastAtMs) / intervalMs) + 1) * intervalMs;
}
