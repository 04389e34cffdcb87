import type { Duration } from "../../core/duration";
import { ConfigurationError } from "../../core/problem";
import { renderYaml } from "../../text/yaml";
import type { CacheRegistry, HostRegistry } from "../host-registry";
import { type RegistryHostSpec, serviceOf } from "../host-spec";
import type { DistributionConfig, DistributionConfig2, DistributionConfig3 } from "./distribution-config";
import { registryMajor } from "./registry-version";

/** Inside the registry's container. */
export const REGISTRY_PORT = 5000;
/** Inside the registry's container; serves /metrics and /debug/pprof, so only the front reaches it. */
export const DEBUG_PORT = 5001;
export const HTPASSWD_IN_CONTAINER = "/auth/htpasswd";
export const STORAGE_IN_CONTAINER = "/var/lib/registry";

export type RegistryMode = "serving" | "read-only";

/**
 * The configuration of one registry as an object of the format that its version reads. It has no `http.secret`:
 * a host runs one process of each registry, so the random default serves, and a restart ends uploads under way.
 *
 * @throws ConfigurationError for a registry that the spec does not have, or a version whose format is not known
 */
export function distributionConfig(
  spec: Pick<RegistryHostSpec, "image" | "registries">,
  name: string,
  mode: RegistryMode = "serving",
): DistributionConfig {
  const registry = spec.registries[name];
  const major = registryMajor(spec.image);
  if (registry === undefined)
    throw refusal("registry", "be one of the host", name, "Name a key of registries.");
  if (major === null) {
    throw refusal("image", "tell its version", `${spec.image}`, "Keep the tag: registry:2.8.3@sha256:<hex>.");
  }
  return major === 2 ? config2(name, registry, mode) : config3(name, registry, mode);
}

/** The same as a file's text. */
export function renderDistributionConfig(
  spec: Pick<RegistryHostSpec, "image" | "registries">,
  name: string,
  mode: RegistryMode = "serving",
): string {
  const title = `${serviceOf(name)}, ${mode === "serving" ? "as it serves" : "while it is collected: nothing can be written"}`;
  return renderYaml(distributionConfig(spec, name, mode), title);
}

function config2(name: string, registry: HostRegistry, mode: RegistryMode): DistributionConfig2 {
  const common = commonConfig(name, registry, mode);
  return registry.kind === "private" ? common : { ...common, proxy: { remoteurl: registry.upstream } };
}

function config3(name: string, registry: HostRegistry, mode: RegistryMode): DistributionConfig3 {
  const common = commonConfig(name, registry, mode);
  return registry.kind === "private" ? common : { ...common, proxy: proxy3(registry) };
}

function proxy3({ upstream, ttl }: CacheRegistry): { remoteurl: string; ttl?: string } {
  return ttl === null ? { remoteurl: upstream } : { remoteurl: upstream, ttl: goDuration(ttl) };
}

function commonConfig(name: string, registry: HostRegistry, mode: RegistryMode): DistributionConfig2 {
  return {
    version: "0.1",
    log: { level: "info", fields: { service: serviceOf(name) } },
    storage: {
      filesystem: { rootdirectory: STORAGE_IN_CONTAINER },
      cache: { blobdescriptor: "inmemory" },
      delete: { enabled: true },
      maintenance: {
        uploadpurging: {
          enabled: mode === "serving",
          age: goDuration(registry.purgeUploadsAfter),
          interval: "24h",
          dryrun: false,
        },
        readonly: { enabled: mode === "read-only" },
      },
    },
    http: {
      addr: `:${REGISTRY_PORT}`,
      headers: { "X-Content-Type-Options": ["nosniff"] },
      debug: { addr: `:${DEBUG_PORT}`, prometheus: { enabled: true, path: "/metrics" } },
    },
    health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
    ...(registry.kind === "private"
      ? { auth: { htpasswd: { realm: serviceOf(name), path: HTPASSWD_IN_CONTAINER } } }
      : {}),
  };
}

/** Go knows no days. https://pkg.go.dev/time#ParseDuration */
function goDuration(duration: Duration): string {
  const seconds = duration.toSeconds();
  if (seconds === 0) return "0s";
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return Number.isInteger(seconds) ? `${seconds}s` : `${duration.toMilliseconds()}ms`;
}

function refusal(path: string, rule: string, value: string, fix: string): ConfigurationError {
  return new ConfigurationError([{ path, rule, value, fix }]);
}
