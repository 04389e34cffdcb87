/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
import type { PrometheusChartValues } from "../release-values";
import { renderValues } from "../release-values";
import { hostPort, scrapeSpecs } from "./scrape-specs";
import type { ScrapeOptions, ScrapeSpec, ServiceTarget } from "./scrape-target";

/** Name of the file in the server's configuration folder, where the prometheus chart carries it. */
const CHART_FILE = "registry-scrape.yml";
const COMMENT =
  "Jobs for Prometheus: name this file under scrape_config_files (2.43 or later), or add its jobs to scrape_configs.";

/** What `scrape_config_files` takes: jobs whose series carry the labels `job` and `registry` that the rules select. */
export function scrapeFileContent(options: ScrapeOptions) {
  return { scrape_configs: scrapeSpecs(options).map((spec) => renderJob(spec, options)) };
}

export function renderScrapeFile(options: ScrapeOptions): string {
  return renderValues(scrapeFileContent(options), COMMENT);
}

/** The jobs as values of the prometheus chart, beside its own. */
export function scrapeChartValues(options: ScrapeOptions): PrometheusChartValues {
  return {
    serverFiles: { [CHART_FILE]: scrapeFileContent(options) },
    scrapeConfigFiles: [`/etc/config/${CHART_FILE}`],
  };
}

function renderJob(spec: ScrapeSpec, options: ScrapeOptions) {
  const { target } = spec;
  const { path = "/metrics", scheme = "http" } = target;
  const serverName = target.kind === "external" ? target.serverName : undefined;
  return {
    // Once in a whole configuration, so it is not the label `job`, which several of these share.
    job_name: spec.name,
    metrics_path: path,
    scheme,
    honor_labels: spec.honorLabels,
    ...(options.interval === undefined ? {} : { scrape_interval: options.interval.toPrometheus() }),
    ...(serverName === undefined ? {} : { tls_config: { server_name: serverName } }),
    ...(target.kind === "external"
      ? { static_configs: [{ targets: target.addresses.map((one) => hostPort(one, target.port)) }] }
      : { kubernetes_sd_configs: [discovery(target, options)] }),
    relabel_configs: [
      ...(target.kind === "service" ? keepService(target) : []),
      ...Object.entries({ job: spec.job, ...spec.seriesLabels }).map(([label, replacement]) => ({
        target_label: label,
        replacement,
      })),
    ],
    ...(spec.keepMetrics === null
      ? {}
      : {
          metric_relabel_configs: [{ source_labels: ["__name__"], regex: spec.keepMetrics, action: "keep" }],
        }),
  };
}

function discovery(target: ServiceTarget, options: ScrapeOptions) {
  return { role: "endpointslice", namespaces: { names: [target.namespace ?? options.namespace] } };
}

function keepService(target: ServiceTarget) {
  const labels = Object.entries(target.matchLabels).map(
    ([label, value]) =>
      [`__meta_kubernetes_service_label_${label.replace(/[^A-Za-z0-9_]/g, "_")}`, value] as const,
  );
  return [...labels, ["__meta_kubernetes_endpointslice_port_name", target.port] as const].map(
    ([label, value]) => ({ source_labels: [label], regex: escapeRegex(value), action: "keep" }),
  );
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}
