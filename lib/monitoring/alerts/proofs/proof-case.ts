/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#test_group */
import type { MetricKey } from "../../../integrity/contract";
import type { ForeignMetric, LabelName } from "../foreign-metrics";
import { foreign, series } from "../promql";

/** A series of promtool's: a sample each minute, from minute 0. */
export interface ProofSeries {
  readonly series: string;
  /** `1x5` is six times 1; `stale _x5` is six minutes without it. */
  readonly values: string;
}

/** What the alert is at a minute: nothing is neither pending nor firing. */
export type AlertState = "nothing" | "pending" | "firing";

export interface ProofMoment {
  readonly minute: number;
  readonly state: AlertState;
  /**
   * How many of them, where one rule makes several.
   * @default 1
   */
  readonly count?: number;
}

export interface ProofCase {
  /** Completes "<alert> …". */
  readonly name: string;
  readonly series: readonly ProofSeries[];
  readonly expected: readonly ProofMoment[];
}

type Labels = Readonly<Partial<Record<LabelName, string>>>;

/** A part of a series: so many samples of one value, or so many minutes of none. */
export type Stretch = readonly [minutes: number, value: number | null];

export function ours(key: MetricKey, labels: Labels, ...stretches: readonly Stretch[]): ProofSeries {
  return { series: series(key, labels).promql, values: values(stretches) };
}

export function theirs(metric: ForeignMetric, labels: Labels, ...stretches: readonly Stretch[]): ProofSeries {
  return { series: foreign(metric, labels).promql, values: values(stretches) };
}

function values(stretches: readonly Stretch[]): string {
  return stretches
    .filter(([minutes]) => minutes > 0)
    .map(([minutes, value]) => (value === null ? gap(minutes) : `${value}x${minutes - 1}`))
    .join(" ");
}

/** Without the mark of a vanished series, promtool would see its last value for five minutes more. */
function gap(minutes: number): string {
  return minutes === 1 ? "stale" : `stale _x${minutes - 1}`;
}

/** A counter that rises by so much each minute. */
export function counting(
  metric: ForeignMetric,
  labels: Labels,
  perMinute: number,
  minutes: number,
): ProofSeries {
  return { series: foreign(metric, labels).promql, values: `0+${perMinute}x${minutes}` };
}

/** The evaluation before the alert fires, and the one at which it does, for a condition that holds from `since` on. */
export function boundary(since: number, forMinutes: number, count = 1): readonly ProofMoment[] {
  const before: ProofMoment =
    forMinutes === 0
      ? { minute: since - 1, state: "nothing" }
      : { minute: since + forMinutes - 1, state: "pending", count };
  return [...(before.minute < 0 ? [] : [before]), { minute: since + forMinutes, state: "firing", count }];
}

/** The last minute of a condition that ended at `end`, and the first without the alert. */
export function ending(end: number, keepMinutes: number): readonly ProofMoment[] {
  return [
    { minute: end + keepMinutes - 1, state: "firing" },
    { minute: end + keepMinutes, state: "nothing" },
  ];
}

export function never(...minutes: readonly number[]): readonly ProofMoment[] {
  return minutes.map((minute) => ({ minute, state: "nothing" }));
}
