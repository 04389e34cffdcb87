import { Duration } from "../../core/duration";
import type { Registry } from "../registry";
import { type AlertContext, isJoined, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import type { DegradedReason } from "./alert-names";
import { byteSlices, earliestAcceptance } from "./degraded-limits";
import { BY_INSTANCE } from "./probe-series";
import { age, compare, max, min, overTime, times } from "./promql";
import { type DegradedSample, degradedProof } from "./proofs/degraded-proofs";
import { otherShards } from "./proofs/sharded-cases";
import { provenShare } from "./proven-share";

const DAY = Duration.days(1);
const ONE_MINUTE = Duration.minutes(1);
const LEAST_SHARE = 0.5;

/** What one reason has of its own; the rest is the same for all of them. */
interface Degradation {
  readonly severity: AlertDefinition["severity"];
  readonly for: Duration;
  readonly expr: AlertDefinition["expr"];
  readonly summary: string;
  readonly description: string;
  readonly sample: DegradedSample;
}

/** The proof is weaker than it should be, one rule for each reason; those that cannot occur are left out. */
export function degradedAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const reasons = { ...coverageReasons(context, registry), ...otherReasons(context, registry) };
  return Object.entries(reasons).flatMap(([reason, one]) => {
    if (one === undefined || !isReason(reasons, reason)) return [];
    const { sample, ...rest } = one;
    return [
      {
        ...rest,
        alert: "RegistryIntegrityDegraded",
        reason,
        instance: registry.instance,
        command: logsCommand(context, registry),
        source: "probe",
        cases: (proofTimes) => degradedProof(context, registry, sample, proofTimes),
      },
    ];
  });
}

function isReason(reasons: Record<DegradedReason, unknown>, text: string): text is DegradedReason {
  return Object.hasOwn(reasons, text);
}

function coverageReasons(context: AlertContext, registry: Registry) {
  const { thresholds } = context;
  const probe = seriesOf(context, registry);
  const tags = probe.of("tags_checked");
  const coverage_dropped: Degradation = {
    severity: "warning",
    for: thresholds.confirmedFor,
    expr: compare(probe.total(tags), "<", times(LEAST_SHARE, probe.total(overTime("max", tags, DAY)))),
    summary: "Less than half of the tags of {{ $labels.instance }} are checked, compared with the last day",
    description:
      "{{ $value }} tags were checked, less than half of the most in a day. Repositories vanished from the " +
      "catalogue, or the registry hides them from the probe; a clean-up of that size ends by itself after a day.",
    sample: { key: "tags_checked", before: 100, bad: 49, sound: 50 },
  };
  const nothing_checked: Degradation = {
    severity: "warning",
    for: thresholds.confirmedFor,
    expr: compare(probe.total(tags), "==", 0),
    summary: "The probe checks nothing at {{ $labels.instance }}",
    description:
      "The catalogue is read and no tag was resolved: no failures are reported because none could be found.",
    sample: { key: "tags_checked", bad: 0, sound: 1 },
  };
  const coverage_partial: Degradation = {
    severity: "info",
    for: thresholds.confirmedFor,
    expr: compare(provenShare(context, registry), "<", 1),
    summary: "Part of {{ $labels.instance }} is not proven",
    description:
      "The walks determine {{ $value | humanizePercentage }} of what they should; the log says why.",
    sample: { key: "coverage_ratio", bad: 0.9999, sound: 1, beside: otherShards(context, registry) },
  };
  return { coverage_dropped, nothing_checked, coverage_partial };
}

function otherReasons(context: AlertContext, registry: Registry) {
  const { thresholds, spec, options } = context;
  const probe = seriesOf(context, registry);
  const slow = thresholds.slowWalk.toSeconds();
  const walk_slow: Degradation = {
    severity: "info",
    for: thresholds.confirmedFor,
    expr: compare(max(BY_INSTANCE, probe.of("walk_duration_seconds")), ">", slow),
    summary: "Walks of {{ $labels.instance }} take long",
    description:
      `They take {{ $value | humanizeDuration }}; from ${thresholds.slowWalk.toPrometheus()} on they come near their ` +
      `deadline (${spec.times.deadline.toPrometheus()}) or half the interval. What a deadline cuts off is not proven.`,
    sample: { key: "walk_duration_seconds", bad: slow + 1, sound: slow },
  };
  const throttled: Degradation = {
    severity: "info",
    for: thresholds.confirmedFor,
    expr: compare(probe.total(probe.of("throttled_responses")), ">", 0),
    summary: "{{ $labels.instance }} throttles the probe",
    description:
      "It answered {{ $value }} requests of the last walk with 429. The probe slows down by itself.",
    sample: { key: "throttled_responses", bad: 1, sound: 0 },
  };
  const series_truncated: Degradation = {
    // With the join only what is listed can be found in use.
    severity: isJoined(options) ? "warning" : "info",
    for: ONE_MINUTE,
    expr: compare(probe.total(probe.of("broken_references_truncated")), ">", 0),
    summary: "{{ $labels.instance }} has more broken references than are listed",
    description: "{{ $value }} more broken references stand in the probe's log alone, and in no series.",
    sample: { key: "broken_references_truncated", bad: 1, sound: 0 },
  };
  return {
    walk_slow,
    throttled,
    bytes_unverified: bytesUnverified(context, registry),
    series_truncated,
    acceptance_expired: acceptanceExpired(context, registry),
  };
}

function bytesUnverified(context: AlertContext, registry: Registry): Degradation | undefined {
  const slices = byteSlices(context.spec);
  if (slices === null) return undefined;
  const limit = slices.maxAge.toSeconds();
  // Slices of another number, from before it was changed, stay in the Pushgateway for ever.
  const read = seriesOf(context, registry).of("bytes_verified_timestamp", {
    slice: { matches: slices.pattern },
  });
  return {
    severity: "warning",
    for: ONE_MINUTE,
    expr: compare(age(min(BY_INSTANCE, read)), ">", limit),
    summary: "Blobs of {{ $labels.instance }} were not read whole for long",
    description:
      "The oldest slice was last read and hashed {{ $value | humanizeDuration }} ago, where " +
      `${slices.maxAge.toPrometheus()} is two rounds. A byte changed in place since then is not noticed.`,
    sample: {
      key: "bytes_verified_timestamp",
      labels: { slice: slices.example },
      foreignLabels: { slice: "1/9999" },
      bad: -limit - 1,
      sound: { from: -limit, at: 0 },
    },
  };
}

function acceptanceExpired(context: AlertContext, registry: Registry): Degradation | undefined {
  const earliest = earliestAcceptance(registry);
  if (earliest === null) return undefined;
  const { untilSeconds, entries } = earliest;
  return {
    severity: "info",
    for: ONE_MINUTE,
    expr: compare(max(BY_INSTANCE, seriesOf(context, registry).of("last_run_timestamp")), ">", untilSeconds),
    summary: "Damage of {{ $labels.instance }} is past the date until which it was accepted",
    description: `Repair it or take the entry out, as it pages again: ${entries.join("; ")}.`,
    sample: { key: "last_run_timestamp", bad: untilSeconds + 1, sound: untilSeconds },
  };
}
