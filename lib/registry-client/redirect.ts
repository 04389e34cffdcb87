import { RegistryError } from "./answers";
import type { HttpRequest, Reply } from "./http-message";
import { type LocalScope, mayLeadTo } from "./local-scope";
import { type Origin, originOf, redactTarget, type Target } from "./origin";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_HOPS = 5;

export interface RedirectRules {
  /** The only origin that sees the Authorization header. */
  readonly origin: Origin;
  /** The registry's own scope, to which it may redirect. */
  readonly scope: LocalScope | null;
}

/**
 * Sends a request and follows where it is sent on, GET and HEAD alone; the Range header goes along.
 *
 * @param authorization for the origin of `rules`, never for another
 * @throws RegistryError bad_response for a loop, too many hops, or a place where no registry may send us
 */
export async function sendFollowing(
  send: (target: Target, request: HttpRequest) => Promise<Reply>,
  first: Target,
  request: HttpRequest,
  authorization: string | null,
  rules: RedirectRules,
): Promise<Reply> {
  const authorized =
    authorization === null
      ? request
      : { ...request, headers: [...request.headers, "Authorization", authorization] };
  const mayFollow = request.method === "GET" || request.method === "HEAD";
  let target = first;
  let seen: Set<string> | null = null;
  for (;;) {
    const reply = await send(target, target.origin.key === rules.origin.key ? authorized : request);
    if (!mayFollow || !REDIRECTS.has(reply.status)) return reply;
    const next = redirectTarget(target, reply.headers.location, rules.scope);
    seen ??= new Set([urlOf(first)]);
    if (seen.has(urlOf(next))) throw refused(first, "redirects in a loop");
    if (seen.size > MAX_HOPS) throw refused(first, `redirects more than ${MAX_HOPS} times`);
    seen.add(urlOf(next));
    target = next;
  }
}

/** Where a Location leads, read against the URL that gave it. */
export function redirectTarget(from: Target, location: string | undefined, scope: LocalScope | null): Target {
  if (location === undefined) throw refused(from, "is a redirect without a Location");
  const url = parseUrl(location, urlOf(from));
  const origin = url === null ? null : originOf(url);
  if (url === null || origin === null) {
    throw refused(from, "redirects to what is neither an http nor an https URL");
  }
  // User information in a Location is dropped here: the registry has no credentials to give us.
  const next = { origin, path: `${url.pathname}${url.search}` };
  if (from.origin.scheme === "https" && origin.scheme === "http") {
    throw refused(from, `redirects from https to http (${redactTarget(next)})`);
  }
  if (!mayLeadTo(origin.hostname, scope)) {
    throw refused(from, `redirects to a loopback or link-local address (${redactTarget(next)})`);
  }
  return next;
}

function parseUrl(text: string, base: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

function urlOf(target: Target): string {
  return target.origin.key + target.path;
}

function refused(target: Target, what: string): RegistryError {
  return new RegistryError("bad_response", `${redactTarget(target)} ${what}`);
}
