/**
 * What the statuses and error bodies of a registry mean.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
import { printable } from "../core/printable";
import { isObject } from "../oci/descriptor";
import { type Absent, RegistryError, type RegistryErrorCode } from "./answers";
import { isHtml, isSuccess, isThrottled, isTransformed, type Reply } from "./http-message";
import { parseJsonReply } from "./json-reply";
import { redactTarget } from "./origin";

/** 404 or 410 of the registry itself; null for every other reply, a page for people among them. */
export function absentOf(reply: Reply): Absent | null {
  if ((reply.status !== 404 && reply.status !== 410) || isHtml(reply)) return null;
  return { kind: "absent", status: reply.status, errorCode: errorCodeOf(reply) };
}

/** `errors[0].code` of the body, when it looks like one: upper case, as the specification lists them. */
export function errorCodeOf(reply: Reply): string | null {
  const json = parseJsonReply(reply);
  if (!isObject(json) || !Array.isArray(json.errors)) return null;
  const first: unknown = json.errors[0];
  const code = isObject(first) ? first.code : null;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : null;
}

/** Why a reply that is neither a success nor an absence answers nothing. */
export function refusal(reply: Reply): RegistryError {
  const { status } = reply;
  const code = codeOf(reply);
  const named = errorCodeOf(reply);
  const what = isHtml(reply) ? " with an HTML page" : named === null ? "" : ` ${named}`;
  const message = `${redactTarget(reply.target)} answered ${status}${what}${HINT[code] ?? ""}`;
  const retryable = code === "throttled" || code === "timeout" || (code === "server_error" && status !== 501);
  return new RegistryError(code, message, { status, retryable });
}

const HINT: Partial<Record<RegistryErrorCode, string>> = {
  unauthorized: ": give credentials that may read it",
  throttled: ": lower the rate, or give credentials with a higher quota",
};

function codeOf(reply: Reply): RegistryErrorCode {
  const { status } = reply;
  if (isThrottled(reply)) return "throttled";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 408) return "timeout";
  return status >= 500 ? "server_error" : "bad_response";
}

/**
 * Holds a success to what every proof needs: no page for people, no compression on the way.
 *
 * @throws RegistryError
 */
export function checkSuccess(reply: Reply): void {
  if (!isSuccess(reply)) return;
  if (isHtml(reply))
    throw bad(reply, "with an HTML page: something before the registry answers in its place");
  if (isTransformed(reply)) {
    const coding = printable(reply.headers["content-encoding"] ?? "", 40);
    throw bad(reply, `compressed (${coding}) though only identity was accepted`);
  }
}

/** The connection failed, not the content: by how much the body was cut cannot be told, or does not matter. */
export function cutError(reply: Reply): RegistryError {
  const message = `${redactTarget(reply.target)}: the connection ended in the middle of the answer`;
  return new RegistryError("unreachable", message, { status: reply.status, retryable: true });
}

/** An answer that makes no sense, told by what it answered. */
export function bad(reply: Reply, what: string): RegistryError {
  return new RegistryError("bad_response", `${redactTarget(reply.target)} answered ${reply.status} ${what}`, {
    status: reply.status,
  });
}
