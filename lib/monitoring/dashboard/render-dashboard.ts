/** https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
import { runbookUrl } from "../../core/references";
import { LABEL_INSTANCE, metricName } from "../../integrity/contract";
import type { IntegrityAlertName } from "../integrity-alerts";
import type { DashboardSpec } from "./dashboard-spec";
import { type PanelSpec, panelSpecs } from "./panels";
import { INSTANCE_VARIABLE, STATES } from "./queries";

/** The last of the classic form: later Grafana migrates from it, and earlier takes what it knows. */
const SCHEMA_VERSION = 42;
const COLUMNS = 24;
const DATASOURCE = { type: "prometheus", uid: "$" + "{datasource}" };
const ALERT: IntegrityAlertName = "RegistryManifestIntegrityFailure";

/** The dashboard as Grafana imports and provisions it; unescaped. */
export function renderDashboard(spec: DashboardSpec) {
  return {
    uid: spec.uid,
    title: spec.title,
    description: `Whether every tag can be pulled. Runbook: ${runbookUrl(spec.runbookBaseUrl, ALERT)}`,
    tags: ["registry", "tallyman"],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: "1m",
    time: { from: "now-24h", to: "now" },
    timezone: "browser",
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable(), instanceVariable()] },
    panels: placed(panelSpecs(spec)).map(({ panel, x, y }, at) => ({
      id: at + 1,
      title: panel.title,
      description: panel.description,
      datasource: DATASOURCE,
      gridPos: { x, y, w: panel.width, h: panel.height },
      ...renderBody(panel, spec),
      targets: panel.queries.map(({ expr, legend }, index) => ({
        refId: String.fromCharCode(65 + index),
        datasource: DATASOURCE,
        expr,
        legendFormat: legend,
        ...(panel.kind === "lines"
          ? { range: true, instant: false }
          : { range: false, instant: true, ...(panel.kind === "table" ? { format: "table" } : {}) }),
      })),
    })),
  };
}

/** With the line break at its end that text files have. */
export function renderDashboardFile(spec: DashboardSpec): string {
  return `${JSON.stringify(renderDashboard(spec), null, 2)}\n`;
}

/** Rows from left to right, as high as their first panel. */
function placed(panels: readonly PanelSpec[]) {
  let x = 0;
  let y = 0;
  return panels.map((panel) => {
    const place = { panel, x, y };
    x += panel.width;
    if (x >= COLUMNS) {
      x = 0;
      y += panel.height;
    }
    return place;
  });
}

function renderBody(panel: PanelSpec, spec: DashboardSpec) {
  const defaults = panel.unit === undefined ? {} : { unit: panel.unit };
  switch (panel.kind) {
    case "state":
      return {
        type: "stat",
        fieldConfig: { defaults: stateField(), overrides: [] },
        options: {
          colorMode: "background",
          graphMode: "none",
          textMode: "value_and_name",
          reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        },
      };
    case "table":
      if (panel.rows === "shards") {
        return {
          type: "table",
          fieldConfig: { defaults, overrides: [] },
          options: { showHeader: true, sortBy: [{ displayName: "Value", desc: true }] },
          transformations: [{ id: "organize", options: { excludeByName: { Time: true } } }],
        };
      }
      if (panel.rows === "slices") {
        return {
          type: "table",
          fieldConfig: { defaults, overrides: [column("A", "proven", "s"), column("B", "broken", "none")] },
          options: { showHeader: true, sortBy: [{ displayName: "proven", desc: true }] },
          transformations: [
            // Without it Grafana shows one query at a time.
            { id: "merge", options: {} },
            { id: "organize", options: { excludeByName: { Time: true } } },
          ],
        };
      }
      return {
        type: "table",
        fieldConfig: { defaults: {}, overrides: [runbookLink(spec)] },
        options: { showHeader: true, sortBy: [{ displayName: "image", desc: false }] },
        transformations: [{ id: "organize", options: { excludeByName: { Time: true, Value: true } } }],
      };
    case "lines":
      return {
        type: "timeseries",
        // A probe that reports every hour is no gap of fifty-nine minutes.
        fieldConfig: { defaults: { ...defaults, min: 0, custom: { spanNulls: true } }, overrides: [] },
        options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
      };
  }
}

function stateField() {
  const options = Object.fromEntries(STATES.map(({ value, text, color }) => [value, { text, color }]));
  return { mappings: [{ type: "value", options }], color: { mode: "thresholds" } };
}

/** What Grafana calls the value of one query of several. */
function column(refId: string, displayName: string, unit: string) {
  return {
    matcher: { id: "byName", options: `Value #${refId}` },
    properties: [
      { id: "displayName", value: displayName },
      { id: "unit", value: unit },
    ],
  };
}

function runbookLink(spec: DashboardSpec) {
  const url = runbookUrl(spec.runbookBaseUrl, ALERT);
  return {
    matcher: { id: "byName", options: "kind" },
    properties: [{ id: "links", value: [{ title: "Runbook", url, targetBlank: true }] }],
  };
}

function datasourceVariable() {
  return { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };
}

function instanceVariable() {
  const query = `label_values(${metricName("last_run_timestamp")}, ${LABEL_INSTANCE})`;
  return {
    name: INSTANCE_VARIABLE,
    label: "Registry",
    type: "query",
    datasource: DATASOURCE,
    query: { query, refId: "instance" },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    // Not the list of those that there were when the page was loaded.
    allValue: ".+",
    current: { selected: true, text: ["All"], value: ["$__all"] },
  };
}
