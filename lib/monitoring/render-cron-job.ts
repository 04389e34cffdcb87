/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ */
import { escapeTerraform, escapeTerraformMap } from "../terraform/escape";
import { type AppIdentity, objectLabels } from "../terraform/labels";
import { restrictedPod } from "../terraform/restricted-pod";
import {
  acceptConfigMapName,
  caConfigMapName,
  credentialsSecretName,
  programConfigMapName,
} from "./probe-names";
import { runTimes, shardsOf } from "./probe-run";
import type { ProbeSpec } from "./probe-spec";
import type { Registry } from "./registry";
import {
  type ContainerResources,
  credentialsVolumeName,
  DEFAULT_RESOURCES,
  probeArguments,
  renderContainer,
} from "./render-container";
import { renderMemoryVolume } from "./walk-memory";

const RETENTION_SECONDS = 86_400;

/** Fields of the CronJob that others set, by the paths under which Terraform ignores them. */
export const CRON_JOB_PATHS = {
  /** Set by policies that mutate pods, such as Kyverno's: else a difference for ever. */
  dnsConfig: "spec[0].job_template[0].spec[0].template[0].spec[0].dns_config",
  /** Absent from a CronJob that kubectl or GitOps made: the provider's default of 1 would replace it at an import. */
  completions: "spec[0].job_template[0].spec[0].completions",
} as const;

export function probeIdentity(spec: Pick<ProbeSpec, "name">): AppIdentity {
  return { name: "registry-integrity-probe", instance: spec.name, component: "probe" };
}

/** Labels and annotations of each of the probe's objects. */
export function renderMetadata(spec: ProbeSpec, name: string) {
  return {
    name,
    namespace: escapeTerraform(spec.namespace),
    labels: escapeTerraformMap(objectLabels(probeIdentity(spec), spec.labels)),
    ...(Object.keys(spec.annotations).length === 0
      ? {}
      : { annotations: escapeTerraformMap(spec.annotations) }),
  };
}

/** Toleration in Kubernetes' own words. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: "Equal" | "Exists";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Where and with what the pods run; everything else about them follows from the probe. */
export interface PodScheduling {
  /** @default any node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** @default none */
  readonly tolerations?: readonly Toleration[];
  /** @default the cluster's */
  readonly priorityClassName?: string;
  /**
   * Names of Secrets in the namespace.
   * @default none
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Of each registry's container.
   * @default 10m CPU and 48Mi requested, 96Mi at most
   */
  readonly resources?: ContainerResources;
}

/** The whole CronJob but for affinity, in the shape of the Kubernetes provider. */
export function renderCronJob(spec: ProbeSpec, programHash: string, pod: PodScheduling = {}) {
  const { run } = spec;
  if (run.kind !== "cronJob") throw new TypeError("an exporter has no CronJob");
  const times = runTimes(run);
  const shards = shardsOf(run);
  const metadata = renderMetadata(spec, spec.name);
  return {
    metadata,
    spec: {
      schedule: times.schedule,
      timezone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: times.startingDeadlineSeconds,
      // Enough to see in the logs when a loss began.
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      suspend: false,
      jobTemplate: {
        metadata: { labels: metadata.labels },
        spec: {
          activeDeadlineSeconds: times.activeDeadlineSeconds,
          // A second try would walk the registry twice exactly when it is ill; the next run comes by itself.
          ...(shards === null ? { backoffLimit: 0 } : renderShards(shards)),
          ttlSecondsAfterFinished: String(RETENTION_SECONDS),
          template: {
            metadata: renderPodMetadata(spec, programHash),
            spec: {
              ...renderPod(spec, pod),
              restartPolicy: "Never",
              container: spec.registries.map((registry) =>
                renderContainer(
                  spec,
                  registry,
                  pod.resources ?? DEFAULT_RESOURCES,
                  probeArguments(spec, registry),
                ),
              ),
            },
          },
        },
      },
    },
  };
}

/**
 * An Indexed Job, of which a pod that fails takes no other with it: neither limit may be reached by one failure each.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index
 */
function renderShards(shards: number) {
  return {
    completionMode: "Indexed",
    completions: shards,
    parallelism: shards,
    backoffLimitPerIndex: 0,
    backoffLimit: shards,
    // The provider writes 0 where it is not given, and the first pod that fails then ends them all.
    maxFailedIndexes: shards,
  };
}

/** A program that changed rolls the pods by its hash. */
export function renderPodMetadata(spec: ProbeSpec, programHash: string) {
  return {
    labels: renderMetadata(spec, spec.name).labels,
    annotations: { ...escapeTerraformMap(spec.annotations), "checksum/program": programHash },
  };
}

/** All of a pod's spec but its containers and affinity. */
export function renderPod(spec: ProbeSpec, pod: PodScheduling) {
  const { nodeSelector, tolerations, priorityClassName, imagePullSecrets } = pod;
  return {
    ...restrictedPod(),
    serviceAccountName: spec.name,
    terminationGracePeriodSeconds: 10,
    ...(nodeSelector === undefined ? {} : { nodeSelector: escapeTerraformMap(nodeSelector) }),
    ...(tolerations === undefined ? {} : { toleration: [...tolerations] }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(imagePullSecrets === undefined
      ? {}
      : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    volume: renderVolumes(spec),
  };
}

function renderVolumes(spec: ProbeSpec) {
  const program = { name: programConfigMapName(spec.name), defaultMode: "0444" };
  const hasCa = spec.registries.some((registry) => registry.options.ca !== undefined);
  const accept = { name: acceptConfigMapName(spec.name), defaultMode: "0444" };
  const hasAccept = spec.registries.some((registry) => registry.accept.length > 0);
  return [
    { name: "program", configMap: program },
    ...(hasCa ? [{ name: "ca", configMap: { name: caConfigMapName(spec.name), defaultMode: "0444" } }] : []),
    ...(hasAccept ? [{ name: "accept", configMap: accept }] : []),
    ...spec.registries.flatMap((registry) => renderCredentialsVolume(spec, registry)),
    ...renderMemoryVolume(spec.run.memory, spec.registries.length),
  ];
}

function renderCredentialsVolume(spec: ProbeSpec, registry: Registry) {
  const { credentials } = registry.options;
  if (credentials === undefined) return [];
  const files =
    credentials.kind === "dockerConfig"
      ? { ".dockerconfigjson": "config.json" }
      : credentials.kind === "secret"
        ? { [credentials.usernameKey]: "username", [credentials.passwordKey]: "password" }
        : { username: "username", password: "password" };
  const secretName =
    credentials.kind === "variable" ? credentialsSecretName(spec.name, registry.key) : credentials.secretName;
  return [
    {
      name: credentialsVolumeName(registry),
      secret: {
        secretName: escapeTerraform(secretName),
        // Read by the pod's group alone, which fsGroup makes the files' own.
        defaultMode: "0440",
        items: Object.entries(files).map(([key, path]) => ({ key: escapeTerraform(key), path })),
      },
    },
  ];
}
