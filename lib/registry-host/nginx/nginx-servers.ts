/** The servers of the front. https://nginx.org/en/docs/http/ngx_http_proxy_module.html */
import type { Duration } from "../../core/duration";
import type { HostRegistry } from "../host-registry";
import { type RegistryHostSpec, serviceOf, UI_SERVICE } from "../host-spec";
import type { FrontSurroundings } from "./front-surroundings";
import { block, commented, directive, type NginxDirective } from "./nginx-directive";

/** Answered by the front itself on the metrics port: that it serves, not what stands behind it. */
export const HEALTH_PATH = "/healthz";

const BLOB_PATH = "^/v2/.+/blobs/sha256:[0-9a-f]{64}$";

/** One registry on its port, /v2/ alone: behind TLS where it is private, with its blobs cached where it is a cache. */
export function registryServer(
  spec: RegistryHostSpec,
  name: string,
  registry: HostRegistry,
  surroundings: FrontSurroundings,
): NginxDirective {
  const backend = proxyTo(serviceOf(name), surroundings.registryPort);
  const isCache = registry.kind === "cache";
  return block(
    "server",
    [],
    [
      ...(isCache
        ? [directive("listen", surroundings.listen(registry.port))]
        : tlsListen(name, registry.port, registry.hostname, surroundings)),
      ...(isCache ? [cachedBlobs(name, spec.front.blobCache.validFor, backend)] : []),
      block("location", ["/v2/"], backend),
      block("location", ["/"], [directive("return", "404")]),
    ],
  );
}

/** The page, and beside it the registry that it shows, on one port, so that the page asks its own origin. */
export function uiServer(
  spec: RegistryHostSpec,
  ui: NonNullable<RegistryHostSpec["ui"]>,
  surroundings: FrontSurroundings,
): NginxDirective {
  const shown = spec.registries[ui.registry];
  const methods = ui.canDelete ? ["GET", "DELETE"] : ["GET"];
  const listen =
    shown?.kind === "private"
      ? tlsListen(ui.registry, ui.port, shown.hostname, surroundings)
      : [directive("listen", surroundings.listen(ui.port))];
  const auth =
    ui.htpasswdFile === null
      ? []
      : [directive("auth_basic", UI_SERVICE), directive("auth_basic_user_file", surroundings.uiHtpasswdFile)];
  return block(
    "server",
    [],
    [
      ...listen,
      ...auth,
      block(
        "location",
        ["/v2/"],
        [
          block("limit_except", methods, [directive("deny", "all")]),
          ...proxyTo(serviceOf(ui.registry), surroundings.registryPort),
        ],
      ),
      block("location", ["/"], proxyTo(UI_SERVICE, surroundings.uiPort)),
    ],
  );
}

/** Each registry's metrics for those who may read them, and nothing else of its debug listener. */
export function metricsServer(spec: RegistryHostSpec, surroundings: FrontSurroundings): NginxDirective {
  return block(
    "server",
    [],
    [
      directive("listen", surroundings.listen(spec.metrics.port)),
      ...Object.keys(spec.registries).map((name) =>
        block(
          "location",
          ["=", `/metrics/${name}`],
          [
            ...spec.metrics.allow.map((from) => directive("allow", from)),
            directive("deny", "all"),
            ...proxyTo(serviceOf(name), surroundings.debugPort, "/metrics"),
          ],
        ),
      ),
      block("location", ["=", HEALTH_PATH], [directive("access_log", "off"), directive("return", "204")]),
      block("location", ["/"], [directive("return", "404")]),
    ],
  );
}

function tlsListen(
  registry: string,
  port: number,
  hostname: string,
  surroundings: FrontSurroundings,
): readonly NginxDirective[] {
  return [
    directive("listen", surroundings.listen(port), "ssl"),
    directive("server_name", hostname),
    directive("ssl_certificate", surroundings.certificateFile(registry)),
    directive("ssl_certificate_key", surroundings.keyFile(registry)),
    directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("ssl_session_cache", "shared:tls:10m"),
    directive("ssl_session_timeout", "1h"),
  ];
}

/**
 * A digest's bytes never change, so they may be served from the front for as long as they are kept. What has
 * credentials or asks for a range goes to the registry: nginx would drop the range and fetch the whole layer.
 */
function cachedBlobs(name: string, validFor: Duration, backend: readonly NginxDirective[]): NginxDirective {
  const passedBy = ["$is_not_get", "$http_range", "$http_authorization"];
  return commented(
    "Blobs by digest are the only thing that is cached: a manifest may be asked for by a tag, which moves.",
    block(
      "location",
      ["~", BLOB_PATH],
      [
        directive("proxy_cache", "blobs"),
        directive("proxy_cache_key", `${name}$uri`),
        directive("proxy_cache_valid", "200", `${Math.round(validFor.toSeconds())}s`),
        directive("proxy_cache_convert_head", "off"),
        directive("proxy_cache_bypass", ...passedBy),
        directive("proxy_no_cache", ...passedBy),
        directive("proxy_cache_lock", "on"),
        directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
        directive("proxy_buffering", "on"),
        directive("proxy_set_header", "Range", "$http_range"),
        directive("proxy_set_header", "If-Range", "$http_if_range"),
        directive("add_header", "X-Cache", "$upstream_cache_status"),
        ...backend,
      ],
    ),
  );
}

function proxyTo(service: string, port: number, path = ""): readonly NginxDirective[] {
  const variable = `$${service.replace(/[^a-z0-9]/g, "_")}`;
  return [
    directive("set", variable, service),
    directive("proxy_pass", `http://${variable}:${port}${path}`),
    // The registry makes the URL of an upload from these two; what else could change it is not let through.
    directive("proxy_set_header", "Host", "$http_host"),
    directive("proxy_set_header", "X-Forwarded-Proto", "$scheme"),
    directive("proxy_set_header", "X-Forwarded-Host", ""),
    directive("proxy_set_header", "Forwarded", ""),
    directive("proxy_set_header", "X-Forwarded-For", "$remote_addr"),
    directive("proxy_set_header", "Connection", ""),
  ];
}
