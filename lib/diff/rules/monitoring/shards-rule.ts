import type { Grade } from "../../change";
import type { Delta } from "../../delta";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { changedCarriers, textOf } from "./carriers";
import { compareOptions, isSharedWalk } from "./compare-options";
import { type Finding, judge } from "./finding";
import { probedRegistries } from "./probe-arguments";
import { matchWorkloads, type Workload, type WorkloadPair, workloadOf } from "./workload";

/** How many pods of a CronJob share its walk: an Indexed Job, and `--shard auto/n`. */
export const shardsRule: DomainRule = { name: "shards", judge: judgeShards };

/** What says how many pods a Job has, and how it counts those that fail. */
const JOB_KEYS = [
  ["completions"],
  ["parallelism"],
  ["completion_mode", "completionMode"],
  ["backoff_limit", "backoffLimit"],
  ["backoff_limit_per_index", "backoffLimitPerIndex"],
  ["max_failed_indexes", "maxFailedIndexes"],
];

function judgeShards(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const before = base.flatMap((one) => workloadOf(one) ?? []);
  const after = head.flatMap((one) => workloadOf(one) ?? []);
  const pairs = matchWorkloads(before, after).filter((pair) => pair.after.isCronJob);
  return judge(pairs.flatMap((pair) => shardFindings(input, pair)));
}

function shardFindings(input: RuleInput, { before, after }: WorkloadPair): readonly Finding[] {
  const [old, now] = [shardsOf(before), shardsOf(after)];
  if (old === null || now === null || (old === 1 && now === 1)) return [];
  const [oldPods, pods] = [podsOf(before), podsOf(after)];
  if (old === now && oldPods === pods) return [];
  const { place, kind, name } = after;
  const index = DeltaIndex.of(input);
  const keys = JOB_KEYS.flat();
  const covers = index.ofKeys(place, keys).filter(({ path }) => path.includes("spec"));
  const words = shardWords({ before, after }, index);
  const { grade, kind: what, text } = sentence({ old, now, pods });
  return [
    {
      ...{ grade, kind: what, place },
      subject: "spec.job_template.spec.completions",
      before: String(old),
      after: String(now),
      text: `${kind} ${name}: ${text}`,
      covers: [...covers, ...words],
    },
  ];
}

function sentence({
  old,
  now,
  pods,
}: {
  readonly old: number;
  readonly now: number;
  readonly pods: number;
}): {
  readonly grade: Grade;
  readonly kind: string;
  readonly text: string;
} {
  if (pods < now) {
    const text = `walked in ${now} shards, of which ${pods === 1 ? "one is" : `${pods} are`} run: the others' part is proven by nobody`;
    return { grade: "risk", kind: "coverage_reduced", text };
  }
  const share = `its walk shared by ${old === 1 ? "1 pod" : `${old} pods`} → ${now}`;
  const slower = now < old ? ", each of which walks more: see that it ends before its deadline" : "";
  return { grade: now < old ? "notice" : "info", kind: "shards_changed", text: `${share}${slower}` };
}

/** Of the command lines in which nothing else differs; other options are told by themselves. */
function shardWords({ before, after }: WorkloadPair, index: DeltaIndex): readonly Delta[] {
  const old = probedRegistries(before);
  return probedRegistries(after).flatMap((now) => {
    const known = old.find(
      (one) => one.instance === now.instance && one.container.name === now.container.name,
    );
    if (known === undefined || !compareOptions(known, now).every(isSharedWalk)) return [];
    return [...known.container.lists, ...now.container.lists].flatMap((list) => index.within(list));
  });
}

/** The most that any of its containers is told of; 1 without, null where nothing is probed. */
function shardsOf(workload: Workload): number | null {
  const registries = probedRegistries(workload);
  if (registries.length === 0) return null;
  const told = registries.map(({ options }) => /^auto\/(\d+)$/.exec(options.get("shard")?.[0] ?? "")?.[1]);
  return Math.max(...told.map((count) => Number(count ?? 1)));
}

/** How many pods of their own index a run has. */
function podsOf({ jobSpec }: Workload): number {
  const isIndexed = textOf(jobSpec, "completion_mode", "completionMode") === "Indexed";
  return isIndexed ? Number(textOf(jobSpec, "completions") ?? 1) : 1;
}
