import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { AlertSink } from "../lib/monitoring/alert-sink";
import type { RegistryService } from "../lib/monitoring/alerts/rule-set-options";
import { IntegrityDashboard } from "../lib/monitoring/dashboard/integrity-dashboard";
import { MonitoringRelease } from "../lib/monitoring/monitoring-release";
import { RegistryAlerts } from "../lib/monitoring/registry-alerts";
import type { RegistryIntegrityProbe } from "../lib/monitoring/registry-integrity-probe";
import type { PrometheusChartValues } from "../lib/monitoring/release-values";
import { RegistryScrape } from "../lib/monitoring/scrape/registry-scrape";
import { prometheusChartValues } from "../lib/monitoring/sinks/rule-values";
import { estateProbe, estateServices, type MonitoringStackOptions, type ProbeEstate } from "./estate-probe";
import { externalTargets } from "./monitoring";

export interface MonitoringChartEstate extends ProbeEstate {
  /** Name of the prometheus chart's release. */
  readonly release: string;
  /** What the estate itself gives to the chart; the rules and the jobs are merged into it. */
  readonly ownValues: PrometheusChartValues;
}

/** The same as `monitoring` for a cluster without operator: rules and jobs by the values of the prometheus chart. */
export class MonitoringChartStack extends TerraformStack {
  readonly probe: RegistryIntegrityProbe;
  readonly alerts: RegistryAlerts;
  /** That are scraped and have alerts. */
  readonly services: Readonly<Record<string, RegistryService>>;
  readonly scrape: RegistryScrape;
  readonly dashboard: IntegrityDashboard;
  readonly release: MonitoringRelease;

  constructor(
    scope: Construct,
    id: string,
    estate: MonitoringChartEstate,
    options: MonitoringStackOptions = {},
  ) {
    super(scope, id);
    // Empty: the providers themselves read KUBE_CONFIG_PATH and KUBE_CTX.
    new KubernetesProvider(this, "kubernetes", {});
    new HelmProvider(this, "helm", {});
    const { namespace, maxTimeToPage, runbookBaseUrl } = estate;
    this.probe = estateProbe(this, estate, options);
    this.services = estateServices(estate);
    this.alerts = new RegistryAlerts(this, "alerts", {
      probe: this.probe,
      sink: AlertSink.prometheusChartValues(),
      maxTimeToPage,
      runbookBaseUrl,
      ruleFile: `${id}/rules.yml`,
      services: this.services,
      garbageCollection: true,
      jobStuck: true,
      // The chart's own job.
      pushgateway: { job: "prometheus-pushgateway" },
    });
    // The chart's own jobs scrape its Pushgateway, with honor_labels.
    this.scrape = new RegistryScrape(this, "scrape", {
      namespace,
      via: "file",
      registries: externalTargets(estate.metrics),
      hosts: externalTargets(estate.hosts),
      scrapeConfigFile: `${id}/scrape-config.yml`,
    });
    this.dashboard = new IntegrityDashboard(this, "dashboard", {
      probe: this.probe,
      runbookBaseUrl,
      file: `${id}/dashboard.json`,
    });
    this.release = new MonitoringRelease(this, "prometheus", {
      chart: "prometheus",
      name: estate.release,
      namespace,
      values: [estate.ownValues, prometheusChartValues(this.alerts.groups), this.scrape.prometheusValues],
    });
  }
}
