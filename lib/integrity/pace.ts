import type { WalkProgress } from "./walk";

/** Requests per second: where an adaptive walk starts, and what it never exceeds. */
export const ADAPTIVE_RATE = { min: 20, max: 200 } as const;

export interface PaceOptions {
  /** A third of the interval or the deadline: the walk should end by then. Milliseconds. */
  readonly targetMs: number;
  readonly now: () => number;
  readonly setRate: (perSecond: number) => void;
  /** So many walks share what the registry bears: each takes its part of every rate. @default 1 */
  readonly shards?: number;
}

const HALVE_AT_MOST_EVERY_MS = 1000;

/**
 * The adaptive rate: as slow as ends the walk in time, never faster than `ADAPTIVE_RATE.max`, and half of what it
 * was each time that the registry throttles.
 */
export class Pace {
  private readonly startedAt: number;
  private readonly least: number;
  private readonly floor: number;
  private rate: number;
  private ceiling: number;
  private halvedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: PaceOptions) {
    const { shards = 1 } = options;
    this.startedAt = options.now();
    this.least = ADAPTIVE_RATE.min / shards;
    this.floor = 1 / shards;
    this.rate = this.least;
    this.ceiling = ADAPTIVE_RATE.max / shards;
    options.setRate(this.rate);
  }

  onProgress(progress: WalkProgress): void {
    const left = estimateRequests(progress) - progress.requests;
    const elapsedMs = this.options.now() - this.startedAt;
    const timeLeftMs = Math.max(1000, this.options.targetMs - elapsedMs);
    const wanted = Math.max(this.least, (left * 1000) / timeLeftMs);
    this.set(Math.min(wanted, this.ceiling));
  }

  onThrottled(): void {
    const now = this.options.now();
    if (now - this.halvedAt < HALVE_AT_MOST_EVERY_MS) return;
    this.halvedAt = now;
    this.ceiling = Math.max(this.floor, this.rate / 2);
    this.set(this.ceiling);
  }

  private set(rate: number): void {
    // A change below a tenth is not worth disturbing the limiter for.
    if (Math.abs(rate - this.rate) < this.rate / 10) return;
    this.rate = rate;
    this.options.setRate(rate);
  }
}

/**
 * All requests that the walk will take, by what the repositories done so far took; the first one under way counts
 * as done, or a large one would be walked to its end at the lowest rate. At least those known.
 */
export function estimateRequests(progress: WalkProgress): number {
  const { requests, pending, repositoriesDone, repositoriesTotal } = progress;
  const least = repositoriesDone === 0 ? LEAST_REQUESTS_PER_REPOSITORY : 0;
  const perRepository = Math.max(least, requests / Math.max(1, repositoriesDone));
  return Math.max(requests + pending, perRepository * repositoriesTotal);
}

/** The tags list, one tag, its config and one layer. */
const LEAST_REQUESTS_PER_REPOSITORY = 4;

/** Why the walk cannot end before its deadline at this rate; null when it can. */
export function deadlineWarning(
  progress: WalkProgress,
  ratePerSecond: number,
  deadlineMs: number,
): string | null {
  if (ratePerSecond === 0) return null;
  const requests = Math.round(estimateRequests(progress));
  const seconds = Math.ceil(requests / ratePerSecond);
  if (seconds * 1000 <= deadlineMs) return null;
  return (
    `the walk takes about ${requests} requests: ${seconds} s at ${Math.round(ratePerSecond * 100) / 100} a second, and the deadline is ` +
    `${Math.round(deadlineMs / 1000)} s. Raise --deadline or --rate, or use --newest, --blobs head or --repository`
  );
}
