import { coverageRule } from "../../../../lib/diff/rules/monitoring/coverage-rule";
import { compareExpressions } from "../../../../lib/diff/rules/monitoring/promql-sensitivity";
import { shardsRule } from "../../../../lib/diff/rules/monitoring/shards-rule";
import { ruleSet } from "../../../../lib/monitoring/alerts/rule-set";
import { ALL, shardedProbe } from "../../../monitoring/alerts/rule-set-fixture";
import { holdsForOddJson, judgeWith, kindsOf, output, type Resources } from "./judge-with";

const PROBE = ["probe", "registry.example.com", "--exit-zero", "--push", "http://gateway:9091"];

/** As the construct renders it. @param completions where it is not the number that the command line has */
function cronJob(shards: number, completions = shards, args: readonly string[] = []): Resources {
  const words = [...PROBE, ...(shards === 1 ? [] : ["--shard", `auto/${shards}`]), ...args];
  const container = [{ name: "c", command: ["node", "/opt/tallyman/tallyman.mjs"], args: words }];
  const indexed = {
    completion_mode: "Indexed",
    completions,
    parallelism: completions,
    backoff_limit: shards,
    backoff_limit_per_index: 0,
    max_failed_indexes: shards,
  };
  const job = { ...(shards === 1 ? { backoff_limit: 0 } : indexed), template: { spec: { container } } };
  const spec = { schedule: "0 * * * *", job_template: { spec: job } };
  return { "kubernetes_cron_job_v1.probe": { metadata: { name: "integrity" }, spec } };
}

test.each<[string, Resources, Resources, readonly string[]]>([
  [
    "none, then four",
    cronJob(1),
    cronJob(4),
    ["info shards_changed CronJob integrity: its walk shared by 1 pod → 4."],
  ],
  [
    "four, then eight",
    cronJob(4),
    cronJob(8),
    ["info shards_changed CronJob integrity: its walk shared by 4 pods → 8."],
  ],
  [
    "eight, then four",
    cronJob(8),
    cronJob(4),
    [
      "notice shards_changed CronJob integrity: its walk shared by 8 pods → 4, each of which walks more: see that it ends before its deadline.",
    ],
  ],
  [
    "four, then none",
    cronJob(4),
    cronJob(1),
    [
      "notice shards_changed CronJob integrity: its walk shared by 4 pods → 1, each of which walks more: see that it ends before its deadline.",
    ],
  ],
  [
    "fewer pods than shards",
    cronJob(4),
    cronJob(4, 3),
    [
      "risk coverage_reduced CronJob integrity: walked in 4 shards, of which 3 are run: the others' part is proven by nobody.",
    ],
  ],
  ["no change", cronJob(4), cronJob(4), []],
])("%s", (_, before, after, told) => {
  const judgement = judgeWith(shardsRule, output(before), output(after));
  expect(judgement.judged.map(({ change }) => `${change.grade} ${change.kind} ${change.text}`)).toEqual(told);
  expect(judgement.open).toEqual([]);
  expect(kindsOf(judgeWith(coverageRule, output(before), output(after)))).toEqual([]);
});

test("another option that changed with it is told by itself", () => {
  const [before, after] = [output(cronJob(4)), output(cronJob(8, 8, ["--newest", "3"]))];
  expect(kindsOf(judgeWith(shardsRule, before, after))).toEqual(["info shards_changed"]);
  expect(kindsOf(judgeWith(coverageRule, before, after))).toEqual(["risk coverage_reduced"]);
});

test("a pod without an index in its Job walks one shard of those that it is told of", () => {
  const [job] = Object.values(cronJob(4));
  const plain = JSON.parse(JSON.stringify(job).replace('"completion_mode":"Indexed",', ""));
  const head = output({ "kubernetes_cron_job_v1.probe": plain });
  expect(judgeWith(shardsRule, output(cronJob(4)), head).lines).toEqual([
    expect.stringContaining("risk coverage_reduced"),
  ]);
});

test.each([
  [[], ["--shard", "1/4"], "risk coverage_reduced", "walks all → 1/4 of the repositories (--shard)"],
  [["--shard", "1/2"], ["--shard", "1/4"], "risk coverage_reduced", "walks 1/2 → 1/4"],
  [["--shard", "1/4"], ["--shard", "1/2"], "info coverage_widened", "walks 1/4 → 1/2"],
  [["--shard", "1/4"], [], "info coverage_widened", "walks 1/4 → all"],
])("one shard alone, %j then %j", (before, after, kind, text) => {
  const made = [before, after].map((words) => output(cronJob(1, 1, words)));
  const [base = output(), head = output()] = made;
  const { judged } = judgeWith(coverageRule, base, head);
  expect(judged.map(({ change }) => [`${change.grade} ${change.kind}`, change.text])).toEqual([
    [kind, expect.stringContaining(text)],
  ]);
  expect(judgeWith(shardsRule, base, head).lines).toEqual([]);
});

test("rules that follow the number of shards are no less sensitive, whichever way it goes", () => {
  const rulesOf = (shards: number) => ruleSet(shardedProbe(shards), ALL).groups.flatMap(({ rules }) => rules);
  for (const [old, now] of [
    [4, 2],
    [2, 4],
    [4, 45],
  ] as const) {
    const after = rulesOf(now);
    const changes = rulesOf(old).map(({ expr }, at) => compareExpressions(expr, after[at]?.expr ?? ""));
    const told = changes.filter((change) => change !== null);
    expect(told.length).toBeGreaterThan(20);
    for (const change of told)
      expect(change).toEqual({ isLessSensitive: false, detail: `shards ${old} → ${now}` });
  }
});

test("a threshold that moved with it is still a threshold", () => {
  const expr = (shards: number, age: number) => `time() - max(last{shard=~"[0-9]+/${shards}"}) > ${age}`;
  expect(compareExpressions(expr(4, 60), expr(2, 90))?.isLessSensitive).toBe(true);
});

test("whatever JSON there is, it is judged without an error", () => {
  holdsForOddJson(shardsRule, "kubernetes_cron_job_v1", [
    "spec",
    "job_template",
    "completions",
    "container",
    "args",
    "auto/4",
    "--shard",
  ]);
});
