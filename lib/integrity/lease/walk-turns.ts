import { mayWalk, type Standing } from "./standing";

/**
 * Walks while its replica may: each turn has a signal of its own, by which the walk under way is given up, and no turn
 * begins before the one before has ended.
 */
export class WalkTurns {
  private turn: AbortController | null = null;
  private last: Promise<void> = Promise.resolve();
  private readonly failed: Promise<never>;
  private fail: (error: unknown) => void = () => undefined;

  /** @param walk goes on until its signal */
  constructor(private readonly walk: (signal: AbortSignal) => Promise<void>) {
    this.failed = new Promise((_, reject) => {
      this.fail = reject;
    });
    // Whoever waits for the turns is told.
    this.failed.catch(() => undefined);
  }

  follow(standing: Standing): void {
    if (!mayWalk(standing)) {
      this.turn?.abort();
      this.turn = null;
      return;
    }
    if (this.turn !== null) return;
    const turn = new AbortController();
    this.turn = turn;
    this.last = this.last
      .then(() => (turn.signal.aborted ? undefined : this.walk(turn.signal)))
      .catch((error: unknown) => this.fail(error));
  }

  /** Resolves with `ends`, and rejects as soon as a walk throws. */
  async until(ends: Promise<void>): Promise<void> {
    await Promise.race([ends, this.failed]);
  }

  /** Resolves when the walk under way has been given up. */
  async end(): Promise<void> {
    this.turn?.abort();
    this.turn = null;
    await this.last;
  }
}
