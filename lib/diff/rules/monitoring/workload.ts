import type { Place } from "../../delta";
import type { Json, JsonObject } from "../../json";
import { type Carrier, childOf, listOf, objectOf, textOf } from "./carriers";

/**
 * What runs containers, from the Kubernetes provider's own resources or from a manifest: a CronJob, or a Deployment
 * and its like.
 */
export interface Workload {
  readonly place: Place;
  readonly scope: string;
  readonly isCronJob: boolean;
  /** `CronJob` or the manifest's kind. */
  readonly kind: string;
  /** Of the Kubernetes object. */
  readonly name: string;
  readonly namespace: string;
  /** Keys in both spellings, as `textOf` and `childOf` read them. */
  readonly spec: JsonObject;
  /** Of a CronJob the Job's. */
  readonly jobSpec: JsonObject | undefined;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  /** Command and arguments. */
  readonly words: readonly string[];
  readonly value: JsonObject;
  /** The lists of words, as the output holds them. */
  readonly lists: readonly object[];
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["kubernetes_cron_job", "CronJob"],
  ["kubernetes_cron_job_v1", "CronJob"],
  ["kubernetes_deployment", "Deployment"],
  ["kubernetes_deployment_v1", "Deployment"],
  ["kubernetes_stateful_set", "StatefulSet"],
  ["kubernetes_stateful_set_v1", "StatefulSet"],
  ["kubernetes_daemonset", "DaemonSet"],
  ["kubernetes_daemon_set_v1", "DaemonSet"],
]);
const MANIFEST_KINDS = ["CronJob", "Deployment", "StatefulSet", "DaemonSet"];

/** Null where the resource is something else. */
export function workloadOf({ place, scope, type, value }: Carrier): Workload | null {
  const resource = objectOf(value);
  if (type === null || resource === undefined) return null;
  const manifest = type === "kubernetes_manifest" ? childOf(resource, "manifest") : undefined;
  const object = manifest ?? resource;
  const kind = KINDS.get(type) ?? textOf(manifest, "kind");
  const spec = childOf(object, "spec");
  if (kind === undefined || !MANIFEST_KINDS.includes(kind) || spec === undefined) return null;
  const metadata = childOf(object, "metadata");
  const isCronJob = kind === "CronJob";
  const jobSpec = isCronJob ? childOf(childOf(spec, "job_template", "jobTemplate"), "spec") : undefined;
  const pod = childOf(childOf(jobSpec ?? spec, "template"), "spec");
  return {
    place,
    scope,
    isCronJob,
    kind,
    name: textOf(metadata, "name", "generate_name", "generateName") ?? "",
    namespace: textOf(metadata, "namespace") ?? "",
    spec,
    jobSpec,
    containers: ["container", "containers"].flatMap((key) => containersOf(pod?.[key])),
  };
}

function containersOf(value: Json | undefined): readonly Container[] {
  return listOf(value).flatMap((one) => {
    const container = objectOf(one);
    if (container === undefined) return [];
    const lists = ["command", "args"].map((key) => container[key]).filter((list) => Array.isArray(list));
    const words = lists.flatMap((list) =>
      listOf(list).flatMap((word) =>
        typeof word === "string" || typeof word === "number" ? [String(word)] : [],
      ),
    );
    return [{ name: textOf(container, "name") ?? "", words, value: container, lists }];
  });
}

export interface WorkloadPair {
  readonly before: Workload;
  readonly after: Workload;
}

/** The same workload in both outputs: by its place, else by kind and name within its stack. */
export function matchWorkloads(
  base: readonly Workload[],
  head: readonly Workload[],
): readonly WorkloadPair[] {
  const byPlace = new Map(base.map((one) => [JSON.stringify(one.place), one]));
  const byName = new Map(base.map((one) => [nameKey(one), one]));
  return head.flatMap((after) => {
    const before = byPlace.get(JSON.stringify(after.place)) ?? byName.get(nameKey(after));
    return before === undefined ? [] : [{ before, after }];
  });
}

function nameKey({ scope, kind, namespace, name }: Workload): string {
  return JSON.stringify([scope, kind, namespace, name]);
}
