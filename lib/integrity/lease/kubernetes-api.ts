/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#without-using-a-proxy */
import { Agent, request } from "node:https";
import { printable } from "../../core/printable";
import { isObject } from "../../oci/descriptor";
import type { AccountFiles } from "./service-account";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body: object | null;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Gives up sooner. */
  readonly signal: AbortSignal | null;
}

export interface ApiFailure {
  readonly kind: "failed";
  /** `no_account`: there is no token or no CA, so that nothing was asked. */
  readonly reason: "no_account" | "unreachable" | "timeout" | "bad_answer";
  readonly detail: string;
}

export type ApiAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown }
  | ApiFailure;

export interface KubernetesApiOptions {
  readonly host: string;
  readonly port: number;
  /** Called for each request. */
  readonly readAccount: () => Promise<AccountFiles>;
}

/** A Lease has a few hundred bytes, and what others write into its metadata. */
const MAX_BODY_BYTES = 256 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/** The API of the cluster that a pod is in, by its own account: always verified, no redirect followed, nothing throws. */
export class KubernetesApi {
  private agent: { readonly ca: string; readonly agent: Agent } | null = null;

  constructor(private readonly options: KubernetesApiOptions) {}

  async send(what: ApiRequest): Promise<ApiAnswer> {
    let account: AccountFiles;
    try {
      account = await this.options.readAccount();
    } catch (error) {
      const fix =
        "Mount the token of a service account (automountServiceAccountToken, or a projected volume)";
      return { kind: "failed", reason: "no_account", detail: `${messageOf(error)}. ${fix}` };
    }
    if (what.timeoutMs <= 0 || what.signal?.aborted === true) return late(what);
    try {
      return await this.exchange(what, account);
    } catch (error) {
      // An authority that is none.
      return { kind: "failed", reason: "unreachable", detail: `${nameOf(what)}: ${messageOf(error)}` };
    }
  }

  close(): void {
    this.agent?.agent.destroy();
    this.agent = null;
  }

  private exchange(what: ApiRequest, { token, ca }: AccountFiles): Promise<ApiAnswer> {
    const { host, port } = this.options;
    const body = what.body === null ? null : Buffer.from(JSON.stringify(what.body));
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const sent = request({
        ...{ host, port, method: what.method, path: what.path, agent: this.agentFor(ca) },
        maxHeaderSize: MAX_HEADER_BYTES,
        headers: {
          Accept: "application/json",
          Authorization: `Bearer ${token}`,
          ...(body === null ? {} : { "Content-Type": "application/json", "Content-Length": body.length }),
        },
      });
      const finish = (answer: ApiAnswer, isReusable = false): void => {
        clearTimeout(timer);
        what.signal?.removeEventListener("abort", giveUp);
        if (!isReusable) sent.destroy();
        resolve(answer);
      };
      const giveUp = (): void => finish(late(what));
      const timer = setTimeout(giveUp, what.timeoutMs);
      what.signal?.addEventListener("abort", giveUp);
      const broken = (error: unknown): void =>
        finish({ kind: "failed", reason: "unreachable", detail: `${nameOf(what)}: ${messageOf(error)}` });
      sent.on("error", broken);
      sent.on("response", (response) => {
        response.on("error", broken);
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) finish(bad(what, `has more than ${MAX_BODY_BYTES} bytes`));
          else chunks.push(chunk);
        });
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (!response.complete) return broken(new Error("the answer broke off"));
          // What a refusal says beyond its status is not needed, and may be text.
          if (status >= 400) return finish({ kind: "answer", status, body: null }, true);
          if (status >= 300 || status < 200) return finish(bad(what, `is ${status}`));
          const parsed = parse(Buffer.concat(chunks));
          finish(
            parsed === undefined ? bad(what, "is no JSON") : { kind: "answer", status, body: parsed },
            true,
          );
        });
      });
      sent.end(body ?? undefined);
    });
  }

  /** A rotated authority takes a new one: an agent's connections were made under the old. */
  private agentFor(ca: string): Agent {
    if (this.agent?.ca === ca) return this.agent.agent;
    this.agent?.agent.destroy();
    const agent = new Agent({ ca, keepAlive: true, maxSockets: 1 });
    this.agent = { ca, agent };
    return agent;
  }
}

function nameOf({ method, path }: ApiRequest): string {
  return `${method} ${path}`;
}

function late(what: ApiRequest): ApiFailure {
  return { kind: "failed", reason: "timeout", detail: `${nameOf(what)}: no answer in time` };
}

function bad(what: ApiRequest, how: string): ApiFailure {
  return { kind: "failed", reason: "bad_answer", detail: `${nameOf(what)}: the answer ${how}` };
}

function parse(body: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return parsed;
  } catch {
    return undefined;
  }
}

/** Several addresses tried in vain give one error that has a code and no words. */
function messageOf(error: unknown): string {
  if (!isObject(error)) return printable(String(error), 200);
  const { message, code } = error;
  return printable(String(typeof message === "string" && message !== "" ? message : code), 200);
}
