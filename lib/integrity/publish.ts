import type { Assessment } from "./assess";
import { LABEL_INSTANCE, LABEL_SHARD, PUSH_JOB } from "./contract";
import { bytesVerifiedSample, formatSamples, type RunFacts, runSamples, successSample } from "./exposition";
import { type GroupingKey, isSameGroup, PushError, type Pushgateway } from "./pushgateway";

export interface PublishInput {
  readonly facts: RunFacts;
  /** `k/n` where the walk read every blob of the slice whole; else null. */
  readonly verifiedSlice: string | null;
  /** A predecessor's group, deleted once ours stands. */
  readonly replaceGroup: GroupingKey | null;
}

/**
 * Pushes a run. What only a complete walk proves goes into groups of its own, so that a job without memory does
 * not erase what an earlier run proved.
 * @throws PushError
 */
export async function publish(gateway: Pushgateway, input: PublishInput): Promise<void> {
  const { facts } = input;
  const key = groupingKey(facts.assessment);
  // To remove our own group would undo the push.
  const replaceGroup =
    input.replaceGroup !== null && isSameGroup(input.replaceGroup, key) ? null : input.replaceGroup;
  const run = formatSamples(runSamples(facts), null);
  try {
    await gateway.replace(key, run);
  } catch (error) {
    // The predecessor's series may contradict ours until they are gone.
    if (replaceGroup === null || !(error instanceof PushError) || error.status !== 400) throw error;
    await gateway.remove(replaceGroup);
    await gateway.replace(key, run);
  }
  if (replaceGroup !== null) await gateway.remove(replaceGroup);
  if (!facts.assessment.report.complete) return;
  await gateway.replace([...key, ["part", "success"]], formatSamples([successSample(facts.endedAtMs)], null));
  if (input.verifiedSlice === null) return;
  const sample = bytesVerifiedSample(facts.endedAtMs, input.verifiedSlice);
  await gateway.replace([...key, ["slice", input.verifiedSlice]], formatSamples([sample], null));
}

/** Shards have groups of their own, or each would erase what the one before it proved. */
function groupingKey({ report: { instance, shard } }: Assessment): GroupingKey {
  return [
    ["job", PUSH_JOB],
    [LABEL_INSTANCE, instance],
    ...(shard === null ? [] : [[LABEL_SHARD, shard] as const]),
  ];
}

/** Reads `job=name[,label=value…]`; null where the text is no grouping key. */
export function parseGroupingKey(text: string): GroupingKey | null {
  const pairs = text.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 0 ? ["", ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
  const names = pairs.map(([name]) => name);
  const isSound = pairs.every(([name, value]) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && value !== "");
  return isSound && names[0] === "job" && new Set(names).size === names.length ? pairs : null;
}
