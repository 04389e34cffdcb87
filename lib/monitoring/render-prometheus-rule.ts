/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
import { escapeTerraformTree } from "../terraform/escape";
import { objectLabels } from "../terraform/labels";
import type { RuleGroup } from "./alert-model";
import type { PrometheusRuleSink } from "./alert-sink";
import type { ProbeSpec } from "./probe-spec";
import { probeIdentity } from "./render-cron-job";
import { renderRuleGroups } from "./render-rules";

/** The manifest's body, escaped for Terraform. */
export function renderPrometheusRule(
  spec: ProbeSpec,
  groups: readonly RuleGroup[],
  sink: PrometheusRuleSink,
  annotations: Readonly<Record<string, string>>,
) {
  const labels = objectLabels({ ...probeIdentity(spec), component: "alerts" }, sink.labels);
  return escapeTerraformTree({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: {
      name: sink.name ?? spec.name,
      namespace: sink.namespace ?? spec.namespace,
      labels,
      // The API leaves out an empty map, and the provider would then plan it for ever.
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: { groups: renderRuleGroups(groups) },
  });
}
