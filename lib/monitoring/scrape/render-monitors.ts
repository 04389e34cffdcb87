/**
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.ScrapeConfig
 */
import type { Duration } from "../../core/duration";
import { type AppIdentity, objectLabels, selectorLabels } from "../../terraform/labels";
import { DEFAULT_SCRAPE_NAME, hostPort } from "./scrape-specs";
import type { ExternalTarget, ScrapeOptions, ScrapeSpec, ScrapeTarget } from "./scrape-target";

/** Name of the one port of the Service that stands for hosts outside. */
const PORT_NAME = "metrics";

export function scrapeIdentity(spec: Pick<ScrapeSpec, "name">): AppIdentity {
  return { name: DEFAULT_SCRAPE_NAME, instance: spec.name, component: "scrape" };
}

/** Labels and annotations of each object; unescaped. */
export function scrapeMetadata(spec: ScrapeSpec, options: ScrapeOptions) {
  const { namespace, labels, annotations = {} } = options;
  return {
    name: spec.name,
    namespace,
    labels: objectLabels(scrapeIdentity(spec), labels),
    // The API leaves out an empty map, and the provider would then plan it for ever.
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
}

/** For a Service of the cluster, or for the one that stands for hosts outside. */
export function renderServiceMonitor(spec: ScrapeSpec, options: ScrapeOptions) {
  const { target } = spec;
  const selector =
    target.kind === "service"
      ? {
          selector: { matchLabels: { ...target.matchLabels } },
          namespaceSelector: { matchNames: [target.namespace ?? options.namespace] },
        }
      : { selector: { matchLabels: selectorLabels(scrapeIdentity(spec)) } };
  const port = target.kind === "service" ? target.port : PORT_NAME;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: scrapeMetadata(spec, options),
    spec: {
      ...selector,
      endpoints: [
        {
          port,
          ...endpointSettings(target, options.interval),
          honorLabels: spec.honorLabels,
          // The operator's own `job` is the Service's name.
          relabelings: Object.entries({ job: spec.job, ...spec.seriesLabels }).map(setLabel),
          ...metricRelabelings(spec),
        },
      ],
    },
  };
}

/** For hosts outside the cluster, without a Service. */
export function renderScrapeConfigObject(spec: ScrapeSpec, target: ExternalTarget, options: ScrapeOptions) {
  const { path = "/metrics", scheme = "http", serverName } = target;
  return {
    apiVersion: "monitoring.coreos.com/v1alpha1",
    kind: "ScrapeConfig",
    metadata: scrapeMetadata(spec, options),
    spec: {
      jobName: spec.job,
      metricsPath: path,
      // The one field of this kind that is written in capitals.
      scheme: scheme.toUpperCase(),
      ...(options.interval === undefined ? {} : { scrapeInterval: options.interval.toPrometheus() }),
      ...(serverName === undefined ? {} : { tlsConfig: { serverName } }),
      honorLabels: spec.honorLabels,
      ...metricRelabelings(spec),
      staticConfigs: [
        {
          targets: target.addresses.map((address) => hostPort(address, target.port)),
          ...(Object.keys(spec.seriesLabels).length === 0 ? {} : { labels: { ...spec.seriesLabels } }),
        },
      ],
    },
  };
}

/** The Service without selector, in the shape of the Kubernetes provider; unescaped. */
export function renderExternalService(target: ExternalTarget) {
  return {
    clusterIp: "None",
    port: [{ name: PORT_NAME, port: target.port, targetPort: String(target.port), protocol: "TCP" }],
  };
}

/** Its endpoints, in the shape of the Kubernetes provider; unescaped. */
export function renderEndpointSlice(spec: ScrapeSpec, target: ExternalTarget) {
  const { addresses, port, scheme = "http" } = target;
  return {
    addressType: addresses.some((address) => address.includes(":")) ? "IPv6" : "IPv4",
    endpoint: addresses.map((address) => ({ addresses: [address], condition: { ready: true } })),
    port: [{ name: PORT_NAME, port: String(port), protocol: "TCP", appProtocol: scheme }],
    labels: {
      // What ties a slice to its Service, and what keeps the controllers' hands off it.
      "kubernetes.io/service-name": spec.name,
      "endpointslice.kubernetes.io/managed-by": "terraform",
    },
  };
}

function endpointSettings(target: ScrapeTarget, interval: Duration | undefined) {
  const { path = "/metrics", scheme = "http" } = target;
  const serverName = target.kind === "external" ? target.serverName : undefined;
  return {
    path,
    scheme,
    ...(interval === undefined ? {} : { interval: interval.toPrometheus() }),
    ...(serverName === undefined ? {} : { tlsConfig: { serverName } }),
  };
}

/** Left out where all is kept: the API would give an empty list back as none. */
function metricRelabelings({ keepMetrics }: ScrapeSpec) {
  if (keepMetrics === null) return {};
  return { metricRelabelings: [{ action: "keep", sourceLabels: ["__name__"], regex: keepMetrics }] };
}

function setLabel([targetLabel, replacement]: readonly [string, string]) {
  return { action: "replace", targetLabel, replacement };
}
