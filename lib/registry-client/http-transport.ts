import { RegistryError } from "./answers";
import type { HttpRequest, Reply } from "./http-message";
import type { Origin, Target } from "./origin";
import { AT_ONCE } from "./rate-limiter";
import { StopSwitch } from "./stop-switch";
import type { Transport, TransportOptions, TransportStats } from "./transport";
import { ConnectionPool } from "./wire/connection-pool";
import { createDial, type Dial } from "./wire/dial";
import { Exchange, type ExchangeContext } from "./wire/exchange";
import { LargeBodies } from "./wire/large-bodies";

/** Origins besides the registry's own to which idle connections are kept. */
const MAX_OTHER_ORIGINS = 16;

/** HTTP/1.1 over sockets: a deadline, a pool for each origin, and an end to all at once. */
export class HttpTransport implements Transport {
  readonly stats: TransportStats = { requests: 0, throttled: 0, bytes: 0 };
  /** Epoch milliseconds at which the certificate that the registry showed last expires. */
  tlsNotAfter: number | null = null;
  private readonly dial: Dial;
  private readonly own: ConnectionPool;
  private readonly others = new Map<string, ConnectionPool>();
  private readonly context: ExchangeContext;
  private readonly end: StopSwitch;

  constructor(private readonly options: TransportOptions) {
    const { stats } = this;
    this.dial = createDial(options);
    this.own = this.createPool(options.origin, (notAfterMs) => {
      this.tlsNotAfter = notAfterMs;
    });
    this.context = {
      timeoutMs: options.timeoutMs,
      largeBodies: new LargeBodies(),
      onAnswer: (isThrottled) => {
        if (!isThrottled) return;
        stats.throttled += 1;
        options.onThrottled?.();
      },
      onBytes: (count) => {
        stats.bytes += count;
      },
    };
    this.end = new StopSwitch(options.signal, (error) => {
      for (const pool of [this.own, ...this.others.values()]) pool.close(error);
    });
  }

  /**
   * The answer, whatever its status. A body that ended early is an answer too (`end: "cut"`).
   * @throws RegistryError timeout, unreachable, tls, bad_response or budget_spent
   */
  send(target: Target, request: HttpRequest): Promise<Reply> {
    if (this.end.error !== null) return Promise.reject(this.end.error);
    const turn = this.options.acquire?.() ?? AT_ONCE;
    if (turn === AT_ONCE) return this.exchange(target, request);
    return this.abortable(() => turn).then(() => this.exchange(target, request));
  }

  abortable(start: () => Promise<void>): Promise<void> {
    return this.end.abortable(start);
  }

  close(): void {
    this.end.stop(new RegistryError("unreachable", "the client was closed"));
  }

  private exchange(target: Target, request: HttpRequest): Promise<Reply> {
    if (this.end.error !== null) return Promise.reject(this.end.error);
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(target, request, this.context, resolve, reject);
      this.stats.requests += 1;
      this.poolOf(target.origin).carry(exchange);
    });
  }

  private poolOf(origin: Origin): ConnectionPool {
    if (origin.key === this.options.origin.key) return this.own;
    const found = this.others.get(origin.key);
    if (found !== undefined) return found;
    if (this.others.size >= MAX_OTHER_ORIGINS) this.forgetIdle();
    const pool = this.createPool(origin, () => undefined);
    this.others.set(origin.key, pool);
    return pool;
  }

  private forgetIdle(): void {
    for (const [key, pool] of this.others) {
      if (!pool.isIdle) continue;
      pool.close(null);
      this.others.delete(key);
    }
  }

  private createPool(origin: Origin, onCertificate: (notAfterMs: number) => void): ConnectionPool {
    const { concurrency } = this.options;
    const pool: ConnectionPool = new ConnectionPool({
      dial: this.dial,
      origin,
      size: concurrency,
      onCertificate,
      onStale: (stale) => this.repeat(pool, stale),
    });
    return pool;
  }

  /** Sends once more, on a connection that is new, what a server that closed an idle one has not seen. */
  private repeat(pool: ConnectionPool, stale: Exchange): void {
    const again = (): void => {
      this.stats.requests += 1;
      pool.repeat(stale);
    };
    const turn = (): Promise<void> => this.options.acquire?.() ?? AT_ONCE;
    this.abortable(turn).then(again, (error: unknown) => stale.fail(error));
  }
}
