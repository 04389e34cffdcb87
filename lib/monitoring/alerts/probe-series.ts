import { LABEL_INSTANCE, LABEL_SHARD, type MetricKey } from "../../integrity/contract";
import { shardsOf } from "../probe-run";
import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";
import type { LabelName } from "./foreign-metrics";
import { type Expr, type Matchers, max, min, type Series, series, sum } from "./promql";

export const BY_INSTANCE = [LABEL_INSTANCE] as const;
export const BY_SHARD = [LABEL_INSTANCE, LABEL_SHARD] as const;

/** Groups of another number of shards, and of none, may stand beside these until a run forgets them. */
export function shardMatcher(shards: number | null): Matchers {
  return shards === null ? {} : { [LABEL_SHARD]: { matches: shardPattern(shards) } };
}

/** Of the label `shard`, as a regular expression. */
export function shardPattern(shards: number): string {
  return `[0-9]+/${shards}`;
}

/** How the probe's series of one registry are selected, and what becomes of those of several shards. */
export class ProbeSeries {
  readonly shards: number | null;
  readonly labels: Matchers;

  constructor(spec: Pick<ProbeSpec, "run">, { instance }: Pick<Registry, "instance">) {
    this.shards = shardsOf(spec.run);
    this.labels = { [LABEL_INSTANCE]: instance, ...shardMatcher(this.shards) };
  }

  of(key: MetricKey, more: Matchers = {}): Series {
    return series(key, { ...this.labels, ...more });
  }

  /** Of what each walk counts in its own part: over the shards the sum. */
  total(inner: Expr): Expr {
    return this.shards === null ? max(BY_INSTANCE, inner) : sum(BY_INSTANCE, max(BY_SHARD, inner));
  }

  /** As `total`, where the least of one walk's own series counts. */
  totalOfLeast(inner: Expr): Expr {
    return this.shards === null ? min(BY_INSTANCE, inner) : sum(BY_INSTANCE, min(BY_SHARD, inner));
  }

  /** Of a time that every walk writes: that of the shard which is the furthest behind. */
  oldest(inner: Expr): Expr {
    return this.shards === null ? max(BY_INSTANCE, inner) : min(BY_INSTANCE, max(BY_SHARD, inner));
  }

  /** The labels that walks are told apart by. */
  get by(): readonly LabelName[] {
    return this.shards === null ? BY_INSTANCE : BY_SHARD;
  }
}
