import { Duration } from "../../../lib/core/duration";
import type { AlertingRule } from "../../../lib/monitoring/alert-model";
import { ALERT_NAMES } from "../../../lib/monitoring/alerts/alert-names";
import type { AlertOverrides } from "../../../lib/monitoring/alerts/overrides";
import { type RuleProof, renderProofs } from "../../../lib/monitoring/alerts/proofs/render-proofs";
import type { RuleSet } from "../../../lib/monitoring/alerts/rule-set";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import type { Suite } from "./run-promtool";

/** Each rule beside its proof, which stand in one order. */
export function provenRules(set: RuleSet): readonly (readonly [AlertingRule, RuleProof])[] {
  const rules = set.groups.flatMap((group) => group.rules);
  return set.proofs.rules.map((proof, at) => {
    const rule = rules[at];
    if (rule?.alert !== proof.alert || rule.labels.reason !== proof.reason) throw new Error(proof.alert);
    return [rule, proof] as const;
  });
}

/** A rule with its own cases alone: the others' evaluations would take most of the time. */
export function suiteOf(rule: AlertingRule, proof: RuleProof, name: string): Suite {
  return {
    rules: renderRuleFile([{ name: "one", rules: [rule] }]),
    tests: renderProofs({ rules: [proof], scenarios: [] }, `${name}.yml`),
  };
}

export function suitesOf(set: RuleSet, prefix: string): Record<string, Suite> {
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

export function waiting(minutes: number): AlertOverrides {
  return Object.fromEntries(ALERT_NAMES.map((name) => [name, { for: Duration.minutes(minutes) }]));
}
