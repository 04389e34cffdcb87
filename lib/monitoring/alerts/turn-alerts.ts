import { Duration } from "../../core/duration";
import { LABEL_INSTANCE, type MetricKey } from "../../integrity/contract";
import type { Registry } from "../registry";
import { type AlertContext, isJoined, logsCommand } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import type { LabelName } from "./foreign-metrics";
import { age, compare, count, max, min, type Series, series, sum, unless } from "./promql";
import { brokenInTurnProof, neverProvenProof, unprovenProof } from "./proofs/turn-proofs";
import { type Turns, turnsOf } from "./turns";

const ONE_MINUTE = Duration.minutes(1);
const BY_INSTANCE = [LABEL_INSTANCE] as const;
const BY_SLICE: readonly LabelName[] = [LABEL_INSTANCE, "slice"];

/** Of the number of slices that there are now: those of another stay in the Pushgateway for ever. */
function ofTurns(key: MetricKey, { instance }: Registry, { n }: Turns): Series {
  return series(key, { [LABEL_INSTANCE]: instance, slice: { matches: `[0-9]+/${n}` } });
}

/** What the run of a slice found broken stands until its next turn: runs in between may be told that it is whole. */
export function turnedFailureAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const turns = turnsOf(context.spec);
  if (turns === null) return [];
  const broken = max(BY_SLICE, ofTurns("blobs_broken", registry, turns));
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
      cases: (times) => brokenInTurnProof(registry, turns, times),
    },
  ];
}

/** What RegistryIntegrityDegraded tells of turns. */
export function turnReasons({ spec }: AlertContext, registry: Registry) {
  const turns = turnsOf(spec);
  if (turns === null) return { blobs_unproven: undefined, blobs_never_proven: undefined };
  const limit = turns.maxAge.toSeconds();
  const proven = ofTurns("blobs_proven_timestamp", registry, turns);
  const slices = count(BY_INSTANCE, max(BY_SLICE, proven));
  // Written by every run of this probe, and by none of its predecessor's.
  const coverage = max(BY_INSTANCE, series("coverage_ratio", { [LABEL_INSTANCE]: registry.instance }));
  return {
    blobs_unproven: {
      severity: "warning",
      for: ONE_MINUTE,
      expr: compare(age(min(BY_INSTANCE, max(BY_SLICE, proven))), ">", limit),
      summary: "Blobs of {{ $labels.instance }} were not proven for long",
      description:
        "The slice that waits longest was proven {{ $value | humanizeDuration }} ago, where its turn comes every " +
        `${spec.times.interval.times(turns.n).toPrometheus()}. What a cache hides since then is not noticed.`,
      cases: (times) => unprovenProof(registry, turns, times),
    },
    blobs_never_proven: {
      severity: "warning",
      for: turns.maxAge,
      expr: unless(coverage, BY_INSTANCE, compare(slices, ">=", turns.n)),
      summary: "Some blobs of {{ $labels.instance }} were never proven",
      description:
        `Runs report, and not each of the ${turns.n} slices had a complete walk in its turn. ` +
        "What a cache hides in the others is not noticed.",
      cases: (times) => neverProvenProof(registry, turns, times),
    },
  } as const satisfies Record<string, TurnReason>;
}

type TurnReason = Pick<AlertDefinition, "severity" | "for" | "expr" | "summary" | "description" | "cases">;
