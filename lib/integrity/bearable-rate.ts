/** Requests that were under way when the registry began to refuse are refused too: one sign, not many. */
const LOWERED_AT_MOST_EVERY_MS = 1000;
/** Without a refusal for so long, a higher rate is tried. */
const FIRST_PATIENCE_MS = 5_000;
const MAX_PATIENCE_MS = 160_000;
const STEP = 1.2;

export interface BearableRateOptions {
  /** Requests per second: it never goes above; Infinity where nothing was said. */
  readonly highest: number;
  /** Requests per second: it never goes below. */
  readonly lowest: number;
}

/**
 * The most requests per second that the registry bears, by when it refuses some. A refusal halves it; in calm it climbs
 * by a fifth, and a step that is refused is taken back. Each refusal on the way up doubles the calm that it waits for,
 * so that it comes to rest below the limit; a step beyond what was refused halves it.
 */
export class BearableRate {
  private highest: number;
  private rate: number;
  private loweredAtMs = Number.NEGATIVE_INFINITY;
  private calmSinceMs = 0;
  private patienceMs = FIRST_PATIENCE_MS;
  private hasClimbed = false;
  /** What was borne before the last step, while nothing has been refused since. */
  private bornePerSecond: number | null = null;
  private refusedPerSecond = Number.POSITIVE_INFINITY;

  constructor(private readonly options: BearableRateOptions) {
    this.highest = options.highest;
    this.rate = options.highest;
  }

  get perSecond(): number {
    return this.rate;
  }

  /** @param perSecond at which rate requests were sent when one was refused */
  refused(perSecond: number, nowMs: number): void {
    if (nowMs - this.loweredAtMs < LOWERED_AT_MOST_EVERY_MS) return;
    // Where no rate was set, what was tried is the most that will be tried again.
    if (this.highest === Number.POSITIVE_INFINITY) this.highest = perSecond;
    const borne = this.bornePerSecond;
    this.rate = borne !== null && perSecond > borne ? borne : Math.max(this.options.lowest, perSecond / 2);
    if (this.hasClimbed) this.patienceMs = Math.min(MAX_PATIENCE_MS, this.patienceMs * 2);
    this.bornePerSecond = null;
    this.refusedPerSecond = perSecond;
    this.loweredAtMs = nowMs;
    this.calmSinceMs = nowMs;
  }

  /** An answer that the registry did not refuse, at a time when more would be sent were it not for this rate. */
  borne(nowMs: number): void {
    if (this.rate >= this.highest || nowMs - this.calmSinceMs < this.patienceMs) return;
    if (this.rate >= this.refusedPerSecond) {
      this.patienceMs = Math.max(FIRST_PATIENCE_MS, this.patienceMs / 2);
    }
    this.hasClimbed = true;
    this.bornePerSecond = this.rate;
    this.rate = Math.min(this.highest, this.rate * STEP);
    this.calmSinceMs = nowMs;
  }
}
