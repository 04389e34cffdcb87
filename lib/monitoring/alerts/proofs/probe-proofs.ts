import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, ours, type ProofCase } from "./proof-case";
import { proofLabels } from "./proof-labels";

const OTHER = "other.invalid";
const MORE = 5;

export function absentProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const { runMinutes: run } = context;
  const gone = forMinutes + MORE;
  return [
    {
      name: "fires for a probe that never ran, whatever another reports, and ends with its first report",
      series: [
        ours("last_run_timestamp", labels, [gone, null], [MORE, 60]),
        ours("last_run_timestamp", { ...labels, instance: OTHER }, [gone + MORE, 60]),
      ],
      expected: [...boundary(0, forMinutes), ...ending(gone, 0)],
    },
    {
      name: "fires when the Pushgateway was wiped and no run comes after",
      series: [ours("last_run_timestamp", labels, [MORE, 60], [gone, null])],
      expected: boundary(MORE, forMinutes),
    },
    ...(forMinutes > run
      ? [
          {
            name: "is silent when the next run after a wiped Pushgateway comes in time",
            series: [ours("last_run_timestamp", labels, [MORE, 60], [run, null], [gone, 60])],
            expected: [
              { minute: MORE + run - 1, state: "pending" as const },
              ...never(MORE + run, MORE + forMinutes, MORE + run + gone - 1),
            ],
          },
        ]
      : []),
    {
      name: "is silent about a report, however old",
      series: [ours("last_run_timestamp", labels, [gone, -1e8])],
      expected: never(0, forMinutes, gone - 1),
    },
  ];
}

export function staleProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const limit = context.thresholds.staleAfter.toSeconds();
  const late = forMinutes + MORE;
  // Just as old as it may be at minute MORE: one evaluation later it is too old.
  const lastRun = MORE * 60 - limit;
  return [
    {
      name: "fires for a probe that is dead, and ends with its next report",
      series: [ours("last_run_timestamp", labels, [MORE + 1 + late, lastRun], [MORE, 1e8])],
      expected: [...boundary(MORE + 1, forMinutes), ...ending(MORE + 1 + late, 0)],
    },
    {
      name: "is silent about no report at all, and about another registry's",
      series: [ours("last_run_timestamp", { ...labels, instance: OTHER }, [late, -1e8 - limit])],
      expected: never(0, forMinutes, late - 1),
    },
    {
      name: "takes the newer of two groups of one registry",
      series: [
        ours("last_run_timestamp", labels, [late, 0]),
        ours("last_run_timestamp", { ...labels, job: "predecessor" }, [late, -1e8 - limit]),
      ],
      expected: never(0, Math.min(forMinutes, Math.floor(limit / 60))),
    },
  ];
}

export function incompleteProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const limit = context.thresholds.incompleteAfter.toSeconds();
  const stale = context.thresholds.staleAfter.toSeconds();
  const late = forMinutes + MORE;
  return [
    {
      name: "fires when the last complete walk is too old, and ends with the next",
      series: [
        ours("last_success_timestamp", labels, [MORE + 1 + late, MORE * 60 - limit], [MORE, 1e8]),
        ours("last_run_timestamp", labels, [MORE + 1 + late + MORE, 1e8]),
      ],
      expected: [...boundary(MORE + 1, forMinutes), ...ending(MORE + 1 + late, 0)],
    },
    {
      name: "says nothing beside a probe that does not report, from the moment at which that is told",
      series: [
        ours("last_success_timestamp", labels, [late + MORE, -1e8 - limit]),
        // As old as it may be at the last minute of `late`.
        ours("last_run_timestamp", labels, [late + MORE, (late - 1) * 60 - stale]),
      ],
      expected: [...boundary(0, forMinutes), ...ending(late, 0)],
    },
    {
      name: "is silent about a probe that reports no complete walks, and about another registry's",
      series: [
        ours("last_run_timestamp", labels, [late, 60]),
        ours("last_success_timestamp", { ...labels, instance: OTHER }, [late, -1e8 - limit]),
      ],
      expected: never(0, forMinutes, late - 1),
    },
  ];
}

export function neverCompleteProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const late = forMinutes + MORE;
  return [
    {
      name: "fires when no walk was ever complete, and ends with the first",
      series: [
        ours("coverage_ratio", labels, [MORE, null], [late + MORE, 0.5]),
        ours("last_success_timestamp", labels, [MORE + late, null], [MORE, 60]),
      ],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + late, 0)],
    },
    {
      name: "is silent where a walk was complete at any time, and about another registry",
      series: [
        ours("coverage_ratio", labels, [late, 0.5]),
        ours("last_success_timestamp", labels, [late, -1e8]),
        ours("coverage_ratio", { ...labels, instance: OTHER }, [late, 0.5]),
      ],
      expected: never(0, forMinutes, late - 1),
    },
    {
      name: "is silent where only the first probe's six series are",
      series: [ours("last_run_timestamp", labels, [late, 60])],
      expected: never(0, forMinutes, late - 1),
    },
  ];
}
