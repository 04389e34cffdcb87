interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is told to go on, and then wakes whoever sleeps, in order. */
export class VirtualTime {
  nowMs = 0;
  private timers: Timer[] = [];

  sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = (): void => {
        this.timers = this.timers.filter((one) => one !== timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = { atMs: this.nowMs + Math.max(0, ms), fire: end };
      this.timers.push(timer);
      signal?.addEventListener("abort", end);
    });
  }

  /** Until that time, or until nobody sleeps. */
  async runTo(untilMs: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.timers.reduce<Timer | null>(
        (first, one) => (first === null || one.atMs < first.atMs ? one : first),
        null,
      );
      if (next === null || next.atMs > untilMs) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.fire();
    }
    this.nowMs = untilMs;
  }
}
