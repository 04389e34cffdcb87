/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
import { renderYaml } from "../../../text/yaml";
import { promqlString } from "../../alert-model";
import type { AlertName, AlertReason, AlertSeverity } from "../alert-names";
import type { ProofCase, ProofMoment, ProofSeries } from "./proof-case";
import type { Scenario } from "./registry-scenarios";

/** What shows that one rule does as it should. */
export interface RuleProof {
  readonly alert: AlertName;
  readonly reason: AlertReason;
  readonly instance: string;
  readonly severity: AlertSeverity;
  readonly cases: readonly ProofCase[];
}

export interface RuleSetProofs {
  readonly rules: readonly RuleProof[];
  readonly scenarios: readonly Scenario[];
}

/**
 * A file for `promtool test rules`.
 *
 * @param ruleFile the file with the rules, relative to this one
 */
export function renderProofs(proofs: RuleSetProofs, ruleFile: string): string {
  const tests = [...proofs.rules.flatMap(renderRuleProof), ...proofs.scenarios.map(renderScenario)];
  return renderYaml({ rule_files: [ruleFile], evaluation_interval: "1m", tests });
}

/** By ALERTS, as the states before firing can be told there, and annotations need not be spelled out. */
function renderRuleProof(proof: RuleProof) {
  const matchers = { alertname: proof.alert, instance: proof.instance, reason: proof.reason };
  const expr = `count by (alertname, alertstate, severity) (ALERTS${renderLabels(matchers)})`;
  return proof.cases.map((one) => ({
    name: `${proof.alert} (${proof.reason}, ${proof.instance}) ${one.name}`,
    ...renderSeries(one.series),
    promql_expr_test: one.expected.map((moment) => ({
      expr,
      eval_time: `${moment.minute}m`,
      exp_samples: renderMoment(proof, moment),
    })),
  }));
}

function renderMoment({ alert, severity }: RuleProof, { state, count = 1 }: ProofMoment) {
  if (state === "nothing") return [];
  return [{ labels: renderLabels({ alertname: alert, alertstate: state, severity }), value: count }];
}

function renderScenario({ name, instance, alerts, series, expected }: Scenario) {
  const expr =
    `count by (alertname) (ALERTS{alertstate="firing",instance=${promqlString(instance)},` +
    `alertname=~${promqlString(alerts.join("|"))}})`;
  return {
    name,
    ...renderSeries(series),
    promql_expr_test: expected.map(({ minute, firing }) => ({
      expr,
      eval_time: `${minute}m`,
      exp_samples: firing.map((alertname) => ({ labels: renderLabels({ alertname }), value: 1 })),
    })),
  };
}

function renderSeries(series: readonly ProofSeries[]) {
  return { interval: "1m", input_series: series.map((one) => ({ ...one })) };
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${promqlString(value)}`);
  return `{${pairs.join(",")}}`;
}
