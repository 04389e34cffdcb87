import { RegistryError } from "../../lib/registry-client/answers";
import {
  DROP_BODY,
  type HttpRequest,
  isSuccess,
  isThrottled,
  keepBody,
  MAX_ERROR_BODY_BYTES,
  type Reply,
} from "../../lib/registry-client/http-message";
import { redactTarget, type Target } from "../../lib/registry-client/origin";
import { StopSwitch } from "../../lib/registry-client/stop-switch";
import type { Transport, TransportOptions, TransportStats } from "../../lib/registry-client/transport";
import type { RequestKind, ServiceModel } from "./service-model";
import type { Answer, SimulatedRegistry } from "./simulated-registry";
import type { VirtualClock } from "./virtual-clock";

/** What all walkers of one registry share. */
export interface SimulatedWorld {
  readonly clock: VirtualClock;
  readonly registry: SimulatedRegistry;
  readonly service: ServiceModel;
}

const EMPTY = Buffer.alloc(0);
const ERROR_BODY = keepBody(MAX_ERROR_BODY_BYTES);

/** Carries requests to a simulated registry in virtual time, one a connection. */
export class SimulatedTransport implements Transport {
  readonly stats: TransportStats = { requests: 0, throttled: 0, bytes: 0 };
  readonly tlsNotAfter = null;
  readonly byKind: Record<RequestKind, number> = { list: 0, manifest: 0, head: 0, range: 0 };
  private readonly end: StopSwitch;
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private walkerFreeAtMs = 0;

  constructor(
    private readonly world: SimulatedWorld,
    private readonly options: TransportOptions & { readonly concurrency: number },
  ) {
    this.free = options.concurrency;
    this.end = new StopSwitch(options.signal, () => {
      this.waiting.length = 0;
    });
  }

  async send(target: Target, request: HttpRequest): Promise<Reply> {
    if (this.options.acquire !== null) await this.end.abortable(this.options.acquire);
    if (this.end.error !== null) throw this.end.error;
    this.stats.requests++;
    this.byKind[kindOf(target, request)]++;
    return new Promise((resolve, reject) => {
      this.end.remember(reject);
      const begin = (): void => this.exchange(target, request, resolve, reject);
      if (this.free > 0) {
        this.free--;
        begin();
      } else this.waiting.push(begin);
    });
  }

  abortable(start: () => Promise<void>): Promise<void> {
    return this.end.abortable(start);
  }

  close(): void {
    this.end.stop(new RegistryError("unreachable", "the client was closed"));
  }

  private exchange(
    target: Target,
    request: HttpRequest,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ): void {
    const { clock, service } = this.world;
    const { roundTripMs, throttle, costs } = service.options;
    const fate = service.fate(clock.now());
    const settle = (atMs: number, done: () => void): void => {
      clock.after(atMs - clock.now(), () => {
        if (!this.end.forget(reject)) return;
        this.release();
        done();
      });
    };
    const soon = clock.now() + roundTripMs;
    const fail = (code: "timeout" | "unreachable", what: string) => (): void =>
      reject(
        new RegistryError(code, `${request.method} ${redactTarget(target)}: ${what}`, { retryable: true }),
      );
    if (fate === "silent") {
      const { timeoutMs } = this.options;
      settle(clock.now() + timeoutMs, fail("timeout", `no whole answer within ${timeoutMs} ms`));
    } else if (fate === "reset") settle(soon, fail("unreachable", "socket hang up (ECONNRESET)"));
    else if (fate === "server_error") settle(soon, () => resolve(this.deliver(target, request, BAD_GATEWAY)));
    else if (fate === "throttled" && throttle !== null) {
      const headers = { "retry-after": `${throttle.retryAfterSeconds}`, "content-length": "0" };
      const answer = { status: throttle.status, headers, body: EMPTY };
      settle(soon, () => resolve(this.deliver(target, request, answer)));
    } else {
      const answeredAtMs = service.answeredAtMs(kindOf(target, request), clock.now());
      // The walker is one thread: what comes meanwhile waits.
      this.walkerFreeAtMs = Math.max(answeredAtMs, this.walkerFreeAtMs) + costs.walkerMs;
      settle(this.walkerFreeAtMs, () => {
        const answer = this.world.registry.answer(target.path, request);
        resolve(this.deliver(target, request, answer));
      });
    }
  }

  private release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free++;
    else next();
  }

  /** The answer as the plan of the request wants it, as HttpTransport does. */
  private deliver(target: Target, request: HttpRequest, answer: Answer): Reply {
    const { status, headers } = answer;
    const head = { status, headers };
    if (isThrottled(head)) {
      this.stats.throttled++;
      this.options.onThrottled?.();
    }
    const plan = isSuccess(head) ? request.planBody(head) : status === 416 ? DROP_BODY : ERROR_BODY;
    if (request.method === "HEAD") return { ...head, target, body: EMPTY, bytes: 0, end: "complete" };
    if (plan.maxBytes < 0) return { ...head, target, body: EMPTY, bytes: 0, end: "stopped" };
    const { body } = answer;
    plan.hash?.update(body);
    this.stats.bytes += body.length;
    const end = body.length > plan.maxBytes ? "stopped" : answer.isCut === true ? "cut" : "complete";
    return { ...head, target, body: plan.keep ? body : EMPTY, bytes: body.length, end };
  }
}

const BAD_GATEWAY: Answer = { status: 502, headers: { "content-length": "0" }, body: EMPTY };

/** What kind of work a request is for the registry. */
export function kindOf(target: Target, request: HttpRequest): RequestKind {
  const { path } = target;
  if (path.startsWith("/v2/_catalog") || path.includes("/tags/list")) return "list";
  if (path.includes("/manifests/")) return "manifest";
  return request.method === "HEAD" ? "head" : "range";
}
