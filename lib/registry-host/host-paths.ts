import type { RegistryHostSpec } from "./host-spec";

/** The release in force: a symlink, so that a file's path on the host is the same in every release. */
export function currentRelease(spec: Pick<RegistryHostSpec, "root">): string {
  return `${spec.root}/current`;
}

/** Storage of a registry on the host. */
export function dataDirectory(spec: Pick<RegistryHostSpec, "dataRoot">, name: string): string {
  return `${spec.dataRoot}/${name}`;
}

export const COMPOSE_FILE = "docker-compose.yml";
export const NGINX_FILE = "nginx.conf";

/** Of the release: the configuration with which a registry serves. */
export function configFile(name: string): string {
  return `config-${name}.yml`;
}

/** Of the release: the same registry while it is collected, when nothing may be written. */
export function readOnlyConfigFile(name: string): string {
  return `config-${name}.read-only.yml`;
}
