/** https://kubernetes.io/docs/reference/using-api/api-concepts/ */

import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import type { JsonObject } from "../../../lib/oci/descriptor";
import { isObject } from "../../../lib/oci/descriptor";
import { listAt, textAt } from "./json";

const TIMEOUT_MS = 15_000;

export interface ApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** Bearer token. */
  readonly token: string;
  /** PEM; the server's certificate is always verified. */
  readonly ca: string;
}

/** How a patch is read: `apply` wants a field manager and forces its fields. */
export type PatchKind = "merge" | "strategic" | "json" | "apply";

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  // JSON is YAML too.
  apply: "application/apply-patch+yaml",
};

export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject;
}

/** What the API server answered with instead: `reason` is its own word, as NotFound or Conflict. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Paths as `/api/v1/namespaces/default/pods/a`; every answer is an object, or an ApiError. */
export class ApiClient {
  private readonly agent: Agent;

  constructor(private readonly server: ApiServer) {
    this.agent = new Agent({ keepAlive: true, ca: server.ca, maxSockets: 16 });
  }

  get(path: string): Promise<JsonObject> {
    return this.send("GET", path);
  }

  /** Null where there is no such object. */
  async find(path: string): Promise<JsonObject | null> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** @param selector as `fieldSelector` or `labelSelector` */
  async list(path: string, selector: Readonly<Record<string, string>> = {}): Promise<readonly JsonObject[]> {
    return listAt(await this.send("GET", withQuery(path, selector)), "items").filter(isObject);
  }

  create(path: string, object: JsonObject): Promise<JsonObject> {
    return this.send("POST", path, object);
  }

  patch(path: string, kind: PatchKind, patch: unknown, fieldManager = "tallyman-e2e"): Promise<JsonObject> {
    const query = kind === "apply" ? { fieldManager, force: "true" } : { fieldManager };
    return this.send("PATCH", withQuery(path, query), patch, PATCH_TYPES[kind]);
  }

  /** Nothing is said of an object that is gone already. @param options `gracePeriodSeconds`, `preconditions` and such */
  async delete(path: string, options: JsonObject = {}): Promise<void> {
    try {
      await this.send("DELETE", path, { apiVersion: "v1", kind: "DeleteOptions", ...options });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** What happens to a list, first as ADDED what is there; ends with the signal or when the server ends it. */
  async *watch(
    path: string,
    signal: AbortSignal,
    selector: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<WatchEvent> {
    const target = withQuery(path, { ...selector, watch: "true", allowWatchBookmarks: "false" });
    const answer = await this.open("GET", target, null, "", signal);
    try {
      if (answer.statusCode !== 200) throw toError(answer.statusCode ?? 0, await readText(answer), path);
      for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
        const event: unknown = JSON.parse(line);
        const type = textAt(event, "type");
        const object = isObject(event) ? event.object : null;
        if (type !== null && isObject(object)) yield { type, object };
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async send(
    method: string,
    path: string,
    body: unknown = null,
    contentType = "application/json",
  ): Promise<JsonObject> {
    const answer = await this.open(method, path, body, contentType, AbortSignal.timeout(TIMEOUT_MS));
    const text = await readText(answer);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw toError(status, text, `${method} ${path}`);
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) throw new ApiError(status, "NoObject", `${method} ${path} answered no object`);
    return value;
  }

  private open(
    method: string,
    path: string,
    body: unknown,
    contentType: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const text = body === null ? "" : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${this.server.token}`,
      ...(body === null ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.server.url), { method, headers, agent: this.agent, signal });
      sent.on("response", resolve);
      sent.on("error", reject);
      sent.end(text);
    });
  }
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  if (text === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function toError(status: number, text: string, what: string): ApiError {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy, or a server about to end: its status says enough.
  }
  const reason = textAt(body, "reason") ?? "";
  return new ApiError(status, reason, `${what}: ${status} ${textAt(body, "message") ?? text.slice(0, 200)}`);
}
