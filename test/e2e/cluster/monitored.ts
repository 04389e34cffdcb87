import type { TerraformStack } from "cdktf";
import { AlertSink } from "../../../lib/monitoring/alert-sink";
import type { AlertOverrides } from "../../../lib/monitoring/alerts/overrides";
import { ProbeRun } from "../../../lib/monitoring/probe-run";
import { Registry } from "../../../lib/monitoring/registry";
import { RegistryAlerts } from "../../../lib/monitoring/registry-alerts";
import { RegistryIntegrityProbe } from "../../../lib/monitoring/registry-integrity-probe";
import { listAt, textAt } from "./json";
import type { Kubectl } from "./kubectl";

/** What a test varies; everything else is as docs/adopt.md has it. */
export interface MonitoredOptions {
  readonly namespace: string;
  readonly programFile: string;
  readonly schedule?: string;
  readonly image?: string;
  /** On the probe's objects and the sink's. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly overrides?: AlertOverrides;
  readonly ruleLabels?: Readonly<Record<string, string>>;
  readonly ignoreChanges?: readonly string[];
  /** @default manifest */
  readonly via?: "manifest" | "helm";
  /** @default one */
  readonly registries?: readonly string[];
}

export const REGISTRY = "registry.example.com:5050";

/** Of the constructs below, whatever the stack: an id is a hash of the path within it. */
export const ADDRESSES = {
  configMap: "kubernetes_config_map_v1.probe_config-map_E65F080C",
  cronJob: "kubernetes_cron_job_v1.probe_cron-job_B7B304D9",
  networkPolicy: "kubernetes_network_policy_v1.probe_network-policy_76FFC7AB",
  prometheusRule: "kubernetes_manifest.alerts_prometheus-rule_6B67E7AF",
  serviceAccount: "kubernetes_service_account_v1.probe_service-account_9C48B51E",
} as const;

/** A probe and its alerts, by the names that the documents give them. */
export function monitored(stack: TerraformStack, options: MonitoredOptions) {
  const { namespace, programFile, schedule, image, labels, overrides, ruleLabels, via } = options;
  const { ignoreChanges, registries = [REGISTRY] } = options;
  const probe = new RegistryIntegrityProbe(stack, "probe", {
    namespace,
    programFile,
    registries: registries.map((host) => Registry.at(host, { private: true })),
    run: ProbeRun.cronJob({
      pushgateway: "http://pushgateway.monitoring:9091",
      ...(schedule === undefined ? {} : { schedule }),
    }),
    ...(image === undefined ? {} : { image }),
    ...(labels === undefined ? {} : { labels }),
    ...(ignoreChanges === undefined ? {} : { pod: { ignoreChanges } }),
  });
  const alerts = new RegistryAlerts(stack, "alerts", {
    probe,
    sink: AlertSink.prometheusRule({
      labels: { release: "prometheus", ...labels },
      ...(via === undefined ? {} : { via }),
    }),
    runbookBaseUrl: "https://git.example.com/infra/blob/main",
    ...(overrides === undefined ? {} : { overrides }),
    ...(ruleLabels === undefined ? {} : { ruleLabels }),
  });
  return { probe, alerts };
}

/** What stands in the cluster, by group, alert and reason. */
export async function rulesIn(kubectl: Kubectl, namespace: string): Promise<ReadonlyMap<string, unknown>> {
  const object = await kubectl.json(["get", "prometheusrule", "registry-integrity-probe", "-n", namespace]);
  const rules = listAt(object, "spec", "groups").flatMap((group) =>
    listAt(group, "rules").map((rule) => {
      const words = [textAt(group, "name"), textAt(rule, "alert"), textAt(rule, "labels", "reason")];
      return [words.join(" "), rule] as const;
    }),
  );
  return new Map(rules);
}

/** `uid` of each of the objects that the two constructs make: another one was made anew. */
export async function uidsIn(kubectl: Kubectl, namespace: string): Promise<Readonly<Record<string, string>>> {
  const kinds = "cronjob,configmap,networkpolicy,serviceaccount,prometheusrule";
  const listed = await kubectl.list([kinds, "-n", namespace, "-l", "app.kubernetes.io/part-of=tallyman"]);
  return Object.fromEntries(
    listed.map((one) => [
      `${textAt(one, "kind")} ${textAt(one, "metadata", "name")}`,
      textAt(one, "metadata", "uid") ?? "",
    ]),
  );
}
