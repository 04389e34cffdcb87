export interface RateLimiterOptions {
  /** 0 lets everything through. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How far a late timer may be made up for by requests sent at once. */
const MAX_LAG_MS = 1000;
/** Kept from the start: whoever is given this very promise need not wait for it. */
export const AT_ONCE = Promise.resolve();

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Spaces requests evenly, first come, first served. */
export class RateLimiter {
  private readonly queue: Waiting[] = [];
  private rate: number;
  private isPumping = false;
  private nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RateLimiterOptions) {
    this.rate = checked(options.perSecond);
  }

  /** Resolves when the next request may be sent. */
  acquire(): Promise<void> {
    if (this.rate === 0) return AT_ONCE;
    const { now } = this.options;
    if (!this.isPumping && this.nextAtMs <= now()) {
      this.nextAtMs = now() + 1000 / this.rate;
      return AT_ONCE;
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ resolve, reject });
      if (!this.isPumping) void this.pump();
    });
  }

  /** Takes effect with the next request; 0 releases all that wait. */
  setRate(perSecond: number): void {
    this.rate = checked(perSecond);
    if (this.rate === 0) for (const one of this.queue.splice(0)) one.resolve();
  }

  private async pump(): Promise<void> {
    const { now, sleep } = this.options;
    this.isPumping = true;
    try {
      while (this.queue.length > 0 && this.rate > 0) {
        const waitMs = this.nextAtMs - now();
        if (waitMs > 0) await sleep(waitMs);
        if (this.queue.length === 0 || this.rate === 0) break;
        this.nextAtMs = Math.max(this.nextAtMs, now() - MAX_LAG_MS) + 1000 / this.rate;
        this.queue.shift()?.resolve();
      }
    } catch (error) {
      for (const one of this.queue.splice(0)) one.reject(error);
    } finally {
      this.isPumping = false;
    }
  }
}

function checked(perSecond: number): number {
  if (Number.isFinite(perSecond) && perSecond >= 0) return perSecond;
  throw new RangeError(`a rate must be 0 or more requests a second, got ${perSecond}. 0 means no limit`);
}
