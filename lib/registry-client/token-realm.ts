import { printable } from "../core/printable";
import { RegistryError } from "./answers";
import { localScope, mayLeadTo } from "./local-scope";
import { type Origin, originOf, redactTarget, type Target } from "./origin";

/** Docker Hub's token service is another host than its registry; both are known, so a password may go there. */
const DOCKER_HUB = { registry: "https://registry-1.docker.io", realm: "https://auth.docker.io" };

/**
 * Where a token is to be asked for. The realm is the registry's word and not trusted.
 *
 * @throws RegistryError bad_response when it is no http URL, is http though the registry is https, or leads to a
 *   loopback or link-local address of ours
 */
export function tokenRealm(realm: string | undefined, registry: Origin): Target {
  const url = realm === undefined ? null : parseUrl(realm);
  const origin = url === null ? null : originOf(url);
  if (url === null || origin === null) throw refused(registry, "that is no http URL");
  const target = { origin, path: `${url.pathname}${url.search}` };
  const shown = redactTarget(target);
  if (registry.scheme === "https" && origin.scheme === "http")
    throw refused(registry, `without TLS (${shown})`);
  if (!mayLeadTo(origin.hostname, localScope(registry.hostname))) {
    throw refused(registry, `on a loopback or link-local address (${shown})`);
  }
  return target;
}

/**
 * Whether a password may go to a token realm: the registry's own origin, Docker Hub's token service for Docker Hub,
 * or a host that the user named.
 *
 * @param tokenHosts `host` or `host:port`; without a port the scheme's own
 */
export function mayReceiveCredentials(
  realm: Origin,
  registry: Origin,
  tokenHosts: readonly string[],
): boolean {
  if (realm.key === registry.key) return true;
  if (registry.key === DOCKER_HUB.registry && realm.key === DOCKER_HUB.realm) return true;
  return tokenHosts.some((host) => {
    const url = parseUrl(`${realm.scheme}://${host}`);
    return url !== null && url.host === realm.host && url.pathname === "/" && url.username === "";
  });
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function refused(registry: Origin, what: string): RegistryError {
  return new RegistryError(
    "bad_response",
    `${printable(registry.key)} sends its clients for a token to a realm ${what}: it was not asked`,
    { status: 401 },
  );
}
