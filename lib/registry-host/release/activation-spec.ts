import { parseYaml } from "../../text/yaml";
import type { HostFile } from "../host-file";
import { COMPOSE_FILE, currentRelease, dataDirectory } from "../host-paths";
import { FRONT_SERVICE, type RegistryHostSpec } from "../host-spec";
import { type Release, secretsOf, servicesOf } from "./release";
import type { ActivationSpec, FrontMount, Listener } from "./render-activation";

/** What of an activation is no consequence of the host. */
export interface ActivationOptions {
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  readonly keepReleases: number;
}

/** All that the script of a release has to know. */
export function activationSpec(
  spec: RegistryHostSpec,
  release: Release,
  options: ActivationOptions,
): ActivationSpec {
  return {
    ...options,
    id: release.id,
    root: spec.root,
    dataRoot: spec.dataRoot,
    project: spec.project,
    unit: spec.unit,
    frontImage: spec.front.image.toString(),
    frontMounts: frontMounts(spec, release.files),
    images: imagesOf(spec),
    services: servicesOf(spec),
    executables: release.manifest.files.filter((file) => file.executable).map(({ path }) => path),
    secrets: secretsOf(spec),
    dataFolders: Object.keys(spec.registries).map((name) => dataDirectory(spec, name)),
    listeners: listenersOf(spec),
  };
}

/** Every image that the host runs, each once. */
export function imagesOf(spec: RegistryHostSpec): readonly string[] {
  const ui = spec.ui === null ? [] : [spec.ui.image];
  // Runs the program of the host.
  const program = spec.maintenance === null ? [] : [spec.programImage.toString()];
  return [...new Set([spec.image, spec.front.image, ...ui, ...program].map((image) => `${image}`))];
}

/** Where the front listens, with what it must say to whoever has no password. */
export function listenersOf(spec: RegistryHostSpec): readonly Listener[] {
  const local = { scheme: "http", host: "localhost" } as const;
  const registries = Object.entries(spec.registries).map(([name, registry]): Listener => {
    const common = { name, port: registry.port, path: "/v2/" };
    return registry.kind === "private"
      ? { ...common, scheme: "https", host: registry.hostname, statuses: [401] }
      : { ...common, ...local, statuses: [200] };
  });
  // This host may be none of those that are allowed to read metrics.
  const metrics = Object.keys(spec.registries).map((name): Listener => {
    const { port } = spec.metrics;
    return { ...local, name: `metrics-of-${name}`, port, path: `/metrics/${name}`, statuses: [200, 403] };
  });
  const { ui } = spec;
  if (ui === null) return [...registries, ...metrics];
  const status = ui.htpasswdFile === null ? 200 : 401;
  return [...registries, ...metrics, { ...local, name: "ui", port: ui.port, path: "/", statuses: [status] }];
}

/** The bind mounts of the front in the release's own compose file; volumes without a file behind them are not read. */
export function frontMounts(spec: RegistryHostSpec, files: readonly HostFile[]): readonly FrontMount[] {
  const compose = files.find(({ path }) => path === COMPOSE_FILE);
  if (compose === undefined) return [];
  const services = field(parseYaml(compose.content, COMPOSE_FILE), "services");
  const volumes = field(field(services, FRONT_SERVICE), "volumes");
  const inRelease = `${currentRelease(spec)}/`;
  return (Array.isArray(volumes) ? volumes : []).flatMap((volume: unknown) => {
    const [source, target] =
      typeof volume === "string" ? volume.split(":") : [field(volume, "source"), field(volume, "target")];
    if (typeof source !== "string" || typeof target !== "string" || !source.startsWith("/")) return [];
    return [{ source: source.startsWith(inRelease) ? source.slice(inRelease.length) : source, target }];
  });
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
