/** https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import { isIPv4, isIPv6 } from "node:net";
import { selectorLabels } from "../terraform/labels";
import type { EgressRule } from "./egress-rule";
import { metricsPorts } from "./exporter/metrics-ports";
import { apiServerRules } from "./exporter/render-replicas";
import { pushgatewayPort } from "./probe-run";
import type { ProbeSpec } from "./probe-spec";
import type { Registry } from "./registry";
import { probeIdentity, renderMetadata } from "./render-cron-job";

const DNS: readonly EgressRule[] = [
  { port: 53, protocol: "UDP" },
  { port: 53, protocol: "TCP" },
];

/** In only where an exporter is scraped; out only what a run needs, in the shape of the Kubernetes provider. */
export function renderNetworkPolicy(spec: ProbeSpec) {
  return {
    metadata: renderMetadata(spec, spec.name),
    spec: {
      podSelector: { matchLabels: selectorLabels(probeIdentity(spec)) },
      policyTypes: ["Ingress", "Egress"],
      ...renderIngress(spec),
      egress: egressRules(spec).map((rule) => ({
        ports: [{ port: String(rule.port), protocol: rule.protocol ?? "TCP" }],
        ...(rule.cidr === undefined ? {} : { to: [{ ipBlock: { cidr: rule.cidr } }] }),
      })),
    },
  };
}

/** From anywhere: where Prometheus runs is not known, and the kubelet asks too. */
function renderIngress(spec: ProbeSpec) {
  const ports = metricsPorts(spec).map(({ port }) => ({ port: String(port), protocol: "TCP" }));
  return ports.length === 0 ? {} : { ingress: [{ ports }] };
}

/** DNS, the registries, the Pushgateway, for replicas the Kubernetes API, and what the user adds; each once. */
export function egressRules(spec: ProbeSpec): readonly EgressRule[] {
  const rules = [
    ...DNS,
    ...spec.registries.map(registryRule),
    ...(spec.run.kind === "cronJob" ? [{ port: pushgatewayPort(spec.run) }] : []),
    ...apiServerRules(spec),
    ...spec.egress,
  ];
  const byText = new Map(rules.map((rule) => [`${rule.cidr} ${rule.port} ${rule.protocol ?? "TCP"}`, rule]));
  return [...byText.values()];
}

/** A policy cannot name a host: a name opens its port anywhere. */
function registryRule(registry: Registry): EgressRule {
  const { host, port } = registry.endpoint;
  if (isIPv4(host)) return { cidr: `${host}/32`, port };
  return isIPv6(host) ? { cidr: `${host}/128`, port } : { port };
}
