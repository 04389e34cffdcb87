/**
 * Values of the two charts: typed where this library sets them, open where it does not.
 * https://github.com/prometheus-community/helm-charts/blob/main/charts/prometheus/values.yaml
 * https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml
 */
import { renderYaml, type YamlValue } from "../text/yaml";

/** Any value of a chart. */
export interface ChartValues {
  readonly [key: string]: YamlValue;
}

/** The content of a rule file. */
export interface RuleFileValues extends ChartValues {
  readonly groups: readonly ChartValues[];
}

export interface PrometheusChartValues extends ChartValues {
  /** Files of the server's configuration folder, by their names. */
  readonly serverFiles?: PrometheusServerFiles;
  /** Paths in the server's container, as `/etc/config/<key of serverFiles>`; a list, so the last values file wins. */
  readonly scrapeConfigFiles?: readonly string[];
}

export interface PrometheusServerFiles extends ChartValues {
  readonly alerts?: RuleFileValues;
  readonly "alerting_rules.yml"?: RuleFileValues;
}

export interface KubePrometheusStackValues extends ChartValues {
  /** By a key with which the PrometheusRule's name ends. While it has an entry, the chart ignores the older list. */
  readonly additionalPrometheusRulesMap?: { readonly [key: string]: PrometheusRuleValues };
  /** The older form, which the chart only reads where the map is empty. */
  readonly additionalPrometheusRules?: readonly YamlValue[];
  readonly prometheus?: PrometheusOfStack;
}

export interface PrometheusRuleValues extends RuleFileValues {
  readonly additionalLabels?: Readonly<Record<string, string>>;
}

export interface PrometheusOfStack extends ChartValues {
  readonly prometheusSpec?: PrometheusSpecOfStack;
}

export interface PrometheusSpecOfStack extends ChartValues {
  /** Chart's default true: only rules with the label `release` of this release are loaded. */
  readonly ruleSelectorNilUsesHelmValues?: boolean;
  /** Chart's default true: as for rules. */
  readonly serviceMonitorSelectorNilUsesHelmValues?: boolean;
  /** Chart's default true: as for rules. */
  readonly scrapeConfigSelectorNilUsesHelmValues?: boolean;
  /** Operator's default Endpoints, under which an EndpointSlice made by hand is not seen. */
  readonly serviceDiscoveryRole?: "Endpoints" | "EndpointSlice";
}

/** A values file. Helm reads it as data: `{{ $value }}` stands in it as it is. */
export function renderValues(values: ChartValues, comment?: string): string {
  return renderYaml(values, comment);
}
