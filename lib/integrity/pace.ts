import { BearableRate } from "./bearable-rate";
import type { WalkProgress } from "./walk";

/** Requests per second: where an adaptive walk starts, and what it never exceeds. */
export const ADAPTIVE_RATE = { min: 20, max: 200 } as const;

export interface PaceOptions {
  /** Of all shards together; 0 for no limit, null for an adaptive rate. */
  readonly perSecond: number | null;
  /** A third of the interval or the deadline: an adaptive walk should end by then. Milliseconds. */
  readonly targetMs: number;
  readonly now: () => number;
  /** 0 for no limit. */
  readonly setRate: (perSecond: number) => void;
  /** So many walks share what the registry bears: each takes its part of every rate. @default 1 */
  readonly shards?: number;
}

const UNLIMITED = Number.POSITIVE_INFINITY;
const SAMPLE_MS = 1000;

/**
 * The rate of a walk: what was set, or else as slow as ends the walk in time and never faster than
 * `ADAPTIVE_RATE.max`; and no more than the registry bears, once it throttles.
 */
export class Pace {
  private readonly startedAt: number;
  private readonly set: number | null;
  private readonly least: number;
  private readonly bearable: BearableRate;
  private rate: number;
  /** Requests sent by the last answer, and by some answer a second or two before. */
  private sent = 0;
  private readonly samples: [Sample, Sample];

  constructor(private readonly options: PaceOptions) {
    const { shards = 1, perSecond } = options;
    const now = options.now();
    this.startedAt = now;
    this.samples = [
      { atMs: now, sent: 0 },
      { atMs: now, sent: 0 },
    ];
    this.least = ADAPTIVE_RATE.min / shards;
    this.set = perSecond === null ? null : perSecond === 0 ? UNLIMITED : perSecond / shards;
    const highest = this.set ?? ADAPTIVE_RATE.max / shards;
    this.bearable = new BearableRate({ highest, lowest: Math.min(1 / shards, highest) });
    this.rate = this.set ?? this.least;
    options.setRate(this.rate === UNLIMITED ? 0 : this.rate);
  }

  onProgress(progress: WalkProgress): void {
    const now = this.options.now();
    this.sent = progress.requests;
    if (now - this.samples[1].atMs >= SAMPLE_MS) {
      this.samples[0] = this.samples[1];
      this.samples[1] = { atMs: now, sent: this.sent };
    }
    const wanted = this.set ?? this.adapted(progress, now);
    if (wanted > this.bearable.perSecond) this.bearable.borne(now);
    this.change(Math.min(wanted, this.bearable.perSecond));
  }

  onThrottled(): void {
    const now = this.options.now();
    this.bearable.refused(this.rate === UNLIMITED ? this.measured(now) : this.rate, now);
    if (this.rate > this.bearable.perSecond) this.change(this.bearable.perSecond);
  }

  private adapted(progress: WalkProgress, now: number): number {
    const left = estimateRequests(progress) - progress.requests;
    const timeLeftMs = Math.max(1000, this.options.targetMs - (now - this.startedAt));
    return Math.max(this.least, (left * 1000) / timeLeftMs);
  }

  private measured(now: number): number {
    const [{ atMs, sent }] = this.samples;
    return Math.max(this.least, ((this.sent - sent) * 1000) / Math.max(1, now - atMs));
  }

  private change(rate: number): void {
    // A change below a tenth is not worth disturbing the limiter for.
    if (rate === this.rate || Math.abs(rate - this.rate) < this.rate / 10) return;
    this.rate = rate;
    this.options.setRate(rate === UNLIMITED ? 0 : rate);
  }
}

interface Sample {
  readonly atMs: number;
  readonly sent: number;
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
