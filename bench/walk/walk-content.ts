/** Rounds in, tables and bars out. */
import type { ExpectedCounts } from "../probe";
import { counted, figure, figures } from "../report/figures";
import type { Bar, Block, Table } from "../report/record";
import { median, medianRatio } from "../report/statistics";
import type { Run, Series } from "./contender";

export const CEILING = "the registry's ceiling: every reference by GET";
export const OWN_CEILING = "the registry's ceiling: the walk's own requests";

export interface EstateResult {
  /** Such as `2.8, as CI makes them`. */
  readonly name: string;
  readonly tags: number;
  readonly counts: ExpectedCounts;
  /** What the walk asked the registry, by kind of request. */
  readonly asked: ReadonlyMap<string, number>;
  /** The default walk first. */
  readonly series: readonly Series[];
}

const wallOf = ({ runs }: Series): readonly number[] => runs.map(({ wallSeconds }) => wallSeconds);
const cpuOf = ({ runs }: Series): readonly number[] => runs.map(({ cpuSeconds }) => cpuSeconds);

/** How many cores the two of them kept busy. */
const coresOf = ({ cpuSeconds, registryCpuSeconds, wallSeconds }: Run): number =>
  (cpuSeconds + registryCpuSeconds) / wallSeconds;

/** Over the rounds that both took part in, which are the first ones. */
function ratio(one: Series, other: Series, of: (series: Series) => readonly number[]): number {
  const rounds = Math.min(one.runs.length, other.runs.length);
  return medianRatio(of(one).slice(0, rounds), of(other).slice(0, rounds));
}

export function referencesOf({ indexes, manifests, blobs }: ExpectedCounts): number {
  return indexes + manifests + blobs;
}

export function estateBlocks(result: EstateResult): readonly Block[] {
  const { counts, tags, asked } = result;
  const requests = [...asked].map(([kind, count]) => `${count.toLocaleString("en-GB")} ${kind}`);
  const disagreements = result.series.flatMap(({ name, runs }) =>
    runs.flatMap(({ disagreement }) => (disagreement === null ? [] : [`${name} ${disagreement}`])),
  );
  return [
    { heading: result.name },
    {
      text:
        `${counted(tags, "tag")}, ${counted(referencesOf(counts), "reference")} ` +
        `(${counted(counts.indexes, "index", "indexes")}, ${counted(counts.manifests, "image")}, ` +
        `${counted(counts.blobs, "blob")}, each once a repository). The walk asked: ${requests.join(", ")}.`,
    },
    { table: seriesTable(result) },
    {
      text:
        disagreements.length === 0
          ? "Every contender says of every image that it was asked for that it is whole, which is the truth."
          : `Against the truth, that every image is whole: ${[...new Set(disagreements)].join("; ")}.`,
    },
  ];
}

function seriesTable({ series, counts }: EstateResult): Table {
  const references = referencesOf(counts);
  const [own] = series;
  const rows = series.map((one) => {
    const seconds = median(wallOf(one));
    const most = Math.max(...one.runs.map(({ maxResidentMiB }) => maxResidentMiB));
    return [
      one.name,
      figures(wallOf(one)),
      figure(seconds),
      figure(references / seconds),
      figure(own === undefined ? Number.NaN : ratio(one, own, wallOf)),
      figure(median(cpuOf(one))),
      figure(median(one.runs.map(({ registryCpuSeconds }) => registryCpuSeconds))),
      figure(median(one.runs.map(coresOf))),
      figure(most),
      one.asked,
    ];
  });
  return {
    head: [
      "",
      "s, by round",
      "median s",
      "ref/s",
      "time ÷ walk's",
      "CPU s",
      "registry's CPU s",
      "cores",
      "MiB",
      "asked for",
    ],
    rows,
    words: [0, 1, 9],
  };
}

/** A walk of fewer references is over before its start and the compiler's first second weigh little. */
const LEAST_BESIDE_CEILING = 10_000;

/** What the walk is to reach beside one rival; none where that rival was not there. */
export function estateBars(
  { name, series, counts }: EstateResult,
  names: { readonly craneFast: string; readonly curl: string },
): readonly Bar[] {
  const [own] = series;
  const of = (rival: string) => series.find((one) => one.name === rival);
  const bar = (rival: string, make: (own: Series, rival: Series) => Bar): readonly Bar[] => {
    const found = of(rival);
    return own === undefined || found === undefined ? [] : [make(own, found)];
  };
  return [
    ...bar(referencesOf(counts) < LEAST_BESIDE_CEILING ? "" : CEILING, (walk, ceiling) => ({
      text: `${name}: the walk's speed over the registry's ceiling, 16 connections`,
      measured: ratio(ceiling, walk, wallOf),
      rule: "at least",
      limit: 0.9,
    })),
    ...bar(names.craneFast, (walk, crane) => ({
      text: `${name}: the walk's time over that of ${names.craneFast}`,
      measured: ratio(walk, crane, wallOf),
      rule: "at most",
      limit: 1,
    })),
    ...bar(names.curl, (walk, curl) => ({
      text: `${name}: the walk's CPU over that of ${names.curl}`,
      measured: ratio(walk, curl, cpuOf),
      rule: "at most",
      limit: 0.1,
    })),
  ];
}

/** One line for each way to reach the registry: the walk beside the ceiling of that way. */
export interface FrontResult {
  readonly name: string;
  readonly walk: Series;
  readonly ceiling: Series;
}

export function frontTable(fronts: readonly FrontResult[], references: number): Table {
  return {
    head: [
      "",
      "walk s, by round",
      "ceiling s, by round",
      "walk ref/s",
      "ceiling ref/s",
      "share",
      "CPU s",
      "registry's CPU s",
    ],
    rows: fronts.map(({ name, walk, ceiling }) => [
      name,
      figures(wallOf(walk)),
      figures(wallOf(ceiling)),
      figure(references / median(wallOf(walk))),
      figure(references / median(wallOf(ceiling))),
      figure(ratio(ceiling, walk, wallOf)),
      figure(median(cpuOf(walk))),
      figure(median(walk.runs.map(({ registryCpuSeconds }) => registryCpuSeconds))),
    ]),
    words: [0, 1, 2],
  };
}
