import type { Duration } from "../../core/duration";

/** The times of an election, in milliseconds; what they guarantee holds in this order alone. */
export interface LeaseTimes {
  /** From the last sign of life, as another saw it, until that other takes over. */
  readonly leaseMs: number;
  /** From the sending of the last renewal that went through until its holder stands down: less than `leaseMs`. */
  readonly renewDeadlineMs: number;
  /** Between two looks, and between two renewals. */
  readonly retryMs: number;
  /** Between two looks of one that walks alone: so long walks may be doubled when the API is back. */
  readonly aloneRetryMs: number;
  /** For one request. */
  readonly requestMs: number;
  /** How long the API may refuse before the registries are walked without it; a restart of the API refuses for seconds. */
  readonly aloneWhenRefusedMs: number;
  /** How long it may be silent before. */
  readonly aloneWhenSilentMs: number;
}

const LEAST_ALONE_MS = 60_000;
const MOST_ALONE_MS = 900_000;

/**
 * Two thirds for the holder, a third for what takes time: its walk's end, a timer that is late, clocks that run at
 * different speeds. Without an API each walks after half an interval: soon enough that no threshold of the alerts
 * is passed, late enough that an API server's restart doubles nothing.
 */
export function leaseTimes(lease: Duration, interval: Duration): LeaseTimes {
  const leaseMs = lease.toMilliseconds();
  const half = Math.min(MOST_ALONE_MS, Math.floor(interval.toMilliseconds() / 2));
  return {
    leaseMs,
    renewDeadlineMs: Math.floor((leaseMs * 2) / 3),
    retryMs: Math.floor(leaseMs / 10),
    aloneRetryMs: Math.floor(leaseMs / 3),
    requestMs: Math.floor(leaseMs / 6),
    aloneWhenRefusedMs: leaseMs,
    aloneWhenSilentMs: Math.max(LEAST_ALONE_MS, half),
  };
}
