import type { MetricKey } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import { type AlertContext, seriesOf } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import type { Turns } from "../turns";
import { boundary, ending, never, ours, type ProofCase, type ProofSeries, type Stretch } from "./proof-case";
import { proofLabels, shardLabel } from "./proof-labels";

const OTHER = "other.invalid";
/** Enough to see the alert stand. */
const MORE = 5;
const NOT_STALE = 1e8;
/** Of another number of slices, from before it was changed. */
const FOREIGN_SLICE = "1/9999";

/** Writes series of a registry's slices, of the first shard where there are some. */
function writer(
  context: AlertContext,
  registry: Registry,
  { n }: Turns,
  more: { readonly shard?: string } = {},
) {
  const labels = { ...proofLabels(context, registry), ...more };
  return (key: MetricKey, slice: number | string, ...stretches: readonly Stretch[]): ProofSeries =>
    ours(key, { ...labels, slice: typeof slice === "string" ? slice : `${slice}/${n}` }, ...stretches);
}

export function brokenInTurnProof(
  context: AlertContext,
  registry: Registry,
  turns: Turns,
  { forMinutes, keepMinutes }: ProofTimes,
): readonly ProofCase[] {
  const write = writer(context, registry, turns);
  const lost = forMinutes + MORE;
  const last = turns.n;
  return [
    {
      name: "fires at the boundary of for, whatever other slices say, and ends with the slice's next turn",
      series: [
        write("blobs_broken", last, [MORE, 0], [lost, 1], [keepMinutes + MORE, 0]),
        ...(last > 1 ? [write("blobs_broken", 1, [MORE + lost + keepMinutes + MORE, 0])] : []),
      ],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + lost, keepMinutes)],
    },
    {
      name: "is silent where there is no slice, about another number of them and about another registry's",
      series: [
        write("blobs_broken", FOREIGN_SLICE, [lost, 1]),
        ours("blobs_broken", { instance: OTHER, slice: `1/${turns.n}` }, [lost, 1]),
        ours("last_run_timestamp", { instance: registry.instance }, [lost, 60]),
      ],
      expected: never(0, forMinutes, lost - 1),
    },
  ];
}

export function unprovenProof(
  context: AlertContext,
  registry: Registry,
  turns: Turns,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const write = writer(context, registry, turns);
  const limit = turns.maxAge.toSeconds();
  const late = forMinutes + MORE;
  const fresh = (minutes: number) =>
    turns.n > 1 ? [write("blobs_proven_timestamp", 1, [minutes, NOT_STALE])] : [];
  return [
    {
      name: "fires at the boundary of for, once one slice is older than it may be, and ends with its turn",
      series: [
        write("blobs_proven_timestamp", turns.n, [MORE + 1 + late, MORE * 60 - limit], [MORE, NOT_STALE]),
        ...fresh(MORE + 1 + late + MORE),
      ],
      expected: [...never(MORE), ...boundary(MORE + 1, forMinutes), ...ending(MORE + 1 + late, 0)],
    },
    {
      name: "is silent where there is no slice, about another number of them and about another registry's",
      series: [
        write("blobs_proven_timestamp", FOREIGN_SLICE, [late, -limit - 3600]),
        ours("blobs_proven_timestamp", { instance: OTHER, slice: `1/${turns.n}` }, [late, -limit - 3600]),
      ],
      expected: never(0, forMinutes, late - 1),
    },
  ];
}

export function neverProvenProof(
  context: AlertContext,
  registry: Registry,
  turns: Turns,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const write = writer(context, registry, turns);
  const own = proofLabels(context, registry);
  const { shards } = seriesOf(context, registry);
  const long = forMinutes + MORE;
  const coverage = (...stretches: readonly Stretch[]) => ours("coverage_ratio", own, ...stretches);
  const slicesBy = (by: typeof write, to: number, ...stretches: readonly Stretch[]) =>
    Array.from({ length: to }, (_, at) => by("blobs_proven_timestamp", at + 1, ...stretches));
  /** Of the first shard the slices up to one, of all others every slice. */
  const slices = (to: number, ...stretches: readonly Stretch[]) => [
    ...slicesBy(write, to, ...stretches),
    ...Array.from({ length: (shards ?? 1) - 1 }, (_, at) => shardLabel(at + 2, shards ?? 1)).flatMap(
      (label) => slicesBy(writer(context, registry, turns, label), turns.n, ...stretches),
    ),
  ];
  return [
    {
      name: "fires at the boundary of for while one slice is missing, and ends with its first turn",
      series: [
        coverage([long + MORE, 1]),
        ...slices(turns.n - 1, [long + MORE, 60]),
        write("blobs_proven_timestamp", turns.n, [long, null], [MORE, 60]),
        write("blobs_proven_timestamp", FOREIGN_SLICE, [long + MORE, 60]),
      ],
      expected: [...boundary(0, forMinutes), ...ending(long, 0)],
    },
    {
      name: "fires where there is no slice at all",
      series: [coverage([long, 1])],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is silent where every slice is there, by two groups or by one",
      series: [
        coverage([long, 1]),
        ...slices(turns.n, [long, 60]),
        ours("blobs_proven_timestamp", { ...own, job: "other", slice: `1/${turns.n}` }, [long, 60]),
      ],
      expected: never(0, forMinutes, long - 1),
    },
    {
      name: "does not take a slice that two groups have for two",
      series: [
        coverage([long, 1]),
        ...slices(turns.n - 1, [long, 60]),
        ...(turns.n > 1
          ? [ours("blobs_proven_timestamp", { ...own, job: "twin", slice: `1/${turns.n}` }, [long, 60])]
          : []),
      ],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is silent where only the first probe's six series are, and about another registry's",
      series: [
        ours("last_run_timestamp", { instance: registry.instance }, [long, 60]),
        ours("coverage_ratio", { instance: OTHER }, [long, 1]),
      ],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}
