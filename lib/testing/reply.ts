/**
 * What the registry answers, before it is written to a socket.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
export interface Reply {
  readonly status: number;
  /** Lower-case names. Content-Length is not among them. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
  /** Content-Length; where the body is shorter, the connection closes after it. @default the body's length */
  readonly promisedBytes?: number;
}

export const API_VERSION = { "docker-distribution-api-version": "registry/2.0" };

/** An answer without body. */
export function emptyReply(status: number, headers: Reply["headers"] = {}): Reply {
  return { status, headers: { ...API_VERSION, ...headers }, body: Buffer.alloc(0) };
}

export function jsonReply(status: number, value: unknown, headers: Reply["headers"] = {}): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...API_VERSION, ...headers },
    body: Buffer.from(`${JSON.stringify(value)}\n`),
  };
}

/** The specification's error form, with one error. */
export function errorReply(status: number, code: string, message: string, detail?: unknown): Reply {
  const error = detail === undefined ? { code, message } : { code, message, detail };
  return jsonReply(status, { errors: [error] });
}

export function textReply(status: number, text: string, contentType = "text/plain; charset=utf-8"): Reply {
  return { status, headers: { "content-type": contentType, ...API_VERSION }, body: Buffer.from(text) };
}

/** What 2.8 says to a path that no route of it matches: an invalid name, the referrers API. */
export function unroutedReply(): Reply {
  return textReply(404, "404 page not found\n");
}
