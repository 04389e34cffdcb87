import { Duration } from "../../core/duration";
import type { Registry } from "../registry";
import { type AlertContext, objectsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { BY_INSTANCE, BY_SHARD } from "./probe-series";
import { age, compare, count, max, unless } from "./promql";
import { neverReportedShardProof, overdueShardProof } from "./proofs/shard-proofs";
import { ageOfShards } from "./proven-share";

/**
 * One shard does not report while others do. That none of them does is told by RegistryIntegrityProbeStale, and that
 * there is no report at all by RegistryIntegrityProbeAbsent.
 */
export function shardAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const probe = seriesOf(context, registry);
  const { shards } = probe;
  if (shards === null) return [];
  const { staleAfter, absentFor } = context.thresholds;
  const lastRun = probe.of("last_run_timestamp");
  const stale = staleAfter.toSeconds();
  const common = {
    alert: "RegistryIntegrityShardMissing",
    instance: registry.instance,
    severity: "warning",
    command: objectsCommand(context),
    source: "probe",
  } as const;
  return [
    {
      ...common,
      reason: "shard_overdue",
      for: Duration.minutes(1),
      expr: unless(
        count(BY_INSTANCE, compare(ageOfShards(probe), ">", stale)),
        BY_INSTANCE,
        compare(age(max(BY_INSTANCE, lastRun)), ">", stale),
      ),
      summary: `{{ $value }} of ${shards} shards of {{ $labels.instance }} do not report: nobody looks at their part`,
      description:
        `Their last reports are older than ${staleAfter.toPrometheus()}, while the others' go on. A loss in their ` +
        "repositories since then is not noticed.",
      cases: (times) => overdueShardProof(context, registry, shards, times),
    },
    {
      ...common,
      reason: "shard_never_reported",
      // As long as a first run may take: where the number has just changed, the shards come one after the other.
      for: absentFor,
      expr: compare(count(BY_INSTANCE, max(BY_SHARD, lastRun)), "<", shards),
      summary: `Only {{ $value }} of ${shards} shards of {{ $labels.instance }} ever reported`,
      description:
        `The others have not for ${absentFor.toPrometheus()}, longer than a first run takes. Their part of the ` +
        "repositories is proven by nobody.",
      cases: (times) => neverReportedShardProof(context, registry, shards, times),
    },
  ];
}
