import type { Origin } from "../origin";
import { Connection, type ConnectionOwner } from "./connection";
import type { Dial } from "./dial";
import type { Exchange } from "./exchange";

export interface PoolOptions {
  readonly dial: Dial;
  readonly origin: Origin;
  /** Connections at once. */
  readonly size: number;
  readonly onCertificate: (notAfterMs: number) => void;
  /** Given an exchange that a connection could not carry, since the server had closed it meanwhile. */
  readonly onStale: (exchange: Exchange) => void;
}

/** Connections to one origin. The one used last is used next; who waits for one is served in turn. */
export class ConnectionPool implements ConnectionOwner {
  private readonly all = new Set<Connection>();
  private readonly idle: Connection[] = [];
  private readonly waiting: Exchange[] = [];

  constructor(private readonly options: PoolOptions) {}

  /** Whether it carries nothing, and nothing waits. */
  get isIdle(): boolean {
    return this.waiting.length === 0 && this.idle.length === this.all.size;
  }

  carry(exchange: Exchange): void {
    const connection = this.idle.pop();
    if (connection !== undefined) connection.carry(exchange);
    else if (this.all.size < this.options.size) this.open(exchange);
    else this.waiting.push(exchange);
  }

  /** Once more, on a new connection, for which an idle one makes room: the server may have closed them all. */
  repeat(exchange: Exchange): void {
    exchange.isRepeated = true;
    if (this.all.size >= this.options.size) this.idle.shift()?.destroy(null);
    if (this.all.size < this.options.size) this.open(exchange);
    else this.waiting.unshift(exchange);
  }

  /** Ends all connections, and by `error` what they carry and what waits. */
  close(error: unknown): void {
    for (const exchange of this.waiting.splice(0)) exchange.fail(error);
    for (const connection of [...this.all]) connection.destroy(error);
  }

  onIdle(connection: Connection): void {
    const [next] = this.waiting;
    if (next === undefined) this.idle.push(connection);
    else if (next.isRepeated) connection.destroy(null);
    else connection.carry(this.waiting.shift() ?? next);
  }

  onGone(connection: Connection): void {
    this.all.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    const next = this.all.size < this.options.size ? this.waiting.shift() : undefined;
    if (next !== undefined) this.open(next);
  }

  onStale(exchange: Exchange): void {
    this.options.onStale(exchange);
  }

  onCertificate(notAfterMs: number): void {
    this.options.onCertificate(notAfterMs);
  }

  private open(exchange: Exchange): void {
    const connection = new Connection(this.options.dial, this.options.origin, this);
    this.all.add(connection);
    connection.carry(exchange);
  }
}
