import { Duration } from "../../../lib/core/duration";
import type { AlertingRule } from "../../../lib/monitoring/alert-model";
import { ALERT_NAMES } from "../../../lib/monitoring/alerts/alert-names";
import type { AlertOverrides } from "../../../lib/monitoring/alerts/overrides";
import { type RuleProof, renderProofs } from "../../../lib/monitoring/alerts/proofs/render-proofs";
import { type RuleSet, ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import { mutants } from "./rule-mutants";
import { ALL, PLAIN, probeOf } from "./rule-set-fixture";
import { failingSuites, promtools, type Suite } from "./run-promtool";

/** Each rule beside its proof, which stand in one order. */
function provenRules(set: RuleSet): readonly (readonly [AlertingRule, RuleProof])[] {
  const rules = set.groups.flatMap((group) => group.rules);
  return set.proofs.rules.map((proof, at) => {
    const rule = rules[at];
    if (rule?.alert !== proof.alert || rule.labels.reason !== proof.reason) throw new Error(proof.alert);
    return [rule, proof] as const;
  });
}

/** A rule with its own cases alone: the others' evaluations would take most of the time. */
function suiteOf(rule: AlertingRule, proof: RuleProof, name: string): Suite {
  return {
    rules: renderRuleFile([{ name: "one", rules: [rule] }]),
    tests: renderProofs({ rules: [proof], scenarios: [] }, `${name}.yml`),
  };
}

function suitesOf(set: RuleSet, prefix: string): Record<string, Suite> {
  const suites: Record<string, Suite> = {};
  for (const [at, [rule, proof]] of provenRules(set).entries()) {
    const name = `${prefix}-${at}`;
    suites[name] = suiteOf(rule, proof, name);
  }
  const name = `${prefix}-scenarios`;
  suites[name] = {
    rules: renderRuleFile(set.groups),
    tests: renderProofs({ rules: [], scenarios: set.proofs.scenarios }, `${name}.yml`),
  };
  return suites;
}

function waiting(minutes: number): AlertOverrides {
  return Object.fromEntries(ALERT_NAMES.map((name) => [name, { for: Duration.minutes(minutes) }]));
}

const all = ruleSet(probeOf(), ALL);
const plain = ruleSet(probeOf(), PLAIN);

test("every rule of the fullest set has its proof, of which one case fires and one does not", () => {
  expect(provenRules(all).length).toBe(all.groups.flatMap((group) => group.rules).length);
  for (const { alert, reason, cases } of all.proofs.rules) {
    const states = cases.flatMap(({ expected }) => expected.map(({ state }) => state));
    expect([alert, reason, states.includes("firing"), states.includes("nothing")]).toEqual([
      alert,
      reason,
      true,
      true,
    ]);
  }
});

describe.each(promtools())("%s", (_name, tool) => {
  test("the rules do what their proofs say, at any schedule", async () => {
    const suites = {
      ...suitesOf(all, "all"),
      ...suitesOf(ruleSet(probeOf("* * * * *"), ALL), "minute"),
      ...suitesOf(ruleSet(probeOf("*/10 * * * *", ["a.example", "b.example"]), PLAIN), "two"),
      ...suitesOf(ruleSet(probeOf("0 * * * *"), PLAIN), "hour"),
      whole: {
        rules: renderRuleFile(plain.groups),
        tests: renderProofs(plain.proofs, "whole.yml"),
      },
      ...suitesOf(ruleSet(probeOf(), { ...ALL, overrides: waiting(0) }), "at-once"),
      ...suitesOf(ruleSet(probeOf(), { ...PLAIN, overrides: waiting(50) }), "late"),
    };
    expect(await failingSuites(tool, suites)).toEqual({});
  });
});

test("whatever one thing is changed in a rule, a case of its proof fails", async () => {
  const [[, tool] = ["", ""]] = promtools();
  const suites: Record<string, Suite> = {};
  const changed = new Map<string, string>();
  for (const [rule, proof] of provenRules(all)) {
    for (const mutant of mutants(rule)) {
      const name = `mutant-${changed.size}`;
      changed.set(name, `${rule.alert} (${proof.reason}): ${mutant.name}`);
      suites[name] = suiteOf(mutant.rule, proof, name);
    }
  }
  const failing = await failingSuites(tool, suites);
  expect([...changed].filter(([name]) => failing[name] === undefined).map(([, what]) => what)).toEqual([]);
  expect(changed.size).toBeGreaterThan(150);
});
