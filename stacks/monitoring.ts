import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Duration } from "../lib/core/duration";
import { Schedule } from "../lib/core/schedule";
import { AlertSink } from "../lib/monitoring/alert-sink";
import { Credentials } from "../lib/monitoring/credentials";
import { ProbeRun } from "../lib/monitoring/probe-run";
import { Registry } from "../lib/monitoring/registry";
import { RegistryAlerts } from "../lib/monitoring/registry-alerts";
import { RegistryIntegrityProbe } from "../lib/monitoring/registry-integrity-probe";
import { CRON_JOB_PATHS } from "../lib/monitoring/render-cron-job";

/** What an infrastructure has of its own; everything else follows. */
export interface MonitoringEstate {
  readonly namespace: string;
  readonly registry: {
    readonly host: string;
    readonly address: string;
    readonly credentialsSecret: string;
  };
  readonly interval: Duration;
  readonly deadline: Duration;
  readonly pushgateway: string;
  readonly replaceGroup: string;
  /** Fields of the CronJob that policies of the cluster set. */
  readonly setByPolicy: readonly (keyof typeof CRON_JOB_PATHS)[];
  readonly maxTimeToPage: Duration;
  readonly runbookBaseUrl: string;
}

export interface MonitoringStackOptions {
  /** @default the bundle beside the compiled library */
  readonly programFile?: string;
}

/** The probe of the private registry, and the alerts on it. */
export class MonitoringStack extends TerraformStack {
  readonly probe: RegistryIntegrityProbe;
  readonly alerts: RegistryAlerts;

  constructor(scope: Construct, id: string, estate: MonitoringEstate, options: MonitoringStackOptions = {}) {
    super(scope, id);
    // Empty: the provider itself reads KUBE_CONFIG_PATH and KUBE_CTX, so that no path of this machine is written down.
    new KubernetesProvider(this, "kubernetes", {});
    const { host, address, credentialsSecret } = estate.registry;
    const registry = Registry.at(host, {
      address,
      private: true,
      credentials: Credentials.secret(credentialsSecret),
    });
    this.probe = new RegistryIntegrityProbe(this, "probe", {
      namespace: estate.namespace,
      registries: [registry],
      run: ProbeRun.cronJob({
        pushgateway: estate.pushgateway,
        schedule: Schedule.every(estate.interval),
        deadline: estate.deadline,
        replaceGroup: estate.replaceGroup,
      }),
      pod: { ignoreChanges: estate.setByPolicy.map((field) => CRON_JOB_PATHS[field]) },
      ...options,
    });
    this.alerts = new RegistryAlerts(this, "alerts", {
      probe: this.probe,
      sink: AlertSink.prometheusRule(),
      maxTimeToPage: estate.maxTimeToPage,
      runbookBaseUrl: estate.runbookBaseUrl,
    });
  }
}
