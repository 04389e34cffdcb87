import { printable } from "../core/printable";
import { Authorizer } from "./authorizer";
import type { Credentials } from "./credentials";
import { contentLength, type HttpRequest, isSuccess, type Reply } from "./http-message";
import { HttpTransport } from "./http-transport";
import { localScope } from "./local-scope";
import { redactTarget } from "./origin";
import { type RedirectRules, redirectTarget, sendFollowing } from "./redirect";
import { bad, checkSuccess, cutError } from "./refusal";
import { Retrier } from "./retrier";
import type { Transport, TransportOptions } from "./transport";

export interface SessionOptions extends TransportOptions {
  readonly credentials: Credentials | null;
  readonly tokenHosts: readonly string[];
  readonly retries: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  /** Each message is given once. */
  readonly warn: (message: string) => void;
  /** @default over sockets */
  readonly openTransport?: (options: TransportOptions) => Transport;
}

/**
 * What a success cut short is: a failed connection, tried again like one (`fail`); that only where no Content-Length
 * proves by how much (`fail_unmeasured`); or a reply like others (`tell`).
 */
export type CutPolicy = "fail" | "fail_unmeasured" | "tell";

/** A request to the registry, with all that stands around it: credentials, redirects, retries. */
export class RegistrySession {
  readonly transport: Transport;
  private readonly retrier: Retrier;
  private readonly authorizer: Authorizer;
  private readonly send: Transport["send"];
  private readonly rules: RedirectRules;
  private readonly warned = new Set<string>();

  constructor(private readonly options: SessionOptions) {
    const { origin, retries, now, random, credentials, tokenHosts } = options;
    const transport = options.openTransport?.(options) ?? new HttpTransport(options);
    this.transport = transport;
    const signal = options.signal ?? undefined;
    this.retrier = new Retrier({
      retries,
      now,
      random,
      sleep: (ms) => transport.abortable(() => options.sleep(ms, signal)),
    });
    this.send = (target, request) => transport.send(target, request);
    this.rules = { origin, scope: localScope(origin.hostname) };
    this.authorizer = new Authorizer({
      origin,
      credentials,
      tokenHosts,
      now,
      warn: (message) => this.warnOnce(message),
      send: (realm, request, authorization) => {
        const rules = { origin: realm.origin, scope: this.rules.scope };
        return this.retrier.run(() =>
          sendFollowing(this.send, realm, request, authorization, rules, ACCEPT.fail),
        );
      },
    });
  }

  /**
   * @param path path and query below the registry's origin
   * @param scope what a token is asked for, as `repository:<name>:pull`; null never authenticates
   * @throws RegistryError when there is no answer; every status but a throttled or failed connection's is a reply
   */
  async request(path: string, request: HttpRequest, scope: string | null, cut: CutPolicy): Promise<Reply> {
    const target = { origin: this.options.origin, path };
    const attempt = (authorization: string | null): Promise<Reply> =>
      sendFollowing(this.send, target, request, authorization, this.rules, ACCEPT[cut]);
    const run = (authorization: string | null): Promise<Reply> =>
      request.isOnce === true ? attempt(authorization) : this.retrier.run(() => attempt(authorization));
    const ahead = scope === null ? null : this.authorizer.ahead(scope);
    const authorization = typeof ahead === "string" || ahead === null ? ahead : await ahead;
    let reply = await run(authorization);
    if (scope !== null && reply.status === 401 && reply.target.origin.key === this.options.origin.key) {
      const header = reply.headers["www-authenticate"];
      const next = await this.authorizer.answer(scope, header, authorization);
      if (next !== null) {
        reply = await run(next);
        if (reply.status !== 401) this.authorizer.confirm(next);
      }
    }
    checkSuccess(reply);
    return reply;
  }

  /**
   * Path and query of the Location at which a request goes on.
   * @throws RegistryError bad_response for another host: it gets neither what we send nor our credentials
   */
  locationOf(reply: Reply): string {
    const next = redirectTarget(reply.target, reply.headers.location, this.rules.scope);
    if (next.origin.key === this.options.origin.key) return next.path;
    throw bad(reply, `and goes on at another host (${redactTarget(next)}), which is not followed`);
  }

  private warnOnce(message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.options.warn(printable(message, 400));
  }
}

const ACCEPT: Readonly<Record<CutPolicy, (reply: Reply) => Reply>> = {
  fail: (reply) => passCut(reply, true),
  fail_unmeasured: (reply) => passCut(reply, false),
  tell: (reply) => reply,
};

function passCut(reply: Reply, isMeasuredCutRefused: boolean): Reply {
  if (reply.end !== "cut" || !isSuccess(reply)) return reply;
  if (isMeasuredCutRefused || contentLength(reply) === null) throw cutError(reply);
  return reply;
}
