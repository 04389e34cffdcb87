/**
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
 */
import { escapeTerraformTree } from "../../terraform/escape";
import { objectLabels, selectorLabels } from "../../terraform/labels";
import { leaseName } from "../probe-names";
import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";
import {
  type ContainerResources,
  DEFAULT_RESOURCES,
  renderContainer,
  timeArguments,
  walkArguments,
} from "../render-container";
import {
  type PodScheduling,
  probeIdentity,
  renderMetadata,
  renderPod,
  renderPodMetadata,
} from "../render-cron-job";
import { type MetricsPort, metricsPorts } from "./metrics-ports";
import {
  hasReplicas,
  renderAccountMount,
  renderAccountVolume,
  renderReplicas,
  renderSpread,
} from "./render-replicas";

/** Fields of the Deployment that others set, by the paths under which Terraform ignores them. */
export const DEPLOYMENT_PATHS = {
  /** Set by policies that mutate pods, such as Kyverno's: else a difference for ever. */
  dnsConfig: "spec[0].template[0].spec[0].dns_config",
} as const;

/** What pulling the image may take, beyond the first walk. */
const START_SECONDS = 600;

/** The whole Deployment but for affinity, in the shape of the Kubernetes provider. */
export function renderDeployment(spec: ProbeSpec, programHash: string, pod: PodScheduling = {}) {
  const { startJitter, deadline } = spec.times;
  const resources = pod.resources ?? DEFAULT_RESOURCES;
  return {
    metadata: renderMetadata(spec, spec.name),
    // Ready is who has walked once: an apply would wait out that walk.
    waitForRollout: false,
    spec: {
      ...renderReplicas(spec),
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: Math.ceil(startJitter.plus(deadline).toSeconds()) + START_SECONDS,
      selector: { matchLabels: selectorLabels(probeIdentity(spec)) },
      template: {
        metadata: renderPodMetadata(spec, programHash),
        spec: {
          ...renderPod(spec, pod),
          ...renderSpread(spec),
          volume: [...renderPod(spec, pod).volume, ...renderAccountVolume(spec)],
          restartPolicy: "Always",
          container: metricsPorts(spec).map(({ registry, port }) => ({
            ...renderServer(spec, registry, resources, port),
            port: [{ containerPort: port, protocol: "TCP" }],
            livenessProbe: renderProbe("/healthz", port),
            readinessProbe: renderProbe("/readyz", port),
          })),
        },
      },
    },
  };
}

function renderServer(spec: ProbeSpec, registry: Registry, resources: ContainerResources, port: number) {
  const container = renderContainer(spec, registry, resources, serveArguments(spec, registry, port));
  return { ...container, volumeMount: [...container.volumeMount, ...renderAccountMount(spec)] };
}

/** A busy node is no reason to lose what was proven: two minutes of silence are. */
function renderProbe(path: string, port: number) {
  return {
    httpGet: { path, port: String(port) },
    periodSeconds: 20,
    timeoutSeconds: 5,
    failureThreshold: path === "/healthz" ? 6 : 3,
  };
}

/** The command line after the program's file. */
export function serveArguments(spec: ProbeSpec, registry: Registry, port: number): readonly string[] {
  return [
    "serve",
    registry.argument,
    ...["--listen", `:${port}`],
    ...timeArguments(spec),
    ...["--instance", registry.instance],
    ...walkArguments(spec, registry),
    ...(hasReplicas(spec) ? ["--lease", leaseName(spec.name, registry.key)] : []),
  ];
}

/** One port for each registry, named by its key. */
export function renderService(spec: ProbeSpec) {
  return {
    metadata: renderMetadata(spec, spec.name),
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(probeIdentity(spec)),
      // Scraped and looked at from the start: what has not walked yet says so.
      publishNotReadyAddresses: true,
      port: metricsPorts(spec).map(renderServicePort),
    },
  };
}

function renderServicePort({ registry, port }: MetricsPort) {
  return { name: registry.key, port, targetPort: String(port), protocol: "TCP" };
}

/** The manifest's body, escaped for Terraform. @param labels what the operator selects by */
export function renderServiceMonitor(spec: ProbeSpec, labels: Readonly<Record<string, string>>) {
  const { name, namespace, annotations } = spec;
  return escapeTerraformTree({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: {
      name,
      namespace,
      labels: objectLabels(probeIdentity(spec), { ...spec.labels, ...labels }),
      // The API leaves out an empty map, and the provider would then plan it for ever.
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      selector: { matchLabels: selectorLabels(probeIdentity(spec)) },
      namespaceSelector: { matchNames: [namespace] },
      // The label `instance` is the registry's: without honorLabels it would be the pod's address.
      endpoints: metricsPorts(spec).map(({ registry }) => ({
        port: registry.key,
        path: "/metrics",
        honorLabels: true,
      })),
    },
  });
}
