import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { MANIFEST_ACCEPT } from "../../lib/oci/media-type";

/** The header of every request for a manifest whose answer is to depend on the manifest alone. */
export const ACCEPT_ALL = { accept: MANIFEST_ACCEPT.join(", ") } as const;

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What arrived, however the answer ended. */
  readonly body: Buffer;
  /** False where the connection ended before the promised length. */
  readonly whole: boolean;
}

export interface RawRequest {
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer;
}

const TIMEOUT_MS = 10_000;

/** One request on a connection of its own, and what came back of it: no redirect, no retry, no opinion. */
export function rawHttp(url: string, options: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: options.method ?? "GET",
      headers: options.headers ?? {},
      agent: false,
      timeout: TIMEOUT_MS,
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms from ${url}`)));
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      // A body cut short is an observation, not an error: "close" comes after "end" and after "aborted" alike.
      response.on("error", () => undefined);
      response.on("close", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          whole: response.complete,
        }),
      );
    });
    sent.end(options.body);
  });
}
