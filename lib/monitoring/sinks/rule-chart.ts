/** https://helm.sh/docs/topics/charts/#the-chart-file-structure */
import { createHash } from "node:crypto";
import { renderYaml } from "../../text/yaml";
import type { RuleGroup } from "../alert-model";
import type { PrometheusRuleSink } from "../alert-sink";
import { prometheusRuleObject } from "./prometheus-rule-object";
import type { SinkNames } from "./sink-names";

const RULE_FILE = "prometheus-rule.yaml";
/** `.Files.Get` hands the text on as it is: `{{ $value }}` in it is not Helm's to fill in. */
const TEMPLATE = `{{ .Files.Get "${RULE_FILE}" }}\n`;

/** The files of a chart that holds one PrometheusRule, by their paths; the object lands in the release's namespace. */
export function renderRuleChart(
  names: SinkNames,
  groups: readonly RuleGroup[],
  sink: PrometheusRuleSink,
): Readonly<Record<string, string>> {
  const rule = renderYaml(prometheusRuleObject(names, groups, sink));
  const chart = {
    apiVersion: "v2",
    name: "registry-integrity-rules",
    description: "The alerts on a container registry, as one PrometheusRule",
    type: "application",
    // A new version for new rules: the plan then says that they changed.
    version: `1.0.0+${hash(rule).slice(0, 12)}`,
  };
  return {
    "Chart.yaml": renderYaml(chart),
    [RULE_FILE]: rule,
    [`templates/${RULE_FILE}`]: TEMPLATE,
  };
}

/** SHA-256 over paths and contents, in hexadecimal. */
export function hashFiles(files: Readonly<Record<string, string>>): string {
  return hash(JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
