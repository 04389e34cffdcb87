import { renderProofs } from "../../../lib/monitoring/alerts/proofs/render-proofs";
import { ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import { provenRules, suiteOf, suitesOf, waiting } from "./proof-suites";
import { mutants } from "./rule-mutants";
import { ALL, PLAIN, probeOf } from "./rule-set-fixture";
import { failingSuites, promtools, type Suite } from "./run-promtool";

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
