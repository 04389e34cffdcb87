/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
import type { RuleGroup } from "../alert-model";
import type { PrometheusRuleSink } from "../alert-sink";
import { renderRuleGroups } from "../render-rules";
import { type SinkNames, sinkMetadata } from "./sink-names";

/** Unescaped and without its namespace: each way to the cluster adds what it needs. */
export function prometheusRuleObject(
  names: SinkNames,
  groups: readonly RuleGroup[],
  sink: PrometheusRuleSink,
) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: sinkMetadata(names, sink),
    spec: { groups: renderRuleGroups(groups) },
  };
}
