import { createHash } from "node:crypto";
import { ImagePin } from "../../core/image-pin";
import type { Problem } from "../../core/problem";
import { MOUNTED_HASH_LABEL } from "../compose/render-compose";
import { registryMajor } from "../distribution/registry-version";
import { checkUnknownKeys } from "../distribution/unknown-keys";
import { currentRelease, dataDirectory } from "../host-paths";
import type { RegistryHostSpec } from "../host-spec";
import { isFront } from "./check-front";
import { type ComposeServiceDocument, field, textOf } from "./compose-document";
import type { HostDocuments } from "./host-documents";

const DEBUG_PORT = 5001;

/** Each service by itself: its image, what it mounts, its health check, its ports. */
export function checkServices(spec: RegistryHostSpec, documents: HostDocuments): readonly Problem[] {
  const { services } = documents;
  const names = new Set(services.map(({ name }) => name));
  return [
    ...services.flatMap((service) => [
      ...ImagePin.check(service.image, at(documents, service, "image")),
      ...checkMounts(spec, documents, service),
      ...checkHealth(spec, documents, service),
      ...checkDebug(spec, documents, service),
      ...checkConfig(spec, documents, service),
      ...checkLabels(documents, service),
      ...service.dependsOn
        .filter((name) => !names.has(name))
        .map((value) => ({
          path: at(documents, service, "depends_on"),
          rule: "name a service",
          value,
          fix: "Name one of the file.",
        })),
    ]),
    ...checkPublishedOnce(documents),
  ];
}

function at({ composePath }: HostDocuments, { name }: ComposeServiceDocument, what: string): string {
  return `${composePath}: services.${name}.${what}`;
}

function checkPublishedOnce(documents: HostDocuments): readonly Problem[] {
  const taken = new Map<number, string>();
  return documents.services.flatMap((service) =>
    service.ports
      .flatMap(({ published }) => published)
      .flatMap((port) => {
        const first = taken.get(port);
        if (first === undefined) taken.set(port, service.name);
        if (first === undefined) return [];
        const rule = `not publish what ${first} does`;
        return [{ path: at(documents, service, "ports"), rule, value: port, fix: "Give one another port." }];
      }),
  );
}

/** The release's file that is meant by a path on the host; null where it is none. */
function releaseFile(spec: RegistryHostSpec, source: string): string | null {
  const folders = ["./", `${currentRelease(spec)}/`, `${spec.root}/`];
  const folder = folders.find((one) => source.startsWith(one));
  return folder === undefined ? null : source.slice(folder.length);
}

function checkMounts(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): readonly Problem[] {
  const declared = declaredPaths(spec);
  return service.mounts
    .filter(({ source }) => /^[./~]/.test(source))
    .filter(({ source }) => !declared.some((path) => source === path || source.startsWith(`${path}/`)))
    .filter(({ source }) => !documents.contents.has(releaseFile(spec, source) ?? source))
    .map(({ source }) => ({
      path: at(documents, service, "volumes"),
      rule: "mount a file of the release, a data folder or a declared secret",
      value: source,
      fix: `Deliver it; the release has ${[...documents.contents.keys()].slice(0, 8).join(", ")}.`,
    }));
}

function declaredPaths(spec: RegistryHostSpec): readonly string[] {
  const registries = Object.entries(spec.registries);
  const secrets = registries.flatMap(([, one]) =>
    one.kind === "private" ? [one.htpasswdFile, one.tls.certificateFile, one.tls.keyFile] : [],
  );
  const pages = spec.ui?.htpasswdFile ?? null;
  return [
    ...registries.map(([name]) => dataDirectory(spec, name)),
    ...secrets,
    ...(pages === null ? [] : [pages]),
  ];
}

/** The registry's configuration that a service mounts, by the release's file. */
function configOf(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): unknown {
  const mount = service.mounts.find(({ target }) =>
    /\/(?:registry|distribution)\/config\.ya?ml$/.test(target),
  );
  const file = mount === undefined ? null : releaseFile(spec, mount.source);
  return file === null ? undefined : documents.configs.get(file);
}

function isRegistry({ image }: ComposeServiceDocument): boolean {
  return /(?:^|\/)(?:registry|distribution)(?:[:@]|$)/.test(image);
}

function checkHealth(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): readonly Problem[] {
  const ports = listeners(spec, documents, service);
  const urls = [
    ...(service.healthcheck ?? "").matchAll(/(https?):\/\/(\[[^\]]+\]|[^\s:/'"]+)(?::([0-9]+))?/g),
  ];
  const isOwn = urls.every(([, scheme, host = "", port]) => {
    const number = Number(port ?? (scheme === "https" ? 443 : 80));
    return /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(host) && ports.includes(number);
  });
  if (urls.length > 0 && isOwn) return [];
  const path = at(documents, service, "healthcheck");
  const fix = `Ask http://127.0.0.1:${ports[0] ?? 80}/.`;
  return [{ path, rule: "test the service's own listener", value: service.healthcheck ?? undefined, fix }];
}

function listeners(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): readonly number[] {
  if (isFront(service)) return documents.servers.flatMap(({ ports }) => ports);
  if (!isRegistry(service)) return [Number(service.environment.get("NGINX_LISTEN_PORT") ?? 80)];
  const addr = textOf(field(field(configOf(spec, documents, service), "http"), "addr"));
  return [portAtEnd(addr) ?? 5000];
}

function portAtEnd(addr: string): number | null {
  const port = /:([0-9]+)$/.exec(addr)?.[1];
  return port === undefined ? null : Number(port);
}

/** The debug listener of a registry serves /debug/pprof beside its metrics, to anybody. */
function checkDebug(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): readonly Problem[] {
  if (!isRegistry(service)) return [];
  const debug = field(field(configOf(spec, documents, service), "http"), "debug");
  const addr = service.environment.get("REGISTRY_HTTP_DEBUG_ADDR") ?? textOf(field(debug, "addr"));
  const port = portAtEnd(addr) ?? DEBUG_PORT;
  return service.ports
    .filter(({ target }) => target === port)
    .map(() => ({
      path: at(documents, service, "ports"),
      rule: "not publish its debug listener",
      value: port,
      fix: "Let the front serve /metrics of it to those who are named.",
    }));
}

function checkConfig(
  spec: RegistryHostSpec,
  documents: HostDocuments,
  service: ComposeServiceDocument,
): readonly Problem[] {
  if (!isRegistry(service) || ImagePin.check(service.image, "").length > 0) return [];
  const major = registryMajor(ImagePin.of(service.image));
  const config = configOf(spec, documents, service);
  return major === null ? [] : checkUnknownKeys(config, major, at(documents, service, "config"));
}

/** A label that names another hash than the file has would let a container stay with the old file. */
function checkLabels(documents: HostDocuments, service: ComposeServiceDocument): readonly Problem[] {
  return [...service.labels].flatMap(([label, value]) => {
    if (!label.startsWith(MOUNTED_HASH_LABEL)) return [];
    const content = documents.contents.get(label.slice(MOUNTED_HASH_LABEL.length));
    const hash = content === undefined ? null : createHash("sha256").update(content).digest("hex");
    if (hash === value) return [];
    const path = at(documents, service, `labels["${label}"]`);
    return [{ path, rule: "be the hash of that file", value, fix: `Write ${hash ?? "no such label"}.` }];
  });
}
