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

type Send = (target: Target, request: HttpRequest) => Promise<Reply>;

/**
 * Sends a request and follows where it is sent on, GET and HEAD alone; the Range header goes along.
 *
 * @param authorization for the origin of `rules`, never for another
 * @param accept what to make of the last reply
 * @throws RegistryError bad_response for a loop, too many hops, or a place where no registry may send us
 */
export async function sendFollowing(
  send: Send,
  first: Target,
  request: HttpRequest,
  authorization: string | null,
  rules: RedirectRules,
  accept: (reply: Reply) => Reply,
): Promise<Reply> {
  const authorized =
    authorization === null
      ? request
      : { ...request, headers: [...request.headers, "Authorization", authorization] };
  const sendTo: Send = (target, plain) =>
    send(target, target.origin.key === rules.origin.key ? authorized : plain);
  const reply = await sendTo(first, request);
  return accept(isRedirect(request, reply) ? await follow(sendTo, first, request, reply, rules) : reply);
}

function isRedirect({ method }: HttpRequest, { status }: Reply): boolean {
  return (method === "GET" || method === "HEAD") && REDIRECTS.has(status);
}

async function follow(
  send: Send,
  first: Target,
  request: HttpRequest,
  redirect: Reply,
  rules: RedirectRules,
): Promise<Reply> {
  const seen = new Set([urlOf(first)]);
  let reply = redirect;
  while (isRedirect(request, reply)) {
    const next = redirectTarget(reply.target, reply.headers.location, rules.scope);
    if (seen.has(urlOf(next))) throw refused(first, "redirects in a loop");
    if (seen.size > MAX_HOPS) throw refused(first, `redirects more than ${MAX_HOPS} times`);
    seen.add(urlOf(next));
    reply = await send(next, request);
  }
  return reply;
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
