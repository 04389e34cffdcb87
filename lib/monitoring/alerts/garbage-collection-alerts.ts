import { Duration } from "../../core/duration";
import { LABEL_INSTANCE } from "../../integrity/contract";
import type { Registry } from "../registry";
import { type AlertContext, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { BY_INSTANCE } from "./probe-series";
import { absent, age, and, compare, foreign, max, minus, or, overTime } from "./promql";
import { failedProof, orphanedProof, overdueProof } from "./proofs/garbage-collection-proofs";

const DEFAULT_MAX_AGE = Duration.days(8);
const ONE_MINUTE = Duration.minutes(1);
const EVENTS = "kubectl get events -A --field-selector reason=Failed | grep -i pull";

/** Three rules a registry, where its host reports its collections. */
export function garbageCollectionAlerts(
  context: AlertContext,
  registry: Registry,
): readonly AlertDefinition[] {
  const { garbageCollection = false } = context.options;
  if (garbageCollection === false) return [];
  const maxAge = (garbageCollection === true ? undefined : garbageCollection.maxAge) ?? DEFAULT_MAX_AGE;
  return [overdue(registry, maxAge), failed(registry), orphaned(context, registry)];
}

function overdue({ instance }: Registry, maxAge: Duration): AlertDefinition {
  const success = foreign("collectionSuccess", { [LABEL_INSTANCE]: instance });
  return {
    alert: "RegistryGarbageCollectionStale",
    reason: "collection_overdue",
    instance,
    severity: "warning",
    for: Duration.hours(1),
    expr: or(compare(age(max(BY_INSTANCE, success)), ">", maxAge.toSeconds()), absent(success)),
    summary: "{{ $labels.instance }} has not been collected for too long: its disk fills",
    description:
      `No garbage collection ended without error within ${maxAge.toPrometheus()}, or none was ever reported. ` +
      "Deleted images keep their space until then.",
    command: EVENTS,
    source: "scrape",
    cases: (times) => overdueProof(instance, maxAge.toSeconds(), times),
  };
}

function failed({ instance }: Registry): AlertDefinition {
  const exitCode = foreign("collectionExitCode", { [LABEL_INSTANCE]: instance });
  return {
    alert: "RegistryGarbageCollectionFailed",
    reason: "collection_failed",
    instance,
    severity: "warning",
    for: ONE_MINUTE,
    expr: compare(max(BY_INSTANCE, exitCode), "!=", 0),
    summary: "The last garbage collection of {{ $labels.instance }} failed",
    description:
      "It exited with {{ $value }}. What it had deleted by then is gone, and the registry may still be read-only.",
    command: EVENTS,
    source: "scrape",
    cases: (times) => failedProof(instance, times),
  };
}

/** How long after a collection new damage is put down to it: the next runs of the probe, and two hours at least. */
export function blameWindow({ thresholds }: AlertContext): Duration {
  const least = Duration.hours(2);
  return thresholds.flappingWithin.compare(least) < 0 ? least : thresholds.flappingWithin;
}

function orphaned(context: AlertContext, registry: Registry): AlertDefinition {
  const { instance } = registry;
  const here = { [LABEL_INSTANCE]: instance };
  const window = blameWindow(context);
  const probe = seriesOf(context, registry);
  const failures = probe.of("failures");
  // Twice as long, so that a run from before the collection is among them.
  const rise = minus(probe.total(failures), probe.totalOfLeast(overTime("min", failures, window.times(2))));
  const collected = compare(
    age(max(BY_INSTANCE, foreign("collectionSuccess", here))),
    "<",
    window.toSeconds(),
  );
  return {
    alert: "RegistryOrphanedImages",
    reason: "damage_after_collection",
    instance,
    severity: "critical",
    for: ONE_MINUTE,
    expr: or(
      compare(max(BY_INSTANCE, foreign("orphanedImages", here)), ">", 0),
      and(compare(rise, ">", 0), BY_INSTANCE, collected),
    ),
    summary: "A garbage collection of {{ $labels.instance }} took objects that images need",
    description:
      "Its disk holds {{ $value }} images whose index outlived its children, or that many more references are broken " +
      "than before the last collection. Stop the next collection first: it goes on where this one ended.",
    command: logsCommand(context, registry),
    source: "probe",
    cases: (times) => orphanedProof(context, registry, window, times),
  };
}
