import { COMPLETION_INDEX } from "../integrity/contract";

/** Kubernetes names of what the probe is made of, and the paths in its pods: changing one replaces an object. */
export const PROGRAM_FILE = "tallyman.mjs";
export const PROGRAM_FOLDER = "/opt/tallyman";
export const CREDENTIALS_FOLDER = "/etc/tallyman/credentials";
export const DOCKER_CONFIG_FOLDER = "/etc/tallyman/docker";
export const CA_FOLDER = "/etc/tallyman/ca";
export const ACCEPT_FOLDER = "/etc/tallyman/accept";
export const MEMORY_FOLDER = "/var/lib/tallyman";

export function programConfigMapName(probe: string): string {
  return `${probe}-program`;
}

export function caConfigMapName(probe: string): string {
  return `${probe}-ca`;
}

export function acceptConfigMapName(probe: string): string {
  return `${probe}-accept`;
}

/** By which an exporter's replicas take turns at one registry. */
export function leaseName(probe: string, key: string): string {
  return `${probe}-${key}`;
}

/** @param key of the registry whose credentials come from Terraform variables */
export function credentialsSecretName(probe: string, key: string): string {
  return `${probe}-credentials-${key}`;
}

/** The file of a registry's CA, below CA_FOLDER. */
export function caFileName(key: string): string {
  return `${key}.pem`;
}

/** The file of a registry's accepted damage, below ACCEPT_FOLDER. */
export function acceptFileName(key: string): string {
  return `${key}.json`;
}

/** The file of what a registry's walks remember, below MEMORY_FOLDER. No key has a dot. */
export function memoryFileName(key: string): string {
  return `${key}.memory`;
}

/** That of one shard: Kubernetes puts the pod's index in its place, from 0 on. */
export function shardMemoryFileName(key: string): string {
  return `${key}.$(${COMPLETION_INDEX}).memory`;
}
