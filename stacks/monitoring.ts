import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { AlertSink } from "../lib/monitoring/alert-sink";
import type { RegistryService } from "../lib/monitoring/alerts/rule-set-options";
import { IntegrityDashboard } from "../lib/monitoring/dashboard/integrity-dashboard";
import { RegistryAlerts } from "../lib/monitoring/registry-alerts";
import type { RegistryIntegrityProbe } from "../lib/monitoring/registry-integrity-probe";
import { RegistryScrape } from "../lib/monitoring/scrape/registry-scrape";
import {
  type ExternalTargetOptions,
  ScrapeTarget,
  type ServiceTargetOptions,
} from "../lib/monitoring/scrape/scrape-target";
import { estateProbe, estateServices, type MonitoringStackOptions, type ProbeEstate } from "./estate-probe";

export interface MonitoringEstate extends ProbeEstate {
  readonly pushgatewayService: ServiceTargetOptions;
  /** Labels by which Prometheus selects rules and monitors. */
  readonly selectedBy: Readonly<Record<string, string>>;
}

/** The probe of the private registry, its alerts and its dashboard, in a cluster with the Prometheus Operator. */
export class MonitoringStack extends TerraformStack {
  readonly probe: RegistryIntegrityProbe;
  readonly alerts: RegistryAlerts;
  /** That are scraped and have alerts. */
  readonly services: Readonly<Record<string, RegistryService>>;
  readonly scrape: RegistryScrape;
  readonly dashboard: IntegrityDashboard;

  constructor(scope: Construct, id: string, estate: MonitoringEstate, options: MonitoringStackOptions = {}) {
    super(scope, id);
    // Empty: the provider itself reads KUBE_CONFIG_PATH and KUBE_CTX, so that no path of this machine is written down.
    new KubernetesProvider(this, "kubernetes", {});
    const { namespace, selectedBy: labels, maxTimeToPage, runbookBaseUrl } = estate;
    this.probe = estateProbe(this, estate, options);
    this.services = estateServices(estate);
    this.alerts = new RegistryAlerts(this, "alerts", {
      probe: this.probe,
      sink: AlertSink.prometheusRule({ labels }),
      maxTimeToPage,
      runbookBaseUrl,
      services: this.services,
      garbageCollection: true,
      jobStuck: true,
      pushgateway: true,
    });
    this.scrape = new RegistryScrape(this, "scrape", {
      namespace,
      labels,
      registries: externalTargets(estate.metrics),
      hosts: externalTargets(estate.hosts),
      pushgateway: ScrapeTarget.service(estate.pushgatewayService),
    });
    this.dashboard = new IntegrityDashboard(this, "dashboard", { probe: this.probe, runbookBaseUrl });
  }
}

/** By the same names. */
export function externalTargets(
  targets: Readonly<Record<string, ExternalTargetOptions>>,
): Record<string, ScrapeTarget> {
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, ScrapeTarget.external(target)]),
  );
}
