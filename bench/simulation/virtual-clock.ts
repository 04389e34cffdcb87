interface Timer {
  readonly atMs: number;
  /** Timers of one instant fire in the order in which they were set. */
  readonly sequence: number;
  /** null once it fired or was cancelled. */
  callback: (() => void) | null;
}

/**
 * A clock that stands still while anything can run, and then goes on to the next timer. All work is promises, so
 * that one turn of `setImmediate` after a timer has fired says that nothing more can run: Node empties the queue of
 * microtasks before it.
 */
export class VirtualClock {
  private readonly heap: Timer[] = [];
  private readonly sleeping = new WeakMap<AbortSignal, Set<Timer>>();
  private sequence = 0;
  private nowMs: number;

  /** @param startMs epoch milliseconds */
  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  readonly now = (): number => this.nowMs;

  /** Resolves after that time, or at once when the signal is aborted; never rejects. */
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal === undefined) return new Promise((resolve) => this.set(ms, resolve));
    if (signal.aborted) return Promise.resolve();
    const sleepers = this.sleepersOf(signal);
    return new Promise((resolve) => {
      const timer = this.set(ms, () => {
        sleepers.delete(timer);
        resolve();
      });
      sleepers.add(timer);
    });
  };

  /** @returns what cancels it */
  readonly after = (ms: number, callback: () => void): (() => void) => {
    const timer = this.set(ms, callback);
    return () => {
      timer.callback = null;
    };
  };

  /** Does the work, in virtual time. @throws Error where it waits for what no timer will bring about */
  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      work().then(
        (value) => {
          isOver = true;
          resolve(value);
        },
        (error: unknown) => {
          isOver = true;
          reject(error);
        },
      );
      const turn = (): void => {
        if (isOver) return;
        const timer = this.pop();
        if (timer === null) {
          reject(
            new Error("the simulation stands still: nothing is left to happen, and its work has not ended"),
          );
          return;
        }
        const { callback } = timer;
        if (callback !== null) {
          timer.callback = null;
          this.nowMs = timer.atMs;
          callback();
        }
        setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  /** One listener a signal, however many sleep by it. */
  private sleepersOf(signal: AbortSignal): Set<Timer> {
    const known = this.sleeping.get(signal);
    if (known !== undefined) return known;
    const sleepers = new Set<Timer>();
    this.sleeping.set(signal, sleepers);
    signal.addEventListener(
      "abort",
      () => {
        for (const { callback } of [...sleepers]) callback?.();
      },
      { once: true },
    );
    return sleepers;
  }

  private set(ms: number, callback: () => void): Timer {
    const timer = { atMs: this.nowMs + Math.max(0, ms), sequence: this.sequence++, callback };
    const { heap } = this;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Timer;
      if (!isBefore(timer, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
    return timer;
  }

  private pop(): Timer | null {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isBefore(heap[down + 1] as Timer, heap[down] as Timer)) down++;
      if (!isBefore(heap[down] as Timer, last)) break;
      heap[at] = heap[down] as Timer;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
