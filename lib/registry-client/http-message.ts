import type { Hash } from "node:crypto";
import type { Target } from "./origin";

/** What becomes of an answer's body, decided when its head is there. */
export interface BodyPlan {
  /** Whether the chunks are kept in `Reply.body`. */
  readonly keep: boolean;
  /** With one byte more the connection is dropped; below 0 it is dropped before the first. */
  readonly maxBytes: number;
  /** Fed with every byte, when there is one. */
  readonly hash: Hash | null;
  /** Time beyond the request's own, for a body that is long by its nature. @default 0 */
  readonly extraMs?: number;
  /** Given every chunk; no more is read of the connection until its promise is kept, and none when it is broken. */
  readonly sink?: (chunk: Buffer) => Promise<void>;
}

/** A body too long to be held: opened anew for each try. */
export interface BodySource {
  /** Bytes that `open` gives, neither more nor fewer. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** The slowest line on which a whole blob is still read: 1 MiB a second. */
const MIN_BYTES_PER_MS = (1024 * 1024) / 1000;

/** How much longer than any other answer a body of so many bytes may take. */
export function extraMsFor(bytes: number): number {
  return Math.ceil(bytes / MIN_BYTES_PER_MS);
}

/** For a body that nobody should wait for: the connection goes with it. */
export const DROP_BODY: BodyPlan = { keep: false, maxBytes: -1, hash: null };

export function keepBody(maxBytes: number): BodyPlan {
  return { keep: true, maxBytes, hash: null };
}

export function countBody(maxBytes: number): BodyPlan {
  return { keep: false, maxBytes, hash: null };
}

/**
 * The headers that somebody reads; what others an answer has is checked and passed over. A header given several times
 * is joined by ", ", except that of Content-Type, Location and Retry-After the first counts.
 */
export interface ReplyHeaders {
  readonly "content-encoding"?: string | undefined;
  readonly "content-length"?: string | undefined;
  readonly "content-range"?: string | undefined;
  readonly "content-type"?: string | undefined;
  readonly "docker-content-digest"?: string | undefined;
  readonly link?: string | undefined;
  readonly location?: string | undefined;
  readonly "retry-after"?: string | undefined;
  readonly "www-authenticate"?: string | undefined;
}

export interface ReplyHead {
  readonly status: number;
  readonly headers: ReplyHeaders;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Name, value, name, value …: an array goes to the socket as it is, without a look-up per header. No Host. */
  readonly headers: readonly string[];
  readonly body: Buffer | BodySource | null;
  /** What was partly streamed cannot be tried again by itself: a failure is told at once. @default false */
  readonly isOnce?: boolean;
  /** Asked for 2xx only: other bodies are kept up to `MAX_ERROR_BODY_BYTES`, for the error code that they name. */
  readonly planBody: (head: ReplyHead) => BodyPlan;
}

export const MAX_ERROR_BODY_BYTES = 64 * 1024;

export interface Reply extends ReplyHead {
  /** Which origin answered, after redirects. */
  readonly target: Target;
  /** Empty unless the plan kept it. */
  readonly body: Buffer;
  /** Body bytes that arrived. */
  readonly bytes: number;
  /** `cut`: the connection ended before the body did. `stopped`: the plan's limit ended it. */
  readonly end: "complete" | "cut" | "stopped";
}

/** Content-Length, or null where there is none to rely on. */
export function contentLength(head: ReplyHead): number | null {
  const text = head.headers["content-length"];
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) return null;
  return Number(text);
}

/** A page for people: a sign-in form or a proxy's error, never what a registry itself says. */
export function isHtml(head: ReplyHead): boolean {
  const type = head.headers["content-type"];
  return type !== undefined && /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type);
}

/** Compressed on the way though only `identity` was accepted: such bytes can be neither counted nor hashed. */
export function isTransformed(head: ReplyHead): boolean {
  const coding = head.headers["content-encoding"];
  // Some object stores say "aws-chunked" of bytes that are as they were: only real compressions count.
  return coding !== undefined && /\b(?:gzip|deflate|br|zstd|compress)\b/i.test(coding);
}

/** Statuses 200 to 299. */
export function isSuccess(head: ReplyHead): boolean {
  return head.status >= 200 && head.status < 300;
}

/** 429, or 403 with Retry-After, as GHCR says it. */
export function isThrottled(head: ReplyHead): boolean {
  return head.status === 429 || (head.status === 403 && head.headers["retry-after"] !== undefined);
}
