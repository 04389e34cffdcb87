import type { MetricKey } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import type { LabelName } from "../foreign-metrics";
import { boundary, ending, never, ours, type ProofCase, type ProofSeries, type Stretch } from "./proof-case";
import { proofLabels } from "./proof-labels";

/** The values of one series that tell a threshold: the last sound one, and the first bad one. */
export interface DegradedSample {
  readonly key: MetricKey;
  /** What stands beside it all the while: the other shards. */
  readonly beside?: (minutes: number) => readonly ProofSeries[];
  /** Beside those of the registry. */
  readonly labels?: Readonly<Partial<Record<LabelName, string>>>;
  /** Of a series that is not looked at, where labels tell them apart. */
  readonly foreignLabels?: Readonly<Partial<Record<LabelName, string>>>;
  /** What the series holds at first, where the threshold is a share of that; default sound. */
  readonly before?: number;
  readonly bad: number;
  /** A time grows old by itself, so that it is sound at one minute alone. */
  readonly sound: number | { readonly from: number; readonly at: number };
}

const OTHER = "other.invalid";
const MORE = 5;

export function degradedProof(
  context: AlertContext,
  registry: Registry,
  sample: DegradedSample,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = { ...proofLabels(context, registry), ...sample.labels };
  const write = (...stretches: readonly Stretch[]) => ours(sample.key, labels, ...stretches);
  const long = forMinutes + MORE;
  const foreign: ProofCase = {
    name: "is silent where there is no such series, and about another registry's",
    series: [
      ours(sample.key, { ...labels, instance: OTHER }, [1, sample.before ?? sample.bad], [long, sample.bad]),
      ...(sample.foreignLabels === undefined
        ? []
        : [ours(sample.key, { ...labels, ...sample.foreignLabels }, [long, sample.bad])]),
    ],
    expected: never(0, forMinutes, long - 1),
  };
  if (typeof sample.sound !== "number") {
    const { from, at } = sample.sound;
    return [
      {
        name: "fires at the boundary of for, once it is older than it may be",
        series: [write([at + 1 + long, from], [MORE, 1e8])],
        expected: [...never(at), ...boundary(at + 1, forMinutes), ...ending(at + 1 + long, 0)],
      },
      foreign,
    ];
  }
  const { before = sample.sound, bad, sound, beside = () => [] } = sample;
  return [
    {
      name: "fires at the boundary of for, and ends with it",
      series: [write([MORE, before], [long, bad], [MORE, before]), ...beside(MORE + long + MORE)],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "is silent at the last value that is sound",
      series: [write([MORE, before], [long, sound]), ...beside(MORE + long)],
      expected: never(0, MORE, MORE + forMinutes, MORE + long - 1),
    },
    foreign,
  ];
}
