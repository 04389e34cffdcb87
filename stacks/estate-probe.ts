import type { Construct } from "constructs";
import type { Duration } from "../lib/core/duration";
import { Schedule } from "../lib/core/schedule";
import type { RegistryService } from "../lib/monitoring/alerts/rule-set-options";
import { Credentials } from "../lib/monitoring/credentials";
import { ProbeRun } from "../lib/monitoring/probe-run";
import { Registry } from "../lib/monitoring/registry";
import { RegistryIntegrityProbe } from "../lib/monitoring/registry-integrity-probe";
import { CRON_JOB_PATHS } from "../lib/monitoring/render-cron-job";
import type { ExternalTargetOptions } from "../lib/monitoring/scrape/scrape-target";

/** What an infrastructure has of its own; everything else follows. */
export interface ProbeEstate {
  readonly namespace: string;
  readonly registry: {
    readonly host: string;
    readonly address: string;
    readonly credentialsSecret: string;
  };
  readonly interval: Duration;
  readonly deadline: Duration;
  readonly pushgateway: string;
  /** The Pushgateway group of a predecessor, if there was one. */
  readonly replaceGroup?: string;
  /** Fields of the CronJob that policies of the cluster set. */
  readonly setByPolicy: readonly (keyof typeof CRON_JOB_PATHS)[];
  readonly maxTimeToPage: Duration;
  readonly runbookBaseUrl: string;
  /** Registry services outside the cluster that serve metrics, by their names. */
  readonly metrics: Readonly<Record<string, ExternalTargetOptions>>;
  /** Node exporters of the registry hosts, by the hosts' names. */
  readonly hosts: Readonly<Record<string, ExternalTargetOptions>>;
  /** That of `metrics` which is the probed registry; the others are caches. */
  readonly privateService: string;
}

/** The services whose metrics are scraped: RegistryDown for each, RegistryLowCacheHitRate for the caches. */
export function estateServices(estate: ProbeEstate): Readonly<Record<string, RegistryService>> {
  const { metrics, privateService, registry } = estate;
  return Object.fromEntries(
    Object.keys(metrics).map((name) => [
      name,
      // The instance of the probe: its alerts, and the maintenance that its host reports, speak of the same registry.
      name === privateService ? { kind: "private", instance: registry.host } : { kind: "cache" },
    ]),
  );
}

export interface MonitoringStackOptions {
  /** @default the bundle beside the compiled library */
  readonly programFile?: string;
}

/** The probe of the private registry, as a CronJob. */
export function estateProbe(
  scope: Construct,
  estate: ProbeEstate,
  options: MonitoringStackOptions,
): RegistryIntegrityProbe {
  const { host, address, credentialsSecret } = estate.registry;
  const { pushgateway, interval, deadline, replaceGroup, setByPolicy } = estate;
  return new RegistryIntegrityProbe(scope, "probe", {
    namespace: estate.namespace,
    registries: [
      Registry.at(host, { address, private: true, credentials: Credentials.secret(credentialsSecret) }),
    ],
    run: ProbeRun.cronJob({
      pushgateway,
      schedule: Schedule.every(interval),
      deadline,
      ...(replaceGroup === undefined ? {} : { replaceGroup }),
    }),
    pod: { ignoreChanges: setByPolicy.map((field) => CRON_JOB_PATHS[field]) },
    ...options,
  });
}
