import { Duration } from "../../core/duration";
import type { Registry } from "../registry";
import { type AlertContext, logsCommand, objectsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { BY_INSTANCE } from "./probe-series";
import { absent, age, compare, max, min, unless } from "./promql";
import { absentProof, incompleteProof, neverCompleteProof, staleProof } from "./proofs/probe-proofs";

const ONE_MINUTE = Duration.minutes(1);

/** A comparison with a series that never existed is silent: this one is not. */
export function absentAlert(context: AlertContext, registry: Registry): AlertDefinition {
  const { instance } = registry;
  const { absentFor } = context.thresholds;
  return {
    alert: "RegistryIntegrityProbeAbsent",
    reason: "never_reported",
    instance,
    severity: "warning",
    for: absentFor,
    expr: absent(seriesOf(context, registry).of("last_run_timestamp")),
    summary:
      "Nobody knows whether {{ $labels.instance }} can be pulled from: there is no report of it at all",
    description:
      `Prometheus has had no series of this registry for ${absentFor.toPrometheus()}, longer than a first run takes. ` +
      "The probe never ran, its reports are not scraped, or the Pushgateway lost them and no run came after.",
    command: objectsCommand(context),
    source: "probe",
    cases: (times) => absentProof(context, registry, times),
  };
}

export function staleAlert(context: AlertContext, registry: Registry): AlertDefinition {
  const { instance } = registry;
  const { staleAfter } = context.thresholds;
  const last = max(BY_INSTANCE, seriesOf(context, registry).of("last_run_timestamp"));
  return {
    alert: "RegistryIntegrityProbeStale",
    reason: "run_overdue",
    instance,
    severity: "warning",
    for: ONE_MINUTE,
    expr: compare(age(last), ">", staleAfter.toSeconds()),
    summary:
      "Nobody knows whether {{ $labels.instance }} can still be pulled from: its probe does not report",
    description:
      "The last report came {{ $value | humanizeDuration }} ago, at one every " +
      `${context.spec.times.interval.toPrometheus()}. A loss since then is not noticed.`,
    command: objectsCommand(context),
    source: "probe",
    cases: (times) => staleProof(context, registry, times),
  };
}

export function incompleteAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const { instance } = registry;
  const { incompleteAfter, staleAfter } = context.thresholds;
  const probe = seriesOf(context, registry);
  const success = probe.of("last_success_timestamp");
  const lastRun = probe.oldest(probe.of("last_run_timestamp"));
  // Written by every run of this probe, and by none of its predecessor's.
  const coverage = max(probe.by, probe.of("coverage_ratio"));
  const neverComplete = unless(coverage, probe.by, max(probe.by, success));
  const common = {
    alert: "RegistryIntegrityProbeNoCompleteWalk",
    instance,
    severity: "warning",
    summary: "No walk of {{ $labels.instance }} was complete of late: part of it is not proven",
    command: logsCommand(context, registry),
    source: "probe",
  } as const;
  return [
    {
      ...common,
      reason: "walk_incomplete",
      for: ONE_MINUTE,
      // Where no run reports, or one shard's does not, that is what has to be told.
      expr: unless(
        compare(age(probe.oldest(success)), ">", incompleteAfter.toSeconds()),
        BY_INSTANCE,
        compare(age(lastRun), ">", staleAfter.toSeconds()),
      ),
      description:
        "Runs end and report, but each left something undetermined; the last one that did not was " +
        "{{ $value | humanizeDuration }} ago. Damage in what they leave out is not seen.",
      cases: (times) => incompleteProof(context, registry, times),
    },
    {
      ...common,
      reason: "walk_never_complete",
      for: incompleteAfter,
      expr: probe.shards === null ? neverComplete : min(BY_INSTANCE, neverComplete),
      description:
        "Runs end and report, but none was ever complete; coverage is {{ $value | humanizePercentage }}. " +
        "Damage in what they leave out is not seen.",
      cases: (times) => neverCompleteProof(context, registry, times),
    },
  ];
}
