import { Duration } from "../../lib/core/duration";
import type { HostFile } from "../../lib/registry-host/host-file";
import { hostFiles } from "../../lib/registry-host/host-files";
import { cacheOf, UpstreamCredentials, writable } from "../../lib/registry-host/host-registry";
import { hostSpec, type RegistryHostOptions } from "../../lib/registry-host/host-spec";
import { Maintenance, Retention } from "../../lib/registry-host/maintenance/maintenance";
import { maintenanceFiles } from "../../lib/registry-host/maintenance/maintenance-files";
import { activationSpec } from "../../lib/registry-host/release/activation-spec";
import { buildRelease, HOST_PROGRAM, type Release, sha256 } from "../../lib/registry-host/release/release";
import { renderActivation } from "../../lib/registry-host/release/render-activation";
import type { StandInHost } from "./stand-in-host";

export const PROGRAM_TEXT = "console.log('the program');\n";

/** A host with one cache and one private registry, below a folder of the test's. */
export function smallHost(host: StandInHost): RegistryHostOptions<"dockerhub" | "private"> {
  const secrets = `${host.root}/secrets`;
  return {
    root: host.root,
    image: "registry:2.8.3",
    registries: {
      dockerhub: cacheOf("https://registry-1.docker.io", {
        port: 5000,
        credentials: UpstreamCredentials.envFile(`${secrets}/dockerhub.env`),
      }),
      private: writable({
        port: 5050,
        hostname: "registry.example.com",
        tls: { certificateFile: `${secrets}/tls.crt`, keyFile: `${secrets}/tls.key` },
        htpasswdFile: `${secrets}/htpasswd`,
        purgeUploadsAfter: Duration.hours(168),
      }),
    },
    maintenance: Maintenance.weekly("Sun 03:00", { keep: Retention.newest(10) }),
    textfileDirectory: `${host.folder}/textfile`,
  };
}

/** The same with all the caches and the page of the reference estate. */
export function sixRegistries(host: StandInHost): RegistryHostOptions {
  const small = smallHost(host);
  const caches = { ghcr: "https://ghcr.io", quay: "https://quay.io", k8s: "https://registry.k8s.io" };
  const more = Object.entries({ ...caches, kyverno: "https://reg.kyverno.io" }).map(
    ([name, upstream], i) => [name, cacheOf(upstream, { port: 5010 + 10 * i })] as const,
  );
  return {
    ...small,
    registries: { ...Object.fromEntries(more), ...small.registries },
    ui: { registry: "dockerhub", port: 8080 },
  };
}

/** The secrets that `smallHost` names, and a private registry that asks for a password. */
export function prepareSmallHost(host: StandInHost): void {
  for (const name of ["dockerhub.env", "tls.crt", "tls.key", "htpasswd", "maintenance/username"]) {
    host.write(`registry/secrets/${name}`, "not a secret\n");
  }
  host.setStatus(5050, 401);
}

export interface UploadOptions {
  readonly more?: readonly HostFile[];
  readonly remove?: readonly string[];
  readonly keep?: readonly string[];
  readonly keepReleases?: number;
}

/** Lays a release where an upload would, and returns it with the folder. */
export function upload(
  host: StandInHost,
  options: RegistryHostOptions,
  { more = [], remove = [], keep = [], keepReleases = 3 }: UploadOptions = {},
): { readonly release: Release; readonly folder: string } {
  const spec = hostSpec(options);
  const release = buildRelease(
    spec,
    [...hostFiles(spec), ...maintenanceFiles(spec), ...more],
    sha256(PROGRAM_TEXT),
  );
  const script = renderActivation(activationSpec(spec, release, { remove, keep, keepReleases }));
  uploads += 1;
  const folder = `registry/incoming/${release.id}-${uploads}`;
  for (const { path, content } of release.files) host.write(`${folder}/${path}`, content);
  host.write(`${folder}/${HOST_PROGRAM}`, PROGRAM_TEXT);
  host.write(`${folder}/activate.sh`, script);
  return { release, folder: `${host.folder}/${folder}` };
}

let uploads = 0;
