/**
 * Which service an alert is about, and its runbook, for those who route and page.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
import { groupBy } from "../core/group-by";
import { renderYaml } from "../text/yaml";
import type { Catalog } from "./catalog";
import { alertRunbook, type CatalogAlert } from "./catalog-alert";
import { catalogServices } from "./catalog-services";

export const ALERT_LABELS_SCHEMA = "tallyman.alert-labels/1";

/** One alert with all that follows from its service. */
export interface AlertLabels {
  readonly alert: string;
  /** Names of the services that name it; none, or several, leave it without the label `service`. */
  readonly services: readonly string[];
  /** From the repository's root. */
  readonly runbook: string | null;
}

/** Every alert that a service names, and every known one, by name. */
export function alertLabels(
  catalog: Catalog,
  alerts: readonly CatalogAlert[] | null = null,
): readonly AlertLabels[] {
  const naming = groupBy(catalogServices(catalog), ({ service }) => service.alerts);
  const known = (alerts ?? []).map(({ name }) => name);
  return [...new Set([...known, ...naming.keys()])]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((alert) => ({
      alert,
      services: [...new Set((naming.get(alert) ?? []).map(({ service }) => service.name))],
      runbook: alertRunbook(alert, alerts),
    }));
}

/** The file `tallyman.alert-labels/1`. */
export function formatAlertLabels(labels: readonly AlertLabels[]): string {
  return `${JSON.stringify({ schema: ALERT_LABELS_SCHEMA, alerts: labels }, null, 2)}\n`;
}

const COMMENT = `Alertmanager adds no labels: Prometheus does, on the way to it. Put this list into prometheus.yml as
alerting.alert_relabel_configs (prometheus chart: alertRelabelConfigs.alert_relabel_configs). Then Alertmanager can
  group by service       route: {group_by: [service]}
  route by service       routes: [{matchers: ['service="registry"'], receiver: …}]
  silence a service      amtool silence add service=registry
  link the runbook       {{ .CommonLabels.runbook }} in a template, for alerts without a runbook_url too
An alert of several services has no label service. A label that the rule itself sets is replaced.`;

/** The labels `service` and `runbook` as Prometheus' alert_relabel_configs. */
export function renderAlertRelabeling(labels: readonly AlertLabels[]): string {
  const ofService = groupBy(labels, ({ services }) => (services.length === 1 ? services : []));
  const ofRunbook = groupBy(labels, ({ runbook }) => (runbook === null ? [] : [runbook]));
  const configs = [...relabelConfigs(ofService, "service"), ...relabelConfigs(ofRunbook, "runbook")];
  return renderYaml(configs, COMMENT);
}

function relabelConfigs(byValue: ReadonlyMap<string, readonly AlertLabels[]>, label: string) {
  return [...byValue]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, labels]) => ({
      source_labels: ["alertname"],
      regex: labels.map(({ alert }) => quoteRegex(alert)).join("|"),
      target_label: label,
      // $ stands for a group of the expression.
      replacement: value.replaceAll("$", "$$$$"),
    }));
}

/** https://github.com/google/re2/wiki/Syntax */
function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
