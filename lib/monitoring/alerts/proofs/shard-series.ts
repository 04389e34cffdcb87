import { LABEL_INSTANCE, type MetricKey, PUSH_JOB } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import { ours, type ProofSeries, type Stretch } from "./proof-case";
import { shardLabel } from "./proof-labels";

/** One metric of the shards of a registry. */
export class ShardSeries {
  constructor(
    private readonly registry: Pick<Registry, "instance">,
    private readonly shards: number,
    private readonly key: MetricKey,
  ) {}

  readonly of = (i: number, ...stretches: readonly Stretch[]): ProofSeries =>
    ours(this.key, { ...this.labels, ...shardLabel(i, this.shards) }, ...stretches);

  readonly every = (...stretches: readonly Stretch[]): readonly ProofSeries[] =>
    Array.from({ length: this.shards }, (_, at) => this.of(at + 1, ...stretches));

  readonly butLast = (...stretches: readonly Stretch[]): readonly ProofSeries[] =>
    this.every(...stretches).slice(0, -1);

  /** Of another number of shards, of none, and of another registry: none of them are the rules' business. */
  readonly foreign = (...stretches: readonly Stretch[]): readonly ProofSeries[] => [
    ours(this.key, { ...this.labels, ...shardLabel(1, this.shards + 1) }, ...stretches),
    ours(this.key, this.labels, ...stretches),
    ours(
      this.key,
      { ...this.labels, [LABEL_INSTANCE]: "other.invalid", ...shardLabel(this.shards, this.shards) },
      ...stretches,
    ),
  ];

  private get labels() {
    return { [LABEL_INSTANCE]: this.registry.instance, job: PUSH_JOB };
  }
}
