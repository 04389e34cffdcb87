import { LABEL_INSTANCE, LABEL_SHARD, PUSH_JOB } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import { type AlertContext, seriesOf } from "../alert-context";

/** What the probe's series of a registry carry; of several shards those of the first. */
export function proofLabels(context: AlertContext, registry: Registry) {
  return { [LABEL_INSTANCE]: registry.instance, job: PUSH_JOB, ...firstShard(context, registry) };
}

/** The label of the first shard; none where there are no shards. */
export function firstShard(context: AlertContext, registry: Registry): { readonly shard?: string } {
  const { shards } = seriesOf(context, registry);
  return shards === null ? {} : shardLabel(1, shards);
}

export function shardLabel(i: number, n: number): { readonly shard: string } {
  return { [LABEL_SHARD]: `${i}/${n}` };
}
