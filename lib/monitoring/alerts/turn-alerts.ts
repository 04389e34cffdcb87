import { Duration } from "../../core/duration";
import type { MetricKey } from "../../integrity/contract";
import type { Registry } from "../registry";
import { type AlertContext, isJoined, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { BY_INSTANCE, type ProbeSeries } from "./probe-series";
import { age, compare, count, type Expr, max, min, sum, unless } from "./promql";
import { brokenInTurnProof, neverProvenProof, unprovenProof } from "./proofs/turn-proofs";
import { type Turns, turnsOf } from "./turns";

const ONE_MINUTE = Duration.minutes(1);

/** Each slice, of each shard; of the number of slices that there are now: those of another stay in the Pushgateway for ever. */
function bySlice(key: MetricKey, probe: ProbeSeries, { n }: Turns): Expr {
  return max([...probe.by, "slice"], probe.of(key, { slice: { matches: `[0-9]+/${n}` } }));
}

/** What the run of a slice found broken stands until its next turn: runs in between may be told that it is whole. */
export function turnedFailureAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const turns = turnsOf(context.spec);
  if (turns === null) return [];
  const broken = bySlice("blobs_broken", seriesOf(context, registry), turns);
  return [
    {
      alert: "RegistryManifestIntegrityFailure",
      reason: "damage_by_turns",
      instance: registry.instance,
      severity: isJoined(context.options) ? "warning" : "critical",
      // A second run would not look at the same blobs.
      for: ONE_MINUTE,
      expr: compare(sum(BY_INSTANCE, broken), ">", 0),
      summary: "{{ $labels.instance }} has {{ $value }} broken blobs: pulls of their tags fail",
      description:
        "The registry answered twice, definitely, that {{ $value }} blobs that its tags need are lost or damaged. " +
        `Only one run of ${turns.n} proves a blob: the log of that run names it, those in between may not.`,
      command: logsCommand(context, registry),
      source: "turn",
      cases: (times) => brokenInTurnProof(context, registry, turns, times),
    },
  ];
}

/** What RegistryIntegrityDegraded tells of turns. */
export function turnReasons(context: AlertContext, registry: Registry) {
  const { spec } = context;
  const turns = turnsOf(spec);
  if (turns === null) return { blobs_unproven: undefined, blobs_never_proven: undefined };
  const limit = turns.maxAge.toSeconds();
  const probe = seriesOf(context, registry);
  const proven = bySlice("blobs_proven_timestamp", probe, turns);
  // Written by every run of this probe, and by none of its predecessor's.
  const coverage = max(BY_INSTANCE, probe.of("coverage_ratio"));
  return {
    blobs_unproven: {
      severity: "warning",
      for: ONE_MINUTE,
      expr: compare(age(min(BY_INSTANCE, proven)), ">", limit),
      summary: "Blobs of {{ $labels.instance }} were not proven for long",
      description:
        "The slice that waits longest was proven {{ $value | humanizeDuration }} ago, where its turn comes every " +
        `${spec.times.interval.times(turns.n).toPrometheus()}. What a cache hides since then is not noticed.`,
      cases: (times) => unprovenProof(context, registry, turns, times),
    },
    blobs_never_proven: {
      severity: "warning",
      for: turns.maxAge,
      expr: unless(
        coverage,
        BY_INSTANCE,
        compare(count(BY_INSTANCE, proven), ">=", turns.n * (probe.shards ?? 1)),
      ),
      summary: "Some blobs of {{ $labels.instance }} were never proven",
      description:
        `Runs report, and not each of the ${turns.n} slices had a complete walk in its turn. ` +
        "What a cache hides in the others is not noticed.",
      cases: (times) => neverProvenProof(context, registry, turns, times),
    },
  } as const satisfies Record<string, TurnReason>;
}

type TurnReason = Pick<AlertDefinition, "severity" | "for" | "expr" | "summary" | "description" | "cases">;
