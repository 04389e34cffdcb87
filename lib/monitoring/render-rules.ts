import { renderYaml } from "../text/yaml";
import type { AlertingRule, RuleGroup } from "./alert-model";

/**
 * Rule groups as Prometheus' rule files and the PrometheusRule share them.
 * https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group
 */
export function renderRuleGroups(groups: readonly RuleGroup[]) {
  return groups.map((group) => ({ name: group.name, rules: group.rules.map(renderRule) }));
}

/** A rule file, as `promtool check rules` and `rule_files` take it. */
export function renderRuleFile(groups: readonly RuleGroup[]): string {
  return renderYaml({ groups: renderRuleGroups(groups) });
}

function renderRule(rule: AlertingRule) {
  return {
    alert: rule.alert,
    expr: rule.expr,
    for: rule.for.toPrometheus(),
    ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor.toPrometheus() }),
    labels: { ...rule.labels },
    annotations: { ...rule.annotations },
  };
}
