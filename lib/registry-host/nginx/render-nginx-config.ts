import { isIPv6 } from "node:net";
import type { RegistryHostSpec } from "../host-spec";
import { CONTAINER_SURROUNDINGS, type FrontSurroundings } from "./front-surroundings";
import { block, commented, directive, type NginxDirective, renderNginx } from "./nginx-directive";
import { metricsServer, registryServer, uiServer } from "./nginx-servers";

/** Of the cache's index in memory; 64 MB hold about half a million blobs. */
const KEYS_ZONE = "blobs:64m";

/** The front's whole nginx.conf, for nginx 1.22 and newer. */
export function renderNginxConfig(
  spec: RegistryHostSpec,
  surroundings: FrontSurroundings = CONTAINER_SURROUNDINGS,
): string {
  const { user, pidFile, errorLog } = surroundings;
  return renderNginx([
    ...(user === null ? [] : [directive("user", user)]),
    directive("worker_processes", "auto"),
    directive("pid", pidFile),
    directive("error_log", errorLog, "warn"),
    block("events", [], [directive("worker_connections", "4096")]),
    block("http", [], http(spec, surroundings)),
  ]);
}

function http(spec: RegistryHostSpec, surroundings: FrontSurroundings): readonly NginxDirective[] {
  const registries = Object.entries(spec.registries);
  return [
    directive("access_log", surroundings.accessLog),
    directive("server_tokens", "off"),
    ...temporaryPaths(surroundings.temporaryDirectory),
    commented(
      "A container that is recreated has another address, and its old one may belong to another registry:\nnames are asked for again and again, which nginx does for variables in proxy_pass alone.",
      directive(
        "resolver",
        resolverAddress(spec),
        `valid=${surroundings.addressValidForSeconds}s`,
        "ipv6=off",
      ),
    ),
    directive("resolver_timeout", "5s"),
    commented("Layers have no limit, and pass through as they come.", directive("client_max_body_size", "0")),
    directive("client_body_timeout", "300s"),
    directive("send_timeout", "300s"),
    directive("proxy_request_buffering", "off"),
    directive("proxy_buffering", "off"),
    directive("proxy_http_version", "1.1"),
    directive("proxy_connect_timeout", "10s"),
    directive("proxy_send_timeout", "900s"),
    directive("proxy_read_timeout", "900s"),
    ...(registries.some(([, { kind }]) => kind === "cache") ? blobCache(spec, surroundings) : []),
    ...registries.map(([name, registry]) => registryServer(spec, name, registry, surroundings)),
    ...(spec.ui === null ? [] : [uiServer(spec, spec.ui, surroundings)]),
    metricsServer(spec, surroundings),
  ];
}

function blobCache(spec: RegistryHostSpec, surroundings: FrontSurroundings): readonly NginxDirective[] {
  const { maxGigabytes, validFor } = spec.front.blobCache;
  const cache = [
    surroundings.blobCacheDirectory,
    "levels=1:2",
    `keys_zone=${KEYS_ZONE}`,
    `max_size=${Math.round(maxGigabytes * 1_024)}m`,
    `inactive=${Math.round(validFor.toSeconds())}s`,
    "use_temp_path=off",
  ];
  return [
    directive("proxy_cache_path", ...cache),
    commented(
      "A HEAD must ask the registry: turned into a GET it would fetch a whole layer.",
      block("map", ["$request_method", "$is_not_get"], [directive("default", "1"), directive("GET", "0")]),
    ),
  ];
}

function temporaryPaths(directory: string): readonly NginxDirective[] {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => directive(`${kind}_temp_path`, `${directory}/${kind}_temp`));
}

function resolverAddress({ front: { resolver } }: RegistryHostSpec): string {
  const address = isIPv6(resolver.address) ? `[${resolver.address}]` : resolver.address;
  return `${address}:${resolver.port}`;
}
