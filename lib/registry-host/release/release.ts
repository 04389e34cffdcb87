import { createHash } from "node:crypto";
import { ConfigurationError, type Problem } from "../../core/problem";
import { hasToken } from "../../terraform/escape";
import type { HostFile } from "../host-file";
import { FRONT_SERVICE, type RegistryHostSpec, serviceOf, UI_SERVICE } from "../host-spec";
import { credentialsDirectoryOf } from "../maintenance/maintenance";
import { type InstalledFile, installedFiles } from "./installed-files";

/** The program on the host: the bundle of the commands that maintain it, in a release. */
export const HOST_PROGRAM = "tallyman-host.mjs";

/** What `release.json` holds, and a host is compared with. */
export interface ReleaseManifest {
  readonly schema: "tallyman.release/1";
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly root: string;
  readonly dataRoot: string;
  readonly project: string;
  readonly unit: string;
  readonly textfileDirectory: string;
  /** What `adopt.keep` names: it works beside the release, and is no drift. */
  readonly keep: readonly string[];
  /** Paths relative to the release. */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly executable: boolean }[];
  /** Absolute paths on the host. */
  readonly installed: readonly { readonly path: string; readonly sha256: string }[];
  readonly services: readonly string[];
  /** Files and folders that the release needs on the host and never carries, by absolute path. */
  readonly secrets: readonly string[];
}

/** A release: files whose name says their bytes. */
export interface Release {
  readonly id: string;
  readonly manifest: ReleaseManifest;
  readonly installed: readonly InstalledFile[];
  /** Those of the host, then what the activation reads: release.json and its lists. */
  readonly files: readonly HostFile[];
}

/** Without spaces and quotes, so that a list of them needs no escaping. */
const PATH = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
/** Lines of a path and its bytes in base64: an upload, until it is unpacked. */
export const UPLOAD_LIST = "upload.list";

/** What a release has beside the files of its manifest: how it is checked, activated, and known to have worked. */
export const RELEASE_OWN_FILES: readonly string[] = [
  "release.json",
  "files.sha256",
  "installed.list",
  "services.list",
  "activate.sh",
  UPLOAD_LIST,
  "verified",
];

/**
 * The same files give the same id, in whatever order.
 *
 * @param programSha256 of the program that travels beside them; null for none
 * @param keep as in `adopt.keep`; it changes no file, and so not the id
 * @throws ConfigurationError for a file's path that a list cannot hold, or that the release needs itself
 */
export function buildRelease(
  spec: RegistryHostSpec,
  hostFiles: readonly HostFile[],
  programSha256: string | null,
  keep: readonly string[] = [],
): Release {
  ConfigurationError.throwIfAny(checkPaths(hostFiles));
  const program =
    programSha256 === null ? [] : [{ path: HOST_PROGRAM, sha256: programSha256, executable: false }];
  const files = [
    ...hostFiles.map(({ path, content, isExecutable }) => ({
      path,
      sha256: sha256(content),
      executable: isExecutable,
    })),
    ...program,
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const id = sha256(JSON.stringify(files.map((one) => [one.path, one.executable, one.sha256]))).slice(0, 16);
  const installed = installedFiles(hostFiles);
  const manifest: ReleaseManifest = {
    schema: "tallyman.release/1",
    id,
    root: spec.root,
    dataRoot: spec.dataRoot,
    project: spec.project,
    unit: spec.unit,
    textfileDirectory: spec.textfileDirectory,
    keep,
    files,
    installed: installed.map(({ target, content }) => ({
      path: `/etc/${target}`,
      sha256: sha256(content),
    })),
    services: servicesOf(spec),
    secrets: secretsOf(spec),
  };
  const text = (path: string, content: string): HostFile => ({ path, content, isExecutable: false });
  const own = [
    text("release.json", `${JSON.stringify(manifest, null, 2)}\n`),
    text("installed.list", lines(installed.map(({ source, target }) => `${source} ${target}`))),
    text("services.list", lines(manifest.services)),
  ];
  const sums = [...files, ...own.map(({ path, content }) => ({ path, sha256: sha256(content) }))];
  return {
    id,
    manifest,
    installed,
    files: [
      ...hostFiles,
      ...own,
      // In the form of sha256sum -c.
      text("files.sha256", lines(sums.map((one) => `${one.sha256}  ${one.path}`))),
    ],
  };
}

/** Of a Compose project: the registries, the front, and the UI where there is one. */
export function servicesOf(spec: RegistryHostSpec): readonly string[] {
  return [
    ...Object.keys(spec.registries).map(serviceOf),
    FRONT_SERVICE,
    ...(spec.ui === null ? [] : [UI_SERVICE]),
  ];
}

/** Absolute paths on the host, each once. */
export function secretsOf(spec: RegistryHostSpec): readonly string[] {
  const ofRegistries = Object.values(spec.registries).flatMap((registry) =>
    registry.kind === "private"
      ? [registry.tls.certificateFile, registry.tls.keyFile, registry.htpasswdFile]
      : [registry.credentialsFile],
  );
  const { maintenance } = spec;
  const ofMaintenance = maintenance === null ? [] : [credentialsDirectoryOf(spec.root, maintenance.options)];
  const all = [...ofRegistries, spec.ui?.htpasswdFile ?? null, ...ofMaintenance];
  return [...new Set(all.filter((path): path is string => path !== null))];
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

function checkPaths(files: readonly HostFile[]): readonly Problem[] {
  const seen = new Set([...RELEASE_OWN_FILES, HOST_PROGRAM]);
  return files.flatMap(({ path, content }) => {
    const problem = (rule: string, fix: string) => [{ path: "files", rule, value: path, fix }];
    if (!PATH.test(path)) {
      return problem("have relative paths of letters, digits, . _ - and /", "Rename the file.");
    }
    if (seen.has(path)) return problem("have paths of their own", "Give the file another name.");
    seen.add(path);
    if (hasToken(path) || hasToken(content)) {
      const fix =
        "Write the texts themselves: a release is known by its bytes when the stack is synthesized.";
      return problem("be literal, without values that only Terraform knows", fix);
    }
    return [];
  });
}
