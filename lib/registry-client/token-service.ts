/**
 * Asking a token service for a token.
 * https://distribution.github.io/distribution/spec/auth/token/
 * https://distribution.github.io/distribution/spec/auth/oauth/
 */
import { isObject } from "../oci/descriptor";
import { RegistryError } from "./answers";
import type { Credentials } from "./credentials";
import { type HttpRequest, keepBody, type Reply } from "./http-message";
import { parseJsonReply } from "./json-reply";
import type { Target } from "./origin";
import { bad, refusal } from "./refusal";

export interface Token {
  /** As it stands in the Authorization header. */
  readonly authorization: string;
  /** Epoch milliseconds after which it is not used any more: a margin before its real end. */
  readonly usableUntil: number;
}

export interface TokenQuestion {
  readonly realm: Target;
  readonly service: string | null;
  /** `repository:<name>:pull` */
  readonly scope: string;
  /** null asks anonymously; who may get them was decided before. */
  readonly credentials: Credentials | null;
}

/** Sends a request to a realm, with retries. `authorization` may go to that realm alone. */
export type SendToRealm = (
  target: Target,
  request: HttpRequest,
  authorization: string | null,
) => Promise<Reply>;

const MAX_TOKEN_BODY_BYTES = 1024 * 1024;
const BODY = keepBody(MAX_TOKEN_BODY_BYTES);
/** The specification's default. */
const DEFAULT_LIFETIME_S = 60;
const MAX_LIFETIME_S = 24 * 60 * 60;
const MAX_MARGIN_MS = 10_000;

/** @throws RegistryError unauthorized when the service refuses, bad_response when its answer is no token */
export async function fetchToken(
  question: TokenQuestion,
  send: SendToRealm,
  now: () => number,
): Promise<Token> {
  const askedAt = now();
  const { realm, credentials } = question;
  const reply =
    credentials !== null && "identityToken" in credentials
      ? await send(realm, refreshRequest(question, credentials.identityToken), null)
      : await send(
          { origin: realm.origin, path: withQuery(realm.path, question) },
          GET_TOKEN,
          credentials === null ? null : basicAuthorization(credentials),
        );
  if (reply.status === 400 || reply.status === 404) throw bad(reply, "to the question for a token");
  if (reply.status !== 200) throw refusal(reply);
  if (reply.end === "stopped") {
    throw new RegistryError("body_too_large", `the token is longer than ${MAX_TOKEN_BODY_BYTES} bytes`);
  }
  const json = parseJsonReply(reply);
  const token = isObject(json) ? (textOf(json.token) ?? textOf(json.access_token)) : null;
  if (!isObject(json) || token === null) throw bad(reply, "without a token");
  const lifetimeMs = lifetimeSeconds(json.expires_in) * 1000;
  const usableUntil = askedAt + lifetimeMs - Math.min(MAX_MARGIN_MS, lifetimeMs / 10);
  return { authorization: `Bearer ${token}`, usableUntil };
}

/** The value of an Authorization header. */
export function basicAuthorization(credentials: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}

const HEADERS = ["Accept", "application/json", "Accept-Encoding", "identity"] as const;
const GET_TOKEN: HttpRequest = { method: "GET", headers: HEADERS, body: null, planBody: () => BODY };

function refreshRequest(question: TokenQuestion, identityToken: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "tallyman" });
  if (question.service !== null) form.set("service", question.service);
  form.set("scope", question.scope);
  form.set("refresh_token", identityToken);
  const body = Buffer.from(form.toString());
  const headers = [
    ...HEADERS,
    "Content-Type",
    "application/x-www-form-urlencoded",
    "Content-Length",
    String(body.length),
  ];
  return { method: "POST", headers, body, planBody: () => BODY };
}

function withQuery(path: string, question: TokenQuestion): string {
  const query = new URLSearchParams();
  if (question.service !== null) query.set("service", question.service);
  query.set("scope", question.scope);
  return `${path}${path.includes("?") ? "&" : "?"}${query.toString()}`;
}

/** A token is printable ASCII: what else came would break out of the header that it is put into. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? value : null;
}

function lifetimeSeconds(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.min(value, MAX_LIFETIME_S) : DEFAULT_LIFETIME_S;
}
