/**
 * Names: repositories, tags, and whole image references.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
 * https://github.com/distribution/reference/blob/v0.6.0/reference.go (hosts, defaults of Docker Hub)
 */
import { Digest } from "./digest";

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?$/;

const MAX_REPOSITORY_LENGTH = 255;

export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_REPOSITORY_LENGTH && REPOSITORY.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** `host` or `host:port` that a URL can carry, with a port of 1 to 65535 where there is one; IPv6 in brackets. */
export function isRegistryHost(text: string): boolean {
  // A URL refuses more than the grammar: a last label of digits that is no IPv4 address, IPv6 that is none.
  if (!HOST.test(text) || !URL.canParse(`https://${text}`)) return false;
  const port = /:([0-9]{1,5})$/.exec(text)?.[1];
  return text.endsWith("]") || port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

export interface ImageReference {
  readonly scheme: "http" | "https";
  /** `host` or `host:port`, as written; `registry-1.docker.io` for a name without a host. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** Why a text is no image reference. */
export interface ReferenceProblem {
  readonly problem: string;
}

/**
 * Reads `[scheme://][host[:port]/]name[:tag][@digest]`. Without a host the registry is Docker Hub's; without tag
 * and digest the tag is `latest`. A first part is a host when it has a dot or a colon, or is `localhost`.
 */
export function parseImageReference(text: string): ImageReference | ReferenceProblem {
  const schemeMatch = /^(https?):\/\//.exec(text);
  const scheme = schemeMatch?.[1] === "http" ? "http" : "https";
  let rest = schemeMatch === null ? text : text.slice(schemeMatch[0].length);
  let digest: Digest | null = null;
  const at = rest.indexOf("@");
  if (at >= 0) {
    digest = Digest.parse(rest.slice(at + 1));
    if (digest === null) return { problem: "what follows @ must be sha256:<64 hex> or sha512:<128 hex>" };
    rest = rest.slice(0, at);
  }
  const { host, path } = splitHost(rest, schemeMatch !== null);
  if (host === null && schemeMatch !== null)
    return { problem: "a URL must name an image behind the host, as https://host/name:tag" };
  if (host !== null && !isRegistryHost(host)) return { problem: `"${host}" is no host or host:port` };
  const colon = path.indexOf(":");
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? null : path.slice(colon + 1);
  if (tag !== null && !isTag(tag)) {
    return { problem: "a tag has letters, digits, _ . - and at most 128 of them" };
  }
  const onHub = host === null || host === "docker.io" || host === "index.docker.io";
  const name = onHub && !repository.includes("/") ? `library/${repository}` : repository;
  if (!isRepositoryName(name)) {
    return { problem: "a repository name has lower-case parts of a-z 0-9 . _ -, separated by /" };
  }
  return {
    scheme,
    registry: onHub ? "registry-1.docker.io" : host,
    repository: name,
    tag: tag ?? (digest === null ? "latest" : null),
    digest,
  };
}

function splitHost(text: string, hostRequired: boolean): { host: string | null; path: string } {
  const slash = text.indexOf("/");
  if (slash < 0) return { host: null, path: text };
  const first = text.slice(0, slash);
  const isHost = hostRequired || first.includes(".") || first.includes(":") || first === "localhost";
  return isHost ? { host: first, path: text.slice(slash + 1) } : { host: null, path: text };
}

/** `host/name:tag@digest`, without the scheme. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === null ? "" : `:${reference.tag}`;
  const digest = reference.digest === null ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}
