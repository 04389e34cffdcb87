import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { type Agents, createAgents } from "./agents";
import { RegistryError } from "./answers";
import {
  DROP_BODY,
  extraMsFor,
  type HttpRequest,
  isSuccess,
  isThrottled,
  keepBody,
  MAX_ERROR_BODY_BYTES,
  type Reply,
} from "./http-message";
import { redactTarget, type Target } from "./origin";
import { sendBody } from "./send-body";
import type { Transport, TransportOptions, TransportStats } from "./transport";
import { transportError } from "./transport-error";

type Fail = (error: unknown) => void;

const NO_BODY = Buffer.alloc(0);
const ERROR_BODY = keepBody(MAX_ERROR_BODY_BYTES);

/** One request, one answer: a deadline, the pools, and an end to all at once. Neither retries nor redirects. */
export class HttpTransport implements Transport {
  readonly stats: TransportStats = { requests: 0, throttled: 0, bytes: 0 };
  /** Epoch milliseconds at which the certificate that the registry showed last expires. */
  tlsNotAfter: number | null = null;
  private readonly agents: Agents;
  private readonly pending = new Set<Fail>();
  private stopped: RegistryError | null = null;
  private readonly onAbort = (): void => this.stop(budgetSpent());

  constructor(private readonly options: TransportOptions) {
    this.agents = createAgents(options);
    if (options.signal?.aborted) this.stopped = budgetSpent();
    else options.signal?.addEventListener("abort", this.onAbort, { once: true });
  }

  /**
   * The answer, whatever its status. A body that ended early is an answer too (`end: "cut"`).
   * @throws RegistryError timeout, unreachable, tls, bad_response or budget_spent
   */
  async send(target: Target, request: HttpRequest): Promise<Reply> {
    if (this.options.acquire !== null) await this.abortable(this.options.acquire);
    if (this.stopped !== null) throw this.stopped;
    this.stats.requests += 1;
    return this.exchange(target, request);
  }

  /** The promise that `start` makes, or the error that ends all, whichever is first. */
  abortable(start: () => Promise<void>): Promise<void> {
    if (this.stopped !== null) return Promise.reject(this.stopped);
    return new Promise((resolve, reject) => {
      this.pending.add(reject);
      const settle = (): void => {
        this.pending.delete(reject);
        resolve();
      };
      start().then(settle, (error: unknown) => {
        this.pending.delete(reject);
        reject(this.stopped ?? error);
      });
    });
  }

  close(): void {
    this.stop(new RegistryError("unreachable", "the client was closed"));
  }

  private stop(error: RegistryError): void {
    this.stopped ??= error;
    this.options.signal?.removeEventListener("abort", this.onAbort);
    for (const fail of [...this.pending]) fail(this.stopped);
    for (const agent of [this.agents.own, this.agents.http, this.agents.https]) agent.destroy();
  }

  private exchange(target: Target, request: HttpRequest): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = (target.origin.scheme === "https" ? requestHttps : requestHttp)(
        this.requestOptions(target, request),
      );
      let timer: NodeJS.Timeout | undefined;
      let isSettled = false;
      const settle = (): boolean => {
        if (isSettled) return false;
        isSettled = true;
        clearTimeout(timer);
        this.pending.delete(fail);
        return true;
      };
      const fail: Fail = (error) => {
        if (!settle()) return;
        reject(error);
        outgoing.destroy();
      };
      this.pending.add(fail);
      const allow = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(timeoutError(target, request, ms)), ms);
      };
      outgoing.on("socket", (socket) => {
        if (isSettled) return;
        const { body } = request;
        const extraMs = body === null || Buffer.isBuffer(body) ? 0 : extraMsFor(body.size);
        allow(this.options.timeoutMs + extraMs);
        if (!outgoing.reusedSocket) this.watchCertificate(target, socket);
      });
      outgoing.on("error", (error) => fail(transportError(error, subjectOf(target, request))));
      outgoing.on("response", (response) => {
        const extraMs = this.receive(target, request, response, (reply) => {
          if (!settle()) return;
          resolve(reply);
          // An answer may come before the body has gone out whole: the rest of it is of no use to anyone.
          if (reply.end === "stopped" || !outgoing.writableEnded) outgoing.destroy();
        });
        if (extraMs > 0 && !isSettled) allow(this.options.timeoutMs + extraMs);
      });
      sendBody(outgoing, request.body, fail);
    });
  }

  /** @returns how much longer than the time-out the body may take */
  private receive(
    target: Target,
    request: HttpRequest,
    response: IncomingMessage,
    done: (reply: Reply) => void,
  ): number {
    const { headers } = response;
    const status = response.statusCode ?? 0;
    const head = { status, headers };
    if (isThrottled(head)) {
      this.stats.throttled += 1;
      this.options.onThrottled?.();
    }
    let bytes = 0;
    const chunks: Buffer[] = [];
    let isOver = false;
    const finish = (end: Reply["end"]): void => {
      if (isOver) return;
      isOver = true;
      const [first] = chunks;
      const body = first === undefined ? NO_BODY : chunks.length === 1 ? first : Buffer.concat(chunks);
      done({ target, status, headers, body, bytes, end });
    };
    // After a cut the answer ends with an error and a close; the close says it all.
    response.on("error", () => undefined);
    response.on("close", () => finish("cut"));
    const plan = isSuccess(head) ? request.planBody(head) : status === 416 ? DROP_BODY : ERROR_BODY;
    // Also for 416: the distribution registry 2.8 sends it with the blob's length, so its end is not to be awaited.
    if (plan.maxBytes < 0 && request.method !== "HEAD") {
      finish("stopped");
      return 0;
    }
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      this.stats.bytes += chunk.length;
      plan.hash?.update(chunk);
      if (plan.keep) chunks.push(chunk);
      if (bytes > plan.maxBytes) finish("stopped");
      else if (plan.sink !== undefined) {
        response.pause();
        plan.sink(chunk).then(
          () => response.resume(),
          () => finish("stopped"),
        );
      }
    });
    response.on("end", () => finish("complete"));
    return plan.extraMs ?? 0;
  }

  private requestOptions(target: Target, request: HttpRequest): RequestOptions {
    const { origin } = target;
    const isOwn = origin.key === this.options.origin.key;
    const address = isOwn ? this.options.address : null;
    return {
      agent: isOwn ? this.agents.own : origin.scheme === "https" ? this.agents.https : this.agents.http,
      host: address?.host ?? origin.hostname,
      port: address?.port ?? origin.port,
      method: request.method,
      path: target.path,
      headers: ["Host", origin.host, ...request.headers],
    };
  }

  private watchCertificate(target: Target, socket: Socket): void {
    if (!(socket instanceof TLSSocket) || target.origin.key !== this.options.origin.key) return;
    socket.once("secureConnect", () => {
      const notAfter = Date.parse(socket.getPeerCertificate().valid_to);
      if (!Number.isNaN(notAfter)) this.tlsNotAfter = notAfter;
    });
  }
}

function timeoutError(target: Target, request: HttpRequest, ms: number): RegistryError {
  const what = `${subjectOf(target, request)}: no whole answer within ${ms} ms`;
  return new RegistryError("timeout", what, { retryable: true });
}

function subjectOf(target: Target, request: HttpRequest): string {
  return `${request.method} ${redactTarget(target)}`;
}

function budgetSpent(): RegistryError {
  return new RegistryError("budget_spent", "the time given to the whole walk is spent", { retryable: true });
}
