/**
 * Pushing to a Prometheus Pushgateway. Always by PUT: a POST leaves values of earlier runs standing.
 * https://github.com/prometheus/pushgateway/blob/v1.5.1/README.md#url
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { printable } from "../core/printable";
import { type GroupingKey, type PushedGroup, PushTimeReader } from "./push-times";

export type { GroupingKey };

const MAX_ANSWER_BYTES = 16 * 1024;

/** The gateway did not take what was sent. The message carries its own words. */
export class PushError extends Error {
  override readonly name = "PushError";

  constructor(
    message: string,
    readonly code: "push_rejected" | "push_unreachable",
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface PushgatewayOptions {
  /** `http(s)://host[:port][/prefix]` */
  readonly url: URL;
  readonly timeoutMs: number;
  /** PEM, for https. */
  readonly ca?: string | null;
}

export class Pushgateway {
  constructor(private readonly options: PushgatewayOptions) {}

  /** Replaces the group whole. @throws PushError */
  async replace(key: GroupingKey, body: string): Promise<void> {
    await this.send("PUT", key, body);
  }

  /** Removes the group; a group that is not there is no error. @throws PushError */
  async remove(key: GroupingKey): Promise<void> {
    await this.send("DELETE", key, null);
  }

  /**
   * The groups that the gateway holds, each once, as far as `isWanted` says. Its metrics are read as they come: they
   * are everybody's, and may be large.
   *
   * @throws PushError
   */
  async groups(isWanted: (group: PushedGroup) => boolean): Promise<readonly PushedGroup[]> {
    const { url } = this.options;
    const reader = new PushTimeReader(isWanted);
    const path = `${basePath(url)}/metrics`;
    const { status } = await this.ask("GET", path, null, (chunk) => reader.feed(chunk));
    if (status === 200) return reader.end();
    const message = `the Pushgateway ${url.origin} answers ${status} to GET ${path}`;
    throw new PushError(message, "push_rejected", status);
  }

  private async send(method: "PUT" | "DELETE", key: GroupingKey, body: string | null): Promise<void> {
    const { url } = this.options;
    const path = `${basePath(url)}/metrics/${key.map(formatLabel).join("/")}`;
    const answer = await this.ask(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return;
    const words = printable(answer.text.trim().replace(/\s+/g, " "), 500);
    const group = key.map(([name, value]) => `${name}="${value}"`).join(", ");
    throw new PushError(
      `the Pushgateway ${url.origin} answers ${answer.status} to the group {${printable(group)}}: ${words}`,
      "push_rejected",
      answer.status,
    );
  }

  private async ask(
    ...request: Parameters<Pushgateway["exchange"]>
  ): Promise<{ status: number; text: string }> {
    try {
      return await this.exchange(...request);
    } catch (cause) {
      const why = cause instanceof Error ? printable(cause.message) : "no connection";
      const message = `the Pushgateway ${this.options.url.origin} cannot be reached: ${why}`;
      throw new PushError(message, "push_unreachable", null, { cause });
    }
  }

  /** @param take instead of the beginning of the answer, all of it, as it comes; what it throws ends the request */
  private exchange(
    method: string,
    path: string,
    body: string | null,
    take?: (chunk: Buffer) => void,
  ): Promise<{ status: number; text: string }> {
    const { url, timeoutMs, ca } = this.options;
    return new Promise((resolve, reject) => {
      const send = url.protocol === "https:" ? requestHttps : requestHttp;
      const content = body === null ? null : Buffer.from(body);
      const headers =
        content === null
          ? {}
          : { "content-type": "text/plain; version=0.0.4", "content-length": content.length };
      const options = {
        method,
        path,
        headers,
        hostname: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port,
        agent: false as const,
      };
      const request = send(ca === undefined || ca === null ? options : { ...options, ca }, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (take !== undefined) {
            try {
              take(chunk);
            } catch (error) {
              request.destroy(error instanceof Error ? error : new Error(String(error)));
            }
            return;
          }
          if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      request.on("error", reject);
      request.on("close", () => clearTimeout(timer));
      request.end(content ?? undefined);
    });
  }
}

function basePath(url: URL): string {
  return url.pathname.replace(/\/+$/, "");
}

/** Values that a path segment cannot carry, or that a path would resolve, travel in base64. */
function formatLabel([name, value]: readonly [string, string]): string {
  if (!/^[\x21-\x7e]+$/.test(value) || value.includes("/") || /^\.+$/.test(value)) {
    const encoded = Buffer.from(value).toString("base64url");
    return `${encodeURIComponent(name)}@base64/${encoded === "" ? "=" : encoded}`;
  }
  return `${encodeURIComponent(name)}/${encodeURIComponent(value)}`;
}

/** Whether both keys name one group: the order of labels does not matter to the gateway. */
export function isSameGroup(a: GroupingKey, b: GroupingKey): boolean {
  const normal = (key: GroupingKey): string => JSON.stringify([...key].sort(([x], [y]) => (x < y ? -1 : 1)));
  return normal(a) === normal(b);
}
