import { Duration } from "../../core/duration";
import type { ProbeSpec } from "../probe-spec";

/** Times that follow from the probe's own. */
export interface AlertThresholds {
  /** A finding stands in the next run too before it pages, with a minute for its scrape. */
  readonly confirmedFor: Duration;
  /** After its end: two runs that found nothing. */
  readonly keepFiringFor: Duration;
  /** How long a run that could not look is covered by the one before: two intervals. */
  readonly memory: Duration;
  /** How far back findings that come and go are counted: four intervals. */
  readonly flappingWithin: Duration;
  /** Between two looks in that time. */
  readonly flappingStep: Duration;
  /** Three runs missed: one may fall to a node's restart, two to an upgrade. */
  readonly staleAfter: Duration;
  /** The longest that the first run after an installation, or after the Pushgateway lost its memory, may take. */
  readonly absentFor: Duration;
  /** Since the last walk that determined everything. */
  readonly incompleteAfter: Duration;
  /** A walk that takes longer will soon be cut off, or meet the next. */
  readonly slowWalk: Duration;
}

const MINUTE = Duration.minutes(1);
const STEPS_PER_INTERVAL = 15;

export function alertThresholds(spec: Pick<ProbeSpec, "times">): AlertThresholds {
  const { interval, startJitter, deadline } = spec.times;
  const firstRun = interval.plus(startJitter).plus(deadline).plus(MINUTE);
  const seconds = interval.toSeconds();
  return {
    confirmedFor: interval.plus(MINUTE),
    keepFiringFor: interval.times(2),
    memory: interval.times(2),
    flappingWithin: interval.times(4),
    flappingStep: Duration.seconds(Math.max(1, Math.floor(seconds / STEPS_PER_INTERVAL))),
    staleAfter: interval.times(3),
    absentFor: Duration.minutes(Math.ceil(firstRun.toSeconds() / 60)),
    incompleteAfter: interval.times(4),
    slowWalk: Duration.seconds(Math.floor(Math.min(seconds / 2, deadline.toSeconds() * 0.9))),
  };
}
