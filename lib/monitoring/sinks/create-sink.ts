import { Release } from "@cdktf/provider-helm/lib/release";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import type { Construct } from "constructs";
import { toLabelName } from "../../core/kube-names";
import { ConfigurationError, type Problem } from "../../core/problem";
import { Artifact } from "../../terraform/artifacts";
import { escapeTerraform, escapeTerraformMap, escapeTerraformTree, hasToken } from "../../terraform/escape";
import type { RuleGroup } from "../alert-model";
import type { AlertSink, ConfigMapSink, PrometheusRuleSink } from "../alert-sink";
import { OWN_FIELDS } from "../own-fields";
import type { KubePrometheusStackValues, PrometheusChartValues } from "../release-values";
import { renderRuleFile } from "../render-rules";
import { ChartFolder } from "./chart-folder";
import { prometheusRuleObject } from "./prometheus-rule-object";
import { renderRuleChart } from "./rule-chart";
import {
  kubePrometheusStackValues,
  prometheusChartValues,
  renderKubePrometheusStackValuesFile,
  renderPrometheusValuesFile,
} from "./rule-values";
import { type SinkNames, sinkMetadata } from "./sink-names";

/** Key of the ConfigMap sink's data. */
const RULES_KEY = "rules.yml";

/** https://helm.sh/docs/chart_template_guide/getting_started/#adding-a-simple-template-call */
const MAX_RELEASE_NAME_LENGTH = 53;

/** What a sink made of the rules; of the resources at most one is there, by the sink's kind. */
export interface CreatedSink {
  readonly prometheusRule?: Manifest;
  /** The PrometheusRule's, where it goes by Helm. */
  readonly release?: Release;
  readonly configMap?: ConfigMapV1;
  /** The rules for MonitoringRelease, and the artifact with the same. */
  readonly prometheusValues: PrometheusChartValues;
  readonly prometheusValuesFile: Artifact;
  readonly kubePrometheusStackValues: KubePrometheusStackValues;
  readonly kubePrometheusStackValuesFile: Artifact;
}

/**
 * Brings the rules to the sink, and writes them as values files of both charts, whatever the sink.
 *
 * @throws ConfigurationError where a text that only Terraform knows would have to travel in a file
 */
export function createSink(
  scope: Construct,
  sink: AlertSink,
  groups: readonly RuleGroup[],
  names: SinkNames,
): CreatedSink {
  const { artifactFolder: folder = "monitoring" } = names;
  const path = (name: string) => (folder === "." ? name : `${folder}/${name}`);
  const prometheus = prometheusChartValues(groups, sink.kind === "prometheusChartValues" ? sink : {});
  const stack = kubePrometheusStackValues(
    names,
    groups,
    sink.kind === "kubePrometheusStackValues" ? sink : {},
  );
  return {
    ...createResource(scope, sink, groups, names),
    prometheusValues: prometheus,
    prometheusValuesFile: new Artifact(scope, "prometheus-values", {
      path: path("prometheus-values.yml"),
      content: renderPrometheusValuesFile(prometheus),
    }),
    kubePrometheusStackValues: stack,
    kubePrometheusStackValuesFile: new Artifact(scope, "kube-prometheus-stack-values", {
      path: path("kube-prometheus-stack-values.yml"),
      content: renderKubePrometheusStackValuesFile(stack),
    }),
  };
}

function createResource(
  scope: Construct,
  sink: AlertSink,
  groups: readonly RuleGroup[],
  names: SinkNames,
): Pick<CreatedSink, "prometheusRule" | "release" | "configMap"> {
  if (sink.kind === "configMap") return { configMap: createConfigMap(scope, sink, groups, names) };
  if (sink.kind !== "prometheusRule") return {};
  return sink.via === "helm"
    ? { release: createRelease(scope, sink, groups, names) }
    : { prometheusRule: createManifest(scope, sink, groups, names) };
}

function createManifest(
  scope: Construct,
  sink: PrometheusRuleSink,
  groups: readonly RuleGroup[],
  names: SinkNames,
): Manifest {
  const { metadata, ...rule } = prometheusRuleObject(names, groups, sink);
  const namespace = sink.namespace ?? names.namespace;
  const manifest = escapeTerraformTree({ ...rule, metadata: { ...metadata, namespace } });
  return new Manifest(scope, "prometheus-rule", { manifest, ...OWN_FIELDS });
}

function createRelease(
  scope: Construct,
  sink: PrometheusRuleSink,
  groups: readonly RuleGroup[],
  names: SinkNames,
): Release {
  const files = renderRuleChart(names, groups, sink);
  ConfigurationError.throwIfAny(checkFiles(files));
  return new Release(scope, "prometheus-rule-release", {
    name: toLabelName(`${sink.name ?? names.name}-rules`, MAX_RELEASE_NAME_LENGTH),
    namespace: escapeTerraform(sink.namespace ?? names.namespace),
    chart: new ChartFolder(scope, "prometheus-rule-chart", files).path,
    // One object, whose admission answers at once; history is git's.
    atomic: true,
    maxHistory: 3,
  });
}

/** Nothing evaluates Terraform's expressions in a file that Helm reads. */
function checkFiles(files: Readonly<Record<string, string>>): readonly Problem[] {
  if (!Object.values(files).some(hasToken)) return [];
  const fix = 'Write runbookBaseUrl, labels and annotations as literal text, or take via: "manifest".';
  return [{ path: "sink", rule: "carry literal text alone via helm", value: "an unresolved token", fix }];
}

function createConfigMap(
  scope: Construct,
  sink: ConfigMapSink,
  groups: readonly RuleGroup[],
  names: SinkNames,
): ConfigMapV1 {
  const { name, labels, annotations } = sinkMetadata(names, sink, `${names.name}-rules`);
  return new ConfigMapV1(scope, "rules-config-map", {
    metadata: {
      name,
      namespace: escapeTerraform(sink.namespace ?? names.namespace),
      labels: escapeTerraformMap(labels),
      ...(annotations === undefined ? {} : { annotations: escapeTerraformMap(annotations) }),
    },
    data: { [RULES_KEY]: escapeTerraform(renderRuleFile(groups)) },
  });
}
