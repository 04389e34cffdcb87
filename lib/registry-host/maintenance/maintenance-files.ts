import { renderYaml } from "../../text/yaml";
import { configPathInContainer, registryMajor } from "../distribution/registry-version";
import type { HostFile } from "../host-file";
import { currentRelease, readOnlyConfigFile } from "../host-paths";
import { type RegistryHostSpec, serviceOf } from "../host-spec";
import { keepsIndexChildren } from "./check-maintenance";
import { credentialsDirectoryOf, leastFreeBytesOf, type Maintenance, type Retention } from "./maintenance";
import { renderMaintenanceScript } from "./render-maintenance-script";
import {
  renderMaintenanceTimer,
  renderMaintenanceUnit,
  renderRecoveryUnit,
} from "./render-maintenance-units";
import { UPLOAD_STATUS_PROGRAM } from "./upload-status-program";

export const READ_ONLY_COMPOSE_FILE = "docker-compose.read-only.yml";
export const MAINTENANCE_SCRIPT = "maintenance/maintain.sh";
export const UPLOAD_STATUS_FILE = "maintenance/upload-status.mjs";

/** What a release has for its maintenance, ordered by name; nothing where there is none. */
export function maintenanceFiles(spec: RegistryHostSpec): readonly HostFile[] {
  const { maintenance } = spec;
  if (maintenance === null) return [];
  const text = (path: string, content: string): HostFile => ({ path, content, isExecutable: false });
  const registries = writableRegistries(spec);
  return [
    text(READ_ONLY_COMPOSE_FILE, renderReadOnlyOverride(spec)),
    { path: MAINTENANCE_SCRIPT, content: scriptOf(spec, maintenance), isExecutable: true },
    text(UPLOAD_STATUS_FILE, UPLOAD_STATUS_PROGRAM),
    text("systemd/registry-maintenance-recover.service", renderRecoveryUnit(spec)),
    text("systemd/registry-maintenance.service", renderMaintenanceUnit(spec, registries.length)),
    text("systemd/registry-maintenance.timer", renderMaintenanceTimer(maintenance)),
  ];
}

/** Mounts over a writable registry's configuration the one with which nothing can be written; the project is the same. */
function renderReadOnlyOverride(spec: RegistryHostSpec): string {
  const target = configPathInContainer(registryMajor(spec.image) ?? 2);
  const services = writableRegistries(spec).map(([name]) => [
    serviceOf(name),
    { volumes: [`${currentRelease(spec)}/${readOnlyConfigFile(name)}:${target}:ro`] },
  ]);
  return renderYaml(
    { services: Object.fromEntries(services) },
    "While a registry is collected, after docker-compose.yml",
  );
}

/** Caches are not collected: their proxy removes what is old by itself, and collecting would fetch it all again. */
function writableRegistries(spec: RegistryHostSpec): readonly (readonly [name: string, instance: string])[] {
  return Object.entries(spec.registries).flatMap(([name, one]) =>
    one.kind === "private" ? [[name, `${one.hostname}:${one.port}`] as const] : [],
  );
}

function scriptOf(spec: RegistryHostSpec, { options }: Maintenance): string {
  return renderMaintenanceScript({
    root: spec.root,
    dataRoot: spec.dataRoot,
    project: spec.project,
    textfileDirectory: spec.textfileDirectory,
    programImage: spec.programImage.toString(),
    credentialsDirectory: credentialsDirectoryOf(spec.root, options),
    leastFreeBytes: leastFreeBytesOf(options),
    configInContainer: configPathInContainer(registryMajor(spec.image) ?? 2),
    collectOptions:
      options.deleteUntagged === true && keepsIndexChildren(spec.image) ? ["--delete-untagged"] : [],
    retainOptions: options.keep === undefined ? null : retainOptions(options.keep),
    registries: writableRegistries(spec).map(([name, instance]) => ({ name, instance })),
  });
}

function retainOptions({ keepLast, options }: Retention): readonly string[] {
  const { keep = [], minAge } = options;
  return [
    `--keep-last=${keepLast}`,
    `--min-age=${minAge ?? "24h"}`,
    // With =, as a pattern may begin with a dash.
    ...keep.map((pattern) => `--keep=${pattern}`),
    // Less than the script's own limit of two hours; retain's default is ten minutes.
    "--deadline=110m",
    "--apply",
  ];
}
