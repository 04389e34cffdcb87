import { INTEGRITY_ALERTS } from "../../../lib/monitoring/alerts/alert-names";
import type { ProofCase } from "../../../lib/monitoring/alerts/proofs/proof-case";
import { renderProofs } from "../../../lib/monitoring/alerts/proofs/render-proofs";
import { type RuleSet, ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { ProbeRun } from "../../../lib/monitoring/probe-run";
import { resolveProbe } from "../../../lib/monitoring/probe-spec";
import { Registry } from "../../../lib/monitoring/registry";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import { renderYaml } from "../../../lib/text/yaml";
import { promtool } from "../../support/prometheus";
import { provenRules, suiteOf, waiting } from "./proof-suites";
import { mutants } from "./rule-mutants";
import { ALL, INSTANCE, PLAIN, probeOf, shardedProbe } from "./rule-set-fixture";
import { failingSuites, promtools, type Suite } from "./run-promtool";

const SHARDS = 4;
const four = ruleSet(shardedProbe(SHARDS), ALL);
const plain = ruleSet(shardedProbe(SHARDS), PLAIN);
const rules = four.groups.flatMap((group) => group.rules);
const OWN = /registry_manifest_integrity_|push_(?:failure_)?time_seconds/;

test("shards bring one alert of their own, in two rules, and leave the names of all others", () => {
  expect(plain.alerts.filter((name) => name !== "RegistryIntegrityShardMissing")).toEqual(INTEGRITY_ALERTS);
  const missing = rules.filter(({ alert }) => alert === "RegistryIntegrityShardMissing");
  expect(missing.map(({ labels, for: wait }) => [labels.reason, labels.severity, String(wait)])).toEqual([
    ["shard_overdue", "warning", "1m"],
    ["shard_never_reported", "warning", "22m"],
  ]);
  expect(missing[0]?.annotations.description).toContain("get cronjob,jobs,pods -l");
});

test("one shard, and the option left out, are the same rules", () => {
  expect(ruleSet(shardedProbe(1), ALL)).toEqual(ruleSet(probeOf(), ALL));
});

test("every series of the probe is selected by the number of its shards", () => {
  for (const { alert, expr, annotations } of rules) {
    const texts = [expr, annotations.description ?? ""].join("\n").replaceAll('\\"', '"');
    const selectors = texts.match(/[a-z_]+\{[^{}]*\}/g) ?? [];
    for (const selector of selectors.filter((one) => OWN.test(one) && !/\{job="pushgateway"/.test(one))) {
      expect([alert, selector]).toEqual([alert, expect.stringContaining('shard=~"[0-9]+/4"')]);
    }
  }
  expect(rules.filter(({ expr }) => expr.includes("shard=~")).length).toBeGreaterThan(20);
});

test("the time to a page is that of one walk: each shard has the whole run's schedule and deadline", () => {
  expect(plain.timeToPage).toEqual(ruleSet(probeOf(), PLAIN).timeToPage);
});

/** What depends on the number of shards; the rest is proven without. */
function ownSuites(set: RuleSet, prefix: string): Record<string, Suite> {
  const own = provenRules(set).filter(([rule]) => rule.expr.includes("shard=~"));
  return Object.fromEntries(
    own.map(([rule, proof], at) => [`${prefix}-${at}`, suiteOf(rule, proof, `${prefix}-${at}`)] as const),
  );
}

const scenariosOf = ({ groups, proofs }: RuleSet, name: string): Suite => ({
  rules: renderRuleFile(groups),
  tests: renderProofs({ rules: [], scenarios: proofs.scenarios }, `${name}.yml`),
});

describe.each(promtools())("%s", (_name, tool) => {
  test("the rules of shards do what their proofs say, at any schedule and number", async () => {
    const minute = ruleSet(shardedProbe(2, "* * * * *"), PLAIN);
    const many = ruleSet(shardedProbe(32, "*/5 * * * *"), PLAIN);
    const suites = {
      ...ownSuites(four, "four"),
      ...ownSuites(minute, "minute"),
      ...ownSuites(many, "many"),
      ...ownSuites(ruleSet(shardedProbe(3, "*/10 * * * *"), { ...PLAIN, overrides: waiting(0) }), "at-once"),
      "four-scenarios": scenariosOf(plain, "four-scenarios"),
      "minute-scenarios": scenariosOf(minute, "minute-scenarios"),
      "many-scenarios": scenariosOf(many, "many-scenarios"),
    };
    expect(await failingSuites(tool, suites)).toEqual({});
  });
});

test("whatever one thing is changed in a rule of shards, a case of its proof fails", async () => {
  const [[, tool] = ["", ""]] = promtools();
  const suites: Record<string, Suite> = {};
  const changed = new Map<string, string>();
  for (const [rule, proof] of provenRules(four)) {
    if (!rule.expr.includes("shard=~")) continue;
    for (const mutant of mutants(rule)) {
      const name = `mutant-${changed.size}`;
      changed.set(name, `${rule.alert} (${proof.reason}): ${mutant.name}`);
      suites[name] = suiteOf(mutant.rule, proof, name);
    }
  }
  const failing = await failingSuites(tool, suites);
  expect([...changed].filter(([name]) => failing[name] === undefined).map(([, what]) => what)).toEqual([]);
  expect(changed.size).toBeGreaterThan(130);
});

test("no rule fires for groups of another number of shards, nor for those of none", async () => {
  const [[, tool] = ["", ""]] = promtools();
  const suites: Record<string, Suite> = {};
  for (const [at, [rule, proof]] of provenRules(four).entries()) {
    // That these are not there is just what those two tell, or see from elsewhere.
    if (!OWN.test(rule.expr) || ["never_reported", "damage_after_collection"].includes(proof.reason))
      continue;
    for (const [kind, shard] of [
      ["another number", ',shard="1/5"'],
      ["none", ""],
    ] as const) {
      const cases = proof.cases.filter(fires).map((one) => elsewhere(one, shard));
      const name = `${kind.replace(" ", "-")}-${at}`;
      suites[name] = suiteOf(rule, { ...proof, cases }, name);
    }
  }
  expect(await failingSuites(tool, suites)).toEqual({});
  expect(Object.keys(suites).length).toBeGreaterThan(30);
});

const fires = ({ expected }: ProofCase): boolean => expected.some(({ state }) => state === "firing");

/** The same case with other labels on all that is of this number of shards. */
function elsewhere(one: ProofCase, shard: string): ProofCase {
  const series = one.series
    // Two of the same labels, or those that are of others already, would be one series twice.
    .filter(
      (each) =>
        !/shard="[2-9]\/4"|shard="1\/5"/.test(each.series) &&
        (each.series.includes("shard=") || !OWN.test(each.series)),
    )
    .map((each) => ({ ...each, series: each.series.replace(/,shard="1\/4"/, shard) }));
  return { ...one, series, expected: one.expected.map(({ minute }) => ({ minute, state: "nothing" })) };
}

describe("the values that the alerts tell", () => {
  const at = (key: string, shard: string, value: string) => ({
    series: `registry_manifest_integrity_${key}{instance="${INSTANCE}",job="tallyman",shard="${shard}"}`,
    values: `${value}x40`,
  });

  test.each([
    [
      "RegistryManifestIntegrityFailure",
      "damage",
      [at("failures", "1/4", "2"), at("failures", "3/4", "3"), at("failures", "1/5", "9")],
      5,
    ],
    [
      "RegistryProbeAuthFailure",
      "credentials_refused",
      ["1/4", "2/4"].map((shard) => ({
        ...at("undetermined", shard, "2"),
        series: at("undetermined", shard, "").series.replace("}", ',reason="unauthorized"}'),
      })),
      4,
    ],
    [
      "RegistryIntegrityDegraded",
      "throttled",
      [at("throttled_responses", "1/4", "2"), at("throttled_responses", "2/4", "5")],
      7,
    ],
    [
      "RegistryIntegrityDegraded",
      "coverage_partial",
      ["1/4", "2/4", "3/4"].flatMap((shard) => [
        at("coverage_ratio", shard, "1"),
        at("last_run_timestamp", shard, "60"),
      ]),
      0.75,
    ],
    [
      "RegistryIntegrityShardMissing",
      "shard_never_reported",
      [at("last_run_timestamp", "1/4", "60"), at("last_run_timestamp", "4/4", "60")],
      2,
    ],
    [
      "RegistryIntegrityShardMissing",
      "shard_overdue",
      [
        at("last_run_timestamp", "1/4", "60"),
        at("last_run_timestamp", "2/4", "-9000"),
        at("last_run_timestamp", "4/4", "-9000"),
      ],
      2,
    ],
  ])("%s (%s)", (alert, reason, input_series, value) => {
    const rule = rules.find((one) => one.alert === alert && one.labels.reason === reason);
    const exp_samples = [{ labels: `{instance="${INSTANCE}"}`, value }];
    const promql_expr_test = [{ expr: rule?.expr ?? "", eval_time: "30m", exp_samples }];
    const tests = [{ interval: "1m", input_series, promql_expr_test }];
    const { ok, output } = promtool(["test", "rules", "t.yml"], {
      "t.yml": renderYaml({ rule_files: [], evaluation_interval: "1m", tests }),
    });
    expect([ok, output]).toEqual([true, output]);
  });
});

test("an exporter has no shards", () => {
  const run = ProbeRun.exporter();
  const spec = resolveProbe({ namespace: "monitoring", registries: [Registry.at(INSTANCE)], run });
  expect(ruleSet(spec, PLAIN).alerts).not.toContain("RegistryIntegrityShardMissing");
});
