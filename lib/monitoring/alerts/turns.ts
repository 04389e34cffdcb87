import type { Duration } from "../../core/duration";
import { blobTurns } from "../blob-rotation";
import type { ProbeSpec } from "../probe-spec";

/** The turns in which blobs are proven. */
export interface Turns {
  readonly n: number;
  /** Until the slice whose turn has just passed comes round again, beyond the next run. */
  readonly wait: Duration;
  /** A round, the run that ends it, and one that came late. */
  readonly maxAge: Duration;
}

/** Null where each run proves all blobs. */
export function turnsOf({ run, times }: ProbeSpec): Turns | null {
  const n = blobTurns(run, times);
  if (n === null) return null;
  const { interval, startJitter, deadline } = times;
  const maxAge = interval
    .times(n + 1)
    .plus(startJitter)
    .plus(deadline);
  return { n, wait: interval.times(n - 1), maxAge };
}
