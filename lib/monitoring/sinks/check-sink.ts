import { checkLabelName, checkLabels, checkSubdomainName } from "../../core/kube-names";
import type { Problem } from "../../core/problem";
import { checkOwnLabels } from "../../terraform/labels";
import type { AlertSink } from "../alert-sink";
import { checkLiteral, type IsToken, literalEntries } from "../literal";

/** All that is wrong with the place that the rules are to go to. */
export function checkSink(sink: AlertSink, isToken: IsToken): readonly Problem[] {
  switch (sink.kind) {
    case "ruleFile":
    case "prometheusChartValues":
      return [];
    case "kubePrometheusStackValues":
      return [
        ...(sink.key === undefined ? [] : checkLiteral(sink.key, "sink.key", isToken, checkSubdomainName)),
        ...checkSinkLabels(sink.labels, isToken),
      ];
    case "prometheusRule":
    case "configMap":
      return [
        ...(sink.name === undefined ? [] : checkLiteral(sink.name, "sink.name", isToken, checkSubdomainName)),
        ...(sink.namespace === undefined || isToken(sink.namespace)
          ? []
          : checkLabelName(sink.namespace, "sink.namespace")),
        ...checkSinkLabels(sink.labels, isToken),
      ];
  }
}

function checkSinkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  isToken: IsToken,
): readonly Problem[] {
  return [
    ...checkLabels(literalEntries(labels, isToken), "sink.labels"),
    ...checkOwnLabels(labels ?? {}, "sink.labels"),
  ];
}
