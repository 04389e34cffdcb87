import { printable } from "../core/printable";
import { isObject } from "../oci/descriptor";
import { RegistryError } from "./answers";
import { NotHttpError } from "./wire/not-http-error";

const TLS_CODE =
  /^(?:CERT_|CRL_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|EPROTO$)/;

/**
 * What a failed connection means: `tls` and `bad_response` (no HTTP at all) fail the same way again, `unreachable`
 * may pass.
 *
 * @param subject the request, as "GET https://host/path"
 */
export function transportError(error: unknown, subject: string): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof NotHttpError) {
    return new RegistryError("bad_response", `${subject}: the answer is not HTTP: ${error.message}`, {
      cause: error,
    });
  }
  const code = codeOf(error);
  const text =
    isObject(error) && typeof error.message === "string" && error.message !== "" ? error.message : code;
  const detail = printable(text.includes(code) ? text : `${text} (${code})`, 200);
  if (TLS_CODE.test(code)) {
    const fix = "Give the CA that signed it (--ca), or mend the certificate";
    return new RegistryError("tls", `${subject}: TLS failed: ${detail}. ${fix}`, { cause: error });
  }
  return new RegistryError("unreachable", `${subject}: ${detail}`, { cause: error, retryable: true });
}

/**
 * A node error's code; several addresses tried in vain give one error that holds the others. By its shape and not by
 * its class, since node's own errors may come of another realm.
 */
function codeOf(error: unknown): string {
  if (isObject(error)) {
    if (typeof error.code === "string") return error.code;
    if (Array.isArray(error.errors) && error.errors.length > 0) return codeOf(error.errors[0]);
  }
  return "connection failed";
}
