import type { Registry } from "../registry";
import { type AlertContext, seriesOf } from "./alert-context";
import { BY_INSTANCE, BY_SHARD, type ProbeSeries } from "./probe-series";
import { age, and, compare, divide, type Expr, max, min, sum } from "./promql";

/** The share of a registry that is proven. Each shard counts as much as any other, and one that is missing as nothing. */
export function provenShare(context: AlertContext, registry: Registry): Expr {
  const probe = seriesOf(context, registry);
  const coverage = probe.of("coverage_ratio");
  if (probe.shards === null) return min(BY_INSTANCE, coverage);
  const reported = compare(ageOfShards(probe), "<=", context.thresholds.staleAfter.toSeconds());
  return divide(sum(BY_INSTANCE, and(max(BY_SHARD, coverage), BY_SHARD, reported)), probe.shards);
}

/** Seconds since each shard's last report. */
export function ageOfShards(probe: ProbeSeries): Expr {
  return age(max(BY_SHARD, probe.of("last_run_timestamp")));
}
