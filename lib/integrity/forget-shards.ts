import { LABEL_INSTANCE, LABEL_SHARD, PUSH_JOB } from "./contract";
import type { RunFacts } from "./exposition";
import type { PushedGroup } from "./push-times";
import type { Pushgateway } from "./pushgateway";

/** What is left is deleted by the next shard, or by the next run. */
const MOST_DELETED = 1_000;

/**
 * Deletes what a Pushgateway, which forgets nothing, still holds of this registry from runs that were dealt otherwise:
 * into another number of shards, into some where there are none now, or not at all. To be called once a run's own push
 * was accepted. A run that could not even read the catalogue proved nothing in their place, and leaves them; so does
 * any run what was pushed since it began: that is somebody's who runs at the same time.
 *
 * @param nowMs just after the push: what tells the gateway's clock from this one's
 * @returns how many groups
 * @throws PushError
 */
export async function forgetOtherShards(
  gateway: Pushgateway,
  { assessment }: RunFacts,
  nowMs: number,
): Promise<number> {
  const { instance, shard, startedAt } = assessment.report;
  if (!assessment.catalogueAccessible) return 0;
  const groups = await gateway.groups(
    ({ key }) => labelOf(key, "job") === PUSH_JOB && labelOf(key, LABEL_INSTANCE) === instance,
  );
  const own = groups.filter(({ key }) => labelOf(key, LABEL_SHARD) === shard);
  if (own.length === 0) return 0;
  const lastPushSeconds = Math.max(...own.map(({ pushedAtSeconds }) => pushedAtSeconds));
  const beganAtSeconds = lastPushSeconds - (nowMs - Date.parse(startedAt)) / 1000;
  const dealing = dealingOf(shard);
  const old = groups.filter(
    ({ key, pushedAtSeconds }) =>
      dealingOf(labelOf(key, LABEL_SHARD)) !== dealing && pushedAtSeconds < beganAtSeconds,
  );
  const deleted = old.slice(0, MOST_DELETED);
  for (const { key } of deleted) await gateway.remove(key);
  return deleted.length;
}

/** The number of shards, as the label ends with it; null for none. */
function dealingOf(shard: string | null): string | null {
  return shard === null ? null : shard.slice(shard.indexOf("/"));
}

function labelOf(key: PushedGroup["key"], label: string): string | null {
  return key.find(([name]) => name === label)?.[1] ?? null;
}
