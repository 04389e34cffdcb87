import type { IncomingHttpHeaders } from "node:http";
import { isRepositoryName } from "../oci/reference";

/** Which socket a request came in by: the registry's own, or the other host that blobs may be redirected to. */
export type Listener = "registry" | "other-host";

export interface RegistryRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  /** Decoded path. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** `scheme://host:port`, as the client named this server. */
  readonly origin: string;
  readonly listener: Listener;
  /** Reads the body; once. */
  readonly body: () => Promise<Buffer>;
}

/** What a path asks for. https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints */
export type Route =
  | { readonly kind: "base" | "catalogue" | "token" | "unknown" }
  | { readonly kind: "tags"; readonly repository: string }
  | {
      readonly kind: "manifest" | "blob" | "upload";
      readonly repository: string;
      readonly reference: string;
    };

const RESOURCE = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;

export function routeOf(path: string): Route {
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (path === "/v2/_catalog") return { kind: "catalogue" };
  if (path === "/token") return { kind: "token" };
  const route = resourceOf(path);
  return route !== null && isRepositoryName(route.repository) ? route : { kind: "unknown" };
}

function resourceOf(path: string): Extract<Route, { repository: string }> | null {
  const tags = TAGS.exec(path);
  if (tags?.[1]) return { kind: "tags", repository: tags[1] };
  const upload = UPLOAD.exec(path);
  if (upload?.[1]) return { kind: "upload", repository: upload[1], reference: upload[2] ?? "" };
  const resource = RESOURCE.exec(path);
  if (!resource?.[1] || !resource[3]) return null;
  return {
    kind: resource[2] === "blobs" ? "blob" : "manifest",
    repository: resource[1],
    reference: resource[3],
  };
}

/** Whether a request only reads. */
export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
