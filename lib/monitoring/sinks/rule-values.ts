import type { RuleGroup } from "../alert-model";
import type { KubePrometheusStackValuesSink, PrometheusChartValuesSink } from "../alert-sink";
import {
  type KubePrometheusStackValues,
  type PrometheusChartValues,
  type RuleFileValues,
  renderValues,
} from "../release-values";
import { renderRuleGroups } from "../render-rules";
import type { SinkNames } from "./sink-names";

/** The rules as values of the prometheus chart. */
export function prometheusChartValues(
  groups: readonly RuleGroup[],
  { key = "alerts" }: Omit<PrometheusChartValuesSink, "kind"> = {},
): PrometheusChartValues {
  return { serverFiles: { [key]: ruleFileValues(groups) } };
}

/** The rules as values of the kube-prometheus-stack chart. */
export function kubePrometheusStackValues(
  names: Pick<SinkNames, "name">,
  groups: readonly RuleGroup[],
  { key = names.name, labels = {} }: Omit<KubePrometheusStackValuesSink, "kind"> = {},
): KubePrometheusStackValues {
  const additionalLabels = Object.keys(labels).length === 0 ? {} : { additionalLabels: { ...labels } };
  return { additionalPrometheusRulesMap: { [key]: { ...additionalLabels, ...ruleFileValues(groups) } } };
}

/** `monitoring/prometheus-values.yml`: to be added to an existing release's values. */
export function renderPrometheusValuesFile(values: PrometheusChartValues): string {
  return renderValues(
    values,
    "Values of the chart prometheus: add them to the release's own (helm --values, or values of a helm_release).\n" +
      "In HCL read them by file(), not by templatefile(): {{ $value }} is Prometheus' to fill in.",
  );
}

/** `monitoring/kube-prometheus-stack-values.yml`: to be added to an existing release's values. */
export function renderKubePrometheusStackValuesFile(values: KubePrometheusStackValues): string {
  return renderValues(
    values,
    "Values of the chart kube-prometheus-stack: add them to the release's own. While additionalPrometheusRulesMap has\n" +
      "an entry, the chart ignores the older list additionalPrometheusRules: move groups of your own into the map.",
  );
}

function ruleFileValues(groups: readonly RuleGroup[]): RuleFileValues {
  return { groups: renderRuleGroups(groups) };
}
