import { checkSubdomainName } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { escapeTerraform } from "../terraform/escape";
import type { IsToken } from "./literal";
import { MEMORY_FOLDER, memoryFileName, shardMemoryFileName } from "./probe-names";
import type { Registry } from "./registry";

/** Where the pods keep what walks read: a file for each registry and each of its shards. */
export type Memory = VolumeClaimMemory | EmptyDirMemory;

/**
 * A claim that is there already, of which each file takes 64 MiB at most, and as much again while it is replaced. One
 * pod does with ReadWriteOnce. Shards, and an exporter's replicas, are several pods on several nodes: theirs has to be
 * ReadWriteMany. With ReadWriteOnce they start on one node alone (hold shards there by `pod.nodeSelector`), with
 * ReadWriteOncePod one after the other, and what waits does not walk.
 */
export interface VolumeClaimMemory {
  readonly kind: "volumeClaim";
  /** Of a PersistentVolumeClaim in the namespace; may be a token. */
  readonly claimName: string;
}

/** A folder of the pod's own: it outlives a container, not the pod. */
export interface EmptyDirMemory {
  readonly kind: "emptyDir";
}

export const Memory = {
  /** @param claimName may be a token */
  volumeClaim(claimName: string): VolumeClaimMemory {
    return { kind: "volumeClaim", claimName };
  },

  emptyDir(): EmptyDirMemory {
    return { kind: "emptyDir" };
  },
};

const MEMORY_VOLUME = "memory";
/** A file of 64 MiB, beside it the one that is to take its place, and some room: whoever takes more is evicted. */
const MIB_PER_REGISTRY = 144;

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Volume */
export function renderMemoryVolume(memory: Memory | undefined, registries: number) {
  if (memory === undefined) return [];
  if (memory.kind === "emptyDir") {
    return [{ name: MEMORY_VOLUME, emptyDir: { sizeLimit: `${registries * MIB_PER_REGISTRY}Mi` } }];
  }
  const persistentVolumeClaim = { claimName: escapeTerraform(memory.claimName) };
  return [{ name: MEMORY_VOLUME, persistentVolumeClaim }];
}

/** The one place in the container that can be written to. */
export function renderMemoryMount(memory: Memory | undefined) {
  return memory === undefined ? [] : [{ name: MEMORY_VOLUME, mountPath: MEMORY_FOLDER, readOnly: false }];
}

/**
 * The value of `--memory`: a file for each shard, named by its index alone, as whatever the number of shards most of what
 * a shard walks stays its own.
 *
 * @param shards null: one walk takes all
 */
export function memoryFile(
  memory: Memory | undefined,
  { key }: Registry,
  shards: number | null,
): string | undefined {
  if (memory === undefined) return undefined;
  return `${MEMORY_FOLDER}/${shards === null ? memoryFileName(key) : shardMemoryFileName(key)}`;
}

/** @param kind of the run */
export function checkMemory(
  memory: Memory | undefined,
  kind: "cronJob" | "exporter",
  path: string,
  isToken: IsToken,
): readonly Problem[] {
  if (memory === undefined) return [];
  if (memory.kind === "volumeClaim") {
    return isToken(memory.claimName) ? [] : checkSubdomainName(memory.claimName, `${path}.claimName`);
  }
  if (kind === "exporter") return [];
  const fix = "Take Memory.volumeClaim(…): the folder would go with each run's pod.";
  return [{ path, rule: "outlive the pod", value: memory.kind, fix }];
}
