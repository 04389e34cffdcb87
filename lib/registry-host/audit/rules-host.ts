import { ImagePin } from "../../core/image-pin";
import type { ComposePort, ForeignService } from "../documents/compose-document";
import { type ImageName, isRegistryImage, isRegistryUi, registryMajorOf } from "../documents/image-name";
import { findNginx } from "../documents/nginx-syntax";
import { type AuditFinding, auditFinding } from "./audit-finding";
import { upstreamHosts } from "./nginx-facts";
import {
  type ComposeFacts,
  type DistributionFacts,
  mountedDocument,
  placeIn,
  type RepositoryFacts,
} from "./repository-facts";

/** The services of registry hosts: what they run, what they show, how they are set up. */
export function hostFindings(facts: RepositoryFacts): readonly AuditFinding[] {
  const hosts = facts.composes.filter(({ isRegistryHost }) => isRegistryHost);
  return [
    ...floatingTags(facts, hosts),
    ...hosts.flatMap((host) =>
      host.services.flatMap((service) => [
        ...exposedDebug(facts, host, service),
        ...exposedDelete(facts, host, service),
        ...exposedUi(facts, host, service),
      ]),
    ),
    ...facts.distributions.flatMap((each) => unknownKeys(facts, each)),
  ];
}

/** All services of a registry host; elsewhere only the registry and its page. */
function floatingTags(facts: RepositoryFacts, hosts: readonly ComposeFacts[]): readonly AuditFinding[] {
  const own = hosts.flatMap(({ origin, services }) =>
    services.flatMap(({ image, imageLine }) =>
      image === null ? [] : [{ place: placeIn(origin, imageLine), image }],
    ),
  );
  const deployed = facts.images.filter(({ image }) => isRegistryImage(image) || isRegistryUi(image));
  return [...own, ...deployed]
    .filter(({ image }) => isFloating(image))
    .map(({ place, image }) => auditFinding("floating-tag", place, image.text));
}

function isFloating({ text, hasDigest }: ImageName): boolean {
  return !hasDigest && ImagePin.check(text, "image").length > 0;
}

/** The configuration that a registry's service mounts. */
function configOf(
  facts: RepositoryFacts,
  host: ComposeFacts,
  service: ForeignService,
): DistributionFacts | null {
  const mount = service.mounts.find(({ target }) => /^\/etc\/(docker\/registry|distribution)\//.test(target));
  return mount === undefined ? null : mountedDocument(facts.distributions, host.origin, mount.source);
}

function openPorts(service: ForeignService): readonly ComposePort[] {
  return service.ports.filter(({ isLoopback }) => !isLoopback);
}

function isRegistry({ image }: ForeignService): boolean {
  return image !== null && isRegistryImage(image);
}

function exposedDebug(
  facts: RepositoryFacts,
  host: ComposeFacts,
  service: ForeignService,
): readonly AuditFinding[] {
  if (!isRegistry(service)) return [];
  const address = service.environment.get("REGISTRY_HTTP_DEBUG_ADDR")?.value;
  const set = /:([0-9]+)$/.exec(address ?? "")?.[1];
  const port = set === undefined ? configOf(facts, host, service)?.config.debugPort : Number(set);
  return openPorts(service)
    .filter(({ target }) => target === port)
    .map(({ line }) =>
      auditFinding(
        "debug-exposed",
        placeIn(host.origin, line),
        `${service.name} publishes its debug port ${port}`,
      ),
    );
}

/** Of a registry that is no cache and asks nobody; one behind a front is the front's to protect. */
function exposedDelete(
  facts: RepositoryFacts,
  host: ComposeFacts,
  service: ForeignService,
): readonly AuditFinding[] {
  if (!isRegistry(service)) return [];
  const variables = [...service.environment.keys()];
  if (variables.some((name) => /^REGISTRY_(AUTH|PROXY)/.test(name))) return [];
  const config = configOf(facts, host, service)?.config ?? null;
  const switched = service.environment.get("REGISTRY_STORAGE_DELETE_ENABLED")?.value === "true";
  const isOpen = config === null ? switched && !hasConfigMount(service) : config.canDelete || switched;
  if (!isOpen || config?.hasAuth === true || config?.isCache === true) return [];
  const debug = config?.debugPort;
  const [port] = openPorts(service).filter(({ target }) => target !== debug);
  return port === undefined
    ? []
    : [
        auditFinding(
          "delete-exposed",
          placeIn(host.origin, port.line),
          `${service.name} deletes for anybody on ${port.published ?? port.target}`,
        ),
      ];
}

function hasConfigMount(service: ForeignService): boolean {
  return service.mounts.some(({ target }) => /^\/etc\/(docker\/registry|distribution)/.test(target));
}

function exposedUi(
  facts: RepositoryFacts,
  host: ComposeFacts,
  service: ForeignService,
): readonly AuditFinding[] {
  const { image, environment, names } = service;
  const deletes = environment.get("DELETE_IMAGES");
  if (image === null || !isRegistryUi(image) || deletes?.value !== "true") return [];
  // The registry behind it may ask for the password itself.
  const behind =
    environment.get("NGINX_PROXY_PASS_URL")?.value ?? environment.get("REGISTRY_URL")?.value ?? "";
  const registry = host.services.find((each) => each.names.some((name) => behind.includes(`//${name}`)));
  const variables = [...(registry?.environment.keys() ?? [])];
  const asksItself =
    registry !== undefined &&
    (configOf(facts, host, registry)?.config.hasAuth === true ||
      variables.some((name) => /^REGISTRY_AUTH/.test(name)));
  if (asksItself) return [];
  const isOpen = openPorts(service).length > 0 || isProxiedOpenly(facts, names);
  return isOpen
    ? [
        auditFinding(
          "delete-exposed",
          placeIn(host.origin, deletes.line),
          `${service.name} has DELETE_IMAGES=true`,
        ),
      ]
    : [];
}

function isProxiedOpenly({ material }: RepositoryFacts, names: readonly string[]): boolean {
  return material.nginx.some(({ statements }) => {
    const isAlways = statements.some(({ name, block }) => name === "http" && (block ?? []).some(isPassword));
    return upstreamHosts(statements).some(
      ({ host, server }) =>
        names.includes(host) &&
        server !== null &&
        !isAlways &&
        findNginx(server.block ?? [], "auth_basic").length +
          findNginx(server.block ?? [], "auth_request").length ===
          0,
    );
  });
}

function isPassword({ name }: { readonly name: string }): boolean {
  return name === "auth_basic" || name === "auth_request";
}

function unknownKeys(facts: RepositoryFacts, { origin, config }: DistributionFacts): readonly AuditFinding[] {
  const users = facts.composes.flatMap((host) =>
    host.services
      .filter((service) => configOf(facts, host, service)?.origin === origin)
      .flatMap(({ image }) => (image === null ? [] : [registryMajorOf(image)])),
  );
  const major = users[0] ?? facts.registryMajor;
  const { ttlLine, maxsizeLine } = config;
  return [
    ...(ttlLine === null || major === 3
      ? []
      : [
          auditFinding(
            "distribution-key-unknown",
            placeIn(origin, ttlLine),
            major === 2 ? "proxy.ttl, which 2.8 does not have" : "proxy.ttl, which only 3.x has",
            major === 2 ? "warning" : "information",
          ),
        ]),
    ...(maxsizeLine === null
      ? []
      : [
          auditFinding(
            "distribution-key-unknown",
            placeIn(origin, maxsizeLine),
            "maxsize, which no version has",
          ),
        ]),
  ];
}
