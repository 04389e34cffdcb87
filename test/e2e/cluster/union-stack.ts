import type { TerraformStack } from "cdktf";
import {
  AlertSink,
  CRON_JOB_PATHS,
  Credentials,
  DEPLOYMENT_PATHS,
  Duration,
  IntegrityDashboard,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
  RegistryScrape,
  ScrapeTarget,
} from "../../../lib/index";

export const NAMESPACE = "tallyman-unions";

/** What Terraform is given for `Credentials.variable`. */
export const VARIABLES: Readonly<Record<string, string>> = {
  TF_VAR_registry_username: "reader",
  TF_VAR_registry_password: "e2e-password-of-nobody",
};

const RUNBOOKS = "https://git.example.com/infra/blob/main";
const PUSHGATEWAY = "http://pushgateway.monitoring:9091";

/** Every kind of run. A `kubernetes_manifest` takes the provider seconds, so few of the exporters have a monitor. */
const RUNS = {
  cron: () => ProbeRun.cronJob({ pushgateway: PUSHGATEWAY }),
  exporter: (hasMonitor: boolean) =>
    ProbeRun.exporter({ serviceMonitor: hasMonitor ? { labels: { release: "prometheus" } } : false }),
} satisfies Readonly<Record<string, (hasMonitor: boolean) => ProbeRun>>;

const CREDENTIALS = {
  none: undefined,
  secret: Credentials.secret("registry-reader"),
  docker: Credentials.dockerConfig("registry-pull"),
  variable: Credentials.variable(),
} satisfies Readonly<Record<string, Credentials | undefined>>;

const SINKS = {
  manifest: AlertSink.prometheusRule({ labels: { release: "prometheus" } }),
  helm: AlertSink.prometheusRule({ via: "helm" }),
  stack: AlertSink.kubePrometheusStackValues(),
  chart: AlertSink.prometheusChartValues(),
  map: AlertSink.configMap({ labels: { rules: "1" } }),
  file: AlertSink.ruleFile(),
} satisfies Readonly<Record<string, AlertSink>>;

export const RUN_KINDS = ["cron", "exporter"] as const;

/** One run with each kind of credentials and each sink, and a dashboard; gives how many there are. */
export function everyProbe(
  scope: TerraformStack,
  run: (typeof RUN_KINDS)[number],
  programFile: string,
): number {
  let count = 0;
  for (const [kind, credentials] of Object.entries(CREDENTIALS)) {
    for (const [to, sink] of Object.entries(SINKS)) {
      const name = `${run}-${kind}-${to}`;
      const registry = Registry.at(`${name}.example.com:5050`, credentials ? { credentials } : {});
      const probe = oneProbe(scope, name, registry, RUNS[run](to === "manifest"), sink, programFile);
      if (count++ > 0) continue;
      new IntegrityDashboard(scope, "dashboard", { probe, runbookBaseUrl: RUNBOOKS, folder: "Registries" });
    }
  }
  return count;
}

function oneProbe(
  scope: TerraformStack,
  name: string,
  registry: Registry,
  run: ProbeRun,
  sink: AlertSink,
  programFile: string,
): RegistryIntegrityProbe<ProbeRun> {
  const probe = new RegistryIntegrityProbe<ProbeRun>(scope, name, {
    namespace: NAMESPACE,
    name,
    registries: [registry],
    run,
    programFile,
  });
  const ruleFile = `${name}/rules.yml`;
  new RegistryAlerts(scope, `${name}-alerts`, { probe, sink, runbookBaseUrl: RUNBOOKS, ruleFile });
  return probe;
}

/** Every option of a probe that reaches an object, in either kind of run. */
export function fullProbes(scope: TerraformStack, programFile: string, ca: string): void {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const accept = [{ repository: "team/app", tag: "old", until, reason: "100%{ of $" + "{nobody}" }];
  const shared = {
    namespace: NAMESPACE,
    programFile,
    egress: [
      { cidr: "192.0.2.0/24", port: 443 },
      { port: 5353, protocol: "UDP" as const },
    ],
    labels: { team: "infra" },
    annotations: { note: "100%{ of it" },
  };
  const registries = (prefix: string) => [
    Registry.at(`${prefix}-a.example.com:5050`, {
      address: "192.0.2.10:5050",
      private: true,
      ca,
      accept,
      newest: 3,
      credentials: Credentials.secret("registry-reader", { usernameKey: "user", passwordKey: "pass" }),
    }),
    Registry.at(`http://${prefix}-b.example.com`, {
      repositories: ["team/app"],
      tokenHosts: ["auth.example"],
    }),
  ];
  const pod = (ignoreChanges: readonly string[]) => ({
    nodeSelector: { zone: "a" },
    tolerations: [{ key: "dedicated", operator: "Exists" as const, effect: "NoSchedule" as const }],
    imagePullSecrets: ["registry-pull"],
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    ignoreChanges,
  });
  new RegistryIntegrityProbe(scope, "full-cron", {
    ...shared,
    name: "full-cron",
    registries: registries("full-cron"),
    pod: pod(Object.values(CRON_JOB_PATHS)),
    run: ProbeRun.cronJob({
      pushgateway: PUSHGATEWAY,
      schedule: "*/30 * * * *",
      deadline: Duration.minutes(5),
      verifyBytes: "auto/7",
      rate: 50,
      concurrency: 2,
      startJitter: Duration.seconds(30),
      replaceGroup: "job=predecessor,team=infra",
    }),
  });
  new RegistryIntegrityProbe<ReturnType<typeof ProbeRun.exporter>>(scope, "full-exporter", {
    ...shared,
    name: "full-exporter",
    registries: registries("full-exporter"),
    networkPolicy: false,
    pod: pod(Object.values(DEPLOYMENT_PATHS)),
    run: ProbeRun.exporter({
      interval: Duration.minutes(20),
      port: 9200,
      blobs: "head",
      serviceMonitor: false,
    }),
  });
}

/** Every target in every place where one may stand, by objects of the operator and by a file. */
export function everyScrape(scope: TerraformStack): void {
  const service = ScrapeTarget.service({ matchLabels: { app: "registry" }, port: "metrics", path: "/m" });
  const elsewhere = ScrapeTarget.service({ matchLabels: { app: "r" }, port: "http", namespace: "default" });
  const external = { addresses: ["192.0.2.10", "192.0.2.11"], port: 5001, path: "/metrics/main" };
  const scraped = ScrapeTarget.external({ ...external, scheme: "https", serverName: "registry.example.com" });
  const sliced = ScrapeTarget.external({ ...external, via: "endpointSlice" });
  const sixed = ScrapeTarget.external({ addresses: ["2001:db8::1"], port: 9100, via: "endpointSlice" });
  const labels = { release: "prometheus" };
  for (const [name, pushgateway] of Object.entries({ service, scraped, sliced })) {
    new RegistryScrape(scope, `scrape-${name}`, {
      namespace: NAMESPACE,
      name: `scrape-${name}`,
      labels,
      annotations: { note: "x" },
      interval: Duration.seconds(45),
      // Once is enough: each is one object more, or three.
      ...(name === "service"
        ? {
            registries: { service, elsewhere, scraped, sliced, sixed },
            hosts: { service, scraped, sliced, sixed },
          }
        : {}),
      pushgateway,
      scrapeConfigFile: `scrape-${name}/scrape-config.yml`,
    });
  }
  new RegistryScrape(scope, "scrape-file", {
    namespace: NAMESPACE,
    via: "file",
    registries: { scraped },
    scrapeConfigFile: "scrape-file/scrape-config.yml",
  });
}
