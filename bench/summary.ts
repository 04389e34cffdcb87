/** Rounds in, table and bars out. */
import { type Measurement, median } from "./measure";
import type { ExpectedCounts } from "./probe";
import type { Ceiling } from "./rivals";

export type Observed = Measurement & {
  /** What the run cost the registry. */
  readonly registryCpuSeconds: number;
};

export interface Round {
  readonly range: Observed;
  readonly head: Observed;
  /** Null where crane is not there. */
  readonly crane: Observed | null;
  readonly ceiling: Ceiling;
  /** Seconds for all references, scaled from a sample, with the blobs asked for in that way. */
  readonly curlSeconds: { readonly range: number; readonly head: number };
}

export interface Bar {
  readonly text: string;
  readonly measured: number;
  readonly met: boolean;
}

/** The references of a walk by range at the rates of the ceiling, each kind at its own. */
function ceilingSeconds({ manifestsPerSecond, blobsPerSecond }: Ceiling, counts: ExpectedCounts): number {
  return (counts.indexes + counts.manifests) / manifestsPerSecond + counts.blobs / blobsPerSecond;
}

interface Row {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly runs: readonly Observed[];
}

/** One line for each contender: medians over the rounds, with the extremes of the wall time. */
export function formatTable(rounds: readonly Round[], counts: ExpectedCounts): string {
  const measured = (name: string, runs: readonly Observed[]): Row => {
    return { name, seconds: runs.map((run) => run.wallSeconds), runs };
  };
  const derived = (name: string, secondsOf: (round: Round) => number): Row => {
    return { name, seconds: rounds.map(secondsOf), runs: [] };
  };
  const of = (key: "range" | "head" | "crane") => rounds.flatMap((round) => round[key] ?? []);
  const rows = [
    measured("tallyman --blobs range", of("range")),
    measured("tallyman --blobs head", of("head")),
    derived("the registry's ceiling, by range (wrk)", (round) => ceilingSeconds(round.ceiling, counts)),
    measured("crane validate --fast, 4 processes", of("crane")),
    derived("one curl a request, blobs by range", (round) => round.curlSeconds.range),
    derived("one curl a request, blobs by HEAD", (round) => round.curlSeconds.head),
  ];
  const references = counts.indexes + counts.manifests + counts.blobs;
  const head = ["", "wall s", "min–max", "ref/s", "cpu s", "registry cpu s", "max RSS MiB"];
  return [head, ...rows.filter((row) => row.seconds.length > 0).map((row) => cells(row, references))]
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(40) : cell.padStart(16))).join(""))
    .join("\n");
}

function cells({ name, seconds, runs }: Row, references: number): readonly string[] {
  const ofRuns = (value: (run: Observed) => number, over: (values: readonly number[]) => number) =>
    runs.length === 0 ? "" : over(runs.map(value)).toFixed(1);
  return [
    name,
    median(seconds).toFixed(1),
    `${Math.min(...seconds).toFixed(1)}–${Math.max(...seconds).toFixed(1)}`,
    (references / median(seconds)).toFixed(0),
    ofRuns((run) => run.cpuSeconds, median),
    ofRuns((run) => run.registryCpuSeconds, median),
    ofRuns(
      (run) => run.maxResidentMiB,
      (values) => Math.max(...values),
    ),
  ];
}

/** Ratios are taken within a round, then their median: what else the machine does meanwhile hits both sides. */
export function barsOf(rounds: readonly Round[], counts: ExpectedCounts): readonly Bar[] {
  const ratio = (of: (round: Round) => number) => median(rounds.map(of));
  const atLeast = (least: number, text: string, measured: number): Bar => {
    return { text: `${text}, at least ${least}`, measured, met: measured >= least };
  };
  const resident = Math.max(
    ...rounds.flatMap(({ range, head }) => [range.maxResidentMiB, head.maxResidentMiB]),
  );
  return [
    atLeast(
      12,
      "range: times as fast as the curl loop by range",
      ratio((r) => r.curlSeconds.range / r.range.wallSeconds),
    ),
    atLeast(
      12,
      "head: times as fast as the curl loop by HEAD",
      ratio((r) => r.curlSeconds.head / r.head.wallSeconds),
    ),
    atLeast(
      0.7,
      "range: share of the ceiling",
      ratio((r) => ceilingSeconds(r.ceiling, counts) / r.range.wallSeconds),
    ),
    { text: "range and head: MiB resident, under 96", measured: resident, met: resident < 96 },
    ...craneBars(rounds),
  ];
}

function craneBars(rounds: readonly Round[]): readonly Bar[] {
  const overCrane = (key: "range" | "head") =>
    median(
      rounds.flatMap((round) => (round.crane ? [round[key].wallSeconds / round.crane.wallSeconds] : [])),
    );
  const [head, range] = [overCrane("head"), overCrane("range")];
  if (Number.isNaN(head)) return [];
  return [
    { text: "head: its time over crane's, below 1", measured: head, met: head < 1 },
    { text: "range: its time over crane's, at most 1.25", measured: range, met: range <= 1.25 },
  ];
}

export function formatBar(bar: Bar): string {
  return `${bar.met ? "met   " : "MISSED"} ${bar.measured.toFixed(2).padStart(7)}  ${bar.text}`;
}
