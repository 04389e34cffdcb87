/** What can be made to go wrong: each fault is a value, applied to the requests that its script matches. */
import { Digest } from "../oci/digest";
import type { Delivery } from "./deliver";
import type { RegistryRequest } from "./registry-request";
import { emptyReply, errorReply, jsonReply, type Reply, textReply } from "./reply";

type Headers = Readonly<Record<string, string>>;

export type Fault =
  /** Any status, with a body in the OCI form unless one is given. */
  | { readonly kind: "status"; readonly status: number; readonly headers?: Headers; readonly body?: string }
  /** A 200 with this JSON: raw catalogues and tag lists, whatever names they hold. */
  | { readonly kind: "json"; readonly value: unknown; readonly headers?: Headers }
  /** A proxy's sign-in page: 200, text/html. */
  | { readonly kind: "html-sign-in" }
  | { readonly kind: "slow-headers"; readonly delayMs: number }
  | { readonly kind: "drip-body"; readonly bytes: number; readonly intervalMs: number }
  /** Silence without end, from the start or after the headers. */
  | { readonly kind: "hang"; readonly point?: "before-headers" | "after-headers" }
  | { readonly kind: "reset"; readonly point?: "before-headers" | "after-headers" }
  /** All headers, `bytes` of the body, and the connection closes; a negative number counts from the end. */
  | { readonly kind: "truncate-body"; readonly bytes: number }
  /** The body cut, and Content-Length with it: truncated JSON that arrives whole. */
  | { readonly kind: "cut-document"; readonly bytes: number }
  /** The true headers, then so many bytes of spaces without Content-Length. @default 20 MB */
  | { readonly kind: "huge-body"; readonly bytes?: number }
  /** The same page again and again, by a Link to itself. */
  | { readonly kind: "paging-loop" }
  /** Pages of new names without end, by Link or, for those who go on by `last`, without. @default by Link */
  | { readonly kind: "endless-paging"; readonly namesPerPage?: number; readonly by?: "link" | "last" }
  | { readonly kind: "redirect"; readonly location: string; readonly status?: number }
  /** To itself, or to an address that is new each time. @default the same */
  | { readonly kind: "redirect-loop"; readonly changing?: boolean }
  /** 200 and the whole body to a request for a range. */
  | { readonly kind: "ignore-range" }
  /** Docker-Content-Digest of other bytes. @default the digest of nothing */
  | { readonly kind: "wrong-digest-header"; readonly digest?: string }
  /** One bit of one byte of the body inverted. @default the byte in the middle */
  | { readonly kind: "flip-byte"; readonly offset?: number }
  /** Any change of the true reply. */
  | { readonly kind: "reply"; readonly change: (reply: Reply) => Reply }
  /** Runs before the request is answered truly: a tag that moves in the middle of a walk. */
  | { readonly kind: "hook"; readonly run: (request: RegistryRequest) => void | Promise<void> };

/**
 * The answer to a request under a fault.
 * @param answer the true answer; not called by faults that never reach the registry
 */
export async function applyFault(
  fault: Fault,
  request: RegistryRequest,
  answer: (request: RegistryRequest) => Promise<Reply>,
): Promise<Delivery> {
  switch (fault.kind) {
    case "status":
      return { reply: statusReply(fault.status, fault.headers ?? {}, fault.body) };
    case "json":
      return { reply: jsonReply(200, fault.value, fault.headers) };
    case "html-sign-in":
      return { reply: textReply(200, SIGN_IN_PAGE, "text/html; charset=utf-8") };
    case "hang":
    case "reset":
      return {
        reply: fault.point === "after-headers" ? await answer(request) : emptyReply(200),
        stopAt: {
          point: fault.point ?? "before-headers",
          by: fault.kind === "reset" ? "reset" : "silence",
        },
      };
    case "slow-headers":
      return { reply: await answer(request), headersAfterMs: fault.delayMs };
    case "drip-body":
      return { reply: await answer(request), drip: fault };
    case "huge-body":
      return { reply: await answer(request), endlessBytes: fault.bytes ?? 20_000_000 };
    case "redirect":
      return { reply: emptyReply(fault.status ?? 307, { location: fault.location }) };
    case "redirect-loop":
      return { reply: emptyReply(307, { location: fault.changing ? nextHop(request) : request.url }) };
    case "paging-loop":
      return { reply: withHeaders(await answer(request), { link: `<${request.url}>; rel="next"` }) };
    case "endless-paging":
      return { reply: endlessPage(request, fault.namesPerPage ?? 10, fault.by ?? "link") };
    case "ignore-range": {
      const { range: _, ...headers } = request.headers;
      return { reply: await answer({ ...request, headers }) };
    }
    default:
      return { reply: changeReply(fault, await answer(request)) };
  }
}

type ReplyFault = Extract<
  Fault,
  { kind: "truncate-body" | "cut-document" | "wrong-digest-header" | "flip-byte" | "reply" | "hook" }
>;

function changeReply(fault: ReplyFault, reply: Reply): Reply {
  switch (fault.kind) {
    case "truncate-body":
      return {
        ...reply,
        body: reply.body.subarray(0, endOf(fault.bytes, reply)),
        promisedBytes: reply.promisedBytes ?? reply.body.length,
      };
    case "cut-document":
      return {
        status: reply.status,
        headers: reply.headers,
        body: reply.body.subarray(0, endOf(fault.bytes, reply)),
      };
    case "wrong-digest-header":
      return withHeaders(reply, {
        "docker-content-digest": fault.digest ?? `${Digest.sha256(Buffer.alloc(0))}`,
      });
    case "flip-byte": {
      const body = Buffer.from(reply.body);
      const at = fault.offset ?? body.length >> 1;
      if (at < body.length) body[at] = (body[at] ?? 0) ^ 1;
      return { ...reply, body };
    }
    case "reply":
      return fault.change(reply);
    case "hook":
      return reply;
  }
}

function endOf(bytes: number, reply: Reply): number {
  return bytes < 0 ? Math.max(0, reply.body.length + bytes) : bytes;
}

function withHeaders(reply: Reply, headers: Headers): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

const ERROR_CODES: Readonly<Record<number, string>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "MANIFEST_UNKNOWN",
  429: "TOOMANYREQUESTS",
};

function statusReply(status: number, headers: Headers, body: string | undefined): Reply {
  const reply = errorReply(status, ERROR_CODES[status] ?? "UNKNOWN", "scripted");
  return withHeaders(body === undefined ? reply : { ...reply, body: Buffer.from(body) }, headers);
}

function nextHop(request: RegistryRequest): string {
  return `${request.path}?hop=${Number(request.query.get("hop") ?? 0) + 1}`;
}

function endlessPage(request: RegistryRequest, namesPerPage: number, by: "link" | "last"): Reply {
  const from = Number(/\d+$/.exec(request.query.get("last") ?? "")?.[0] ?? 0);
  // Ten digits keep the names in order.
  const names = Array.from({ length: namesPerPage }, (_, i) => `n-${`${from + i + 1}`.padStart(10, "0")}`);
  const path = request.url.replace(/\?.*$/, "");
  const headers =
    by === "link" ? { link: `<${path}?last=${names.at(-1)}&n=${namesPerPage}>; rel="next"` } : {};
  const isCatalogue = request.path.endsWith("/_catalog");
  const name = request.path.replace(/^\/v2\/|\/tags\/list$/g, "");
  return jsonReply(200, isCatalogue ? { repositories: names } : { name, tags: names }, headers);
}

const SIGN_IN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method="post" action="/login">' +
  '<input name="user"><input name="password" type="password"></form></body></html>\n';
