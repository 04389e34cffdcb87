import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Origin } from "../origin";
import type { Dial } from "./dial";
import type { Exchange } from "./exchange";
import { NotHttpError } from "./not-http-error";
import { ResponseReader } from "./response-reader";
import { sendBody } from "./send-body";

/** Whoever keeps the connections. */
export interface ConnectionOwner {
  /** The connection may carry another exchange. */
  onIdle(connection: Connection): void;
  /** The connection is at its end, and carries nothing. */
  onGone(connection: Connection): void;
  /** A kept connection ended before the first byte of an answer: the server had closed it meanwhile. */
  onStale(exchange: Exchange): void;
  /** Epoch milliseconds at which the certificate just shown expires. */
  onCertificate(notAfterMs: number): void;
}

const READ_BYTES = 64 * 1024;
/** So much earlier than the server said, an idle connection is closed by us: so it does not close in our face. */
const KEEP_ALIVE_MARGIN_S = 1;

/** One socket, and the exchange that it carries. */
export class Connection {
  private readonly socket: Socket;
  /** All that comes is read into it, and copied where it is kept. */
  private readonly buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  private readonly reader = new ResponseReader();
  private exchange: Exchange | null = null;
  private isOpen = false;
  private isGone = false;
  private hasServed = false;
  private isSending = false;
  private timer: NodeJS.Timeout | null = null;
  private armedMs = 0;

  constructor(
    dial: Dial,
    origin: Origin,
    private readonly owner: ConnectionOwner,
  ) {
    const socket = dial(origin, { buffer: this.buffer, callback: (count) => this.onRead(count) });
    this.socket = socket;
    socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", () => this.onOpen());
    socket.on("error", (error) => this.onLost(error));
    socket.on("end", () => this.onEnd());
    socket.on("close", () => this.onLost(hangUp()));
  }

  /** Only for a connection that is new or idle. */
  carry(exchange: Exchange): void {
    this.exchange = exchange;
    this.reader.begin(exchange, exchange.request.method === "HEAD");
    this.arm(exchange.allowedMs);
    if (this.hasServed) this.socket.ref();
    if (this.isOpen) this.write(exchange);
  }

  /** Ends it, and what it carries by `error`. */
  destroy(error: unknown): void {
    const { exchange } = this;
    this.drop();
    exchange?.fail(error);
  }

  private onOpen(): void {
    const { socket } = this;
    this.isOpen = true;
    if (socket instanceof TLSSocket) {
      const notAfterMs = Date.parse(socket.getPeerCertificate().valid_to);
      if (!Number.isNaN(notAfterMs)) this.owner.onCertificate(notAfterMs);
    }
    if (this.exchange !== null) this.write(this.exchange);
  }

  private write(exchange: Exchange): void {
    const { body } = exchange.request;
    const { socket } = this;
    if (body === null) {
      socket.write(exchange.head, "latin1");
      return;
    }
    this.isSending = true;
    sendBody(socket, exchange.head, body).then(
      () => {
        if (this.exchange === exchange) this.isSending = false;
      },
      (error: unknown) => {
        if (this.exchange !== exchange) return;
        this.drop();
        exchange.failAsIs(error);
      },
    );
  }

  /** @returns whether to read on */
  private onRead(count: number): boolean {
    const { exchange, reader } = this;
    if (exchange === null) {
      // Nobody asked for it.
      this.drop();
      return false;
    }
    try {
      reader.feed(this.buffer, count);
    } catch (error) {
      this.drop();
      if (error instanceof NotHttpError) exchange.fail(error);
      else exchange.failAsIs(error);
      return false;
    }
    if (exchange.isStopped) {
      this.drop();
      exchange.finish("stopped");
      return false;
    }
    // The head may have told that the body is long.
    if (exchange.allowedMs !== this.armedMs) this.arm(exchange.allowedMs);
    if (exchange.drained !== null) {
      this.waitForSink(exchange, exchange.drained);
      return false;
    }
    // What TLS had taken apart already comes while nothing more is read.
    if (exchange.awaitsTurn) return false;
    if (reader.isDone) this.complete(exchange);
    return !this.isGone;
  }

  private waitForSink(exchange: Exchange, drained: Promise<void>): void {
    exchange.drained = null;
    const { awaitsTurn } = exchange;
    if (awaitsTurn) this.disarm();
    drained.then(
      () => {
        if (this.exchange !== exchange) return;
        if (awaitsTurn) this.arm(exchange.allowedMs);
        if (this.reader.isDone) this.complete(exchange);
        this.socket.resume();
      },
      () => {
        if (this.exchange !== exchange) return;
        this.drop();
        exchange.finish("stopped");
      },
    );
  }

  private complete(exchange: Exchange): void {
    // An answer may come before the body has gone out whole: the rest of it is of no use to anyone.
    if (this.reader.isReusable && !this.isSending && !this.socket.destroyed) this.rest();
    else this.drop();
    exchange.finish("complete");
  }

  private rest(): void {
    this.exchange = null;
    this.reader.rest();
    this.hasServed = true;
    this.socket.unref();
    this.timer?.unref();
    const seconds = this.reader.keepAliveSeconds;
    if (seconds !== null && seconds <= KEEP_ALIVE_MARGIN_S) this.drop();
    else if (seconds !== null) this.arm((seconds - KEEP_ALIVE_MARGIN_S) * 1000);
    if (!this.isGone) this.owner.onIdle(this);
  }

  private onEnd(): void {
    const { exchange } = this;
    if (exchange !== null && this.reader.finish() && exchange.drained === null) this.complete(exchange);
    else this.onLost(hangUp());
  }

  private onLost(error: unknown): void {
    const { exchange, reader, hasServed } = this;
    this.drop();
    if (exchange === null || exchange.isOver) return;
    if (exchange.hasAnswer) exchange.cut(error);
    else if (hasServed && !reader.hasBegun && exchange.mayRepeat) this.owner.onStale(exchange);
    else exchange.fail(error);
  }

  private onTimer(): void {
    const { exchange } = this;
    this.timer = null;
    if (exchange === null && this.reader.keepAliveSeconds === null) return;
    this.drop();
    exchange?.timeout();
  }

  /** One timer for all exchanges of a connection; while it rests, it holds up nobody. */
  private arm(ms: number): void {
    if (this.timer !== null && this.armedMs === ms) {
      this.timer.refresh();
    } else {
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = setTimeout(() => this.onTimer(), ms);
      this.armedMs = ms;
    }
    if (this.exchange === null) this.timer.unref();
    else this.timer.ref();
  }

  private disarm(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private drop(): void {
    this.exchange = null;
    if (this.isGone) return;
    this.isGone = true;
    this.disarm();
    this.socket.destroy();
    this.owner.onGone(this);
  }
}

function hangUp(): Error {
  return Object.assign(new Error("the connection ended before an answer"), { code: "ECONNRESET" });
}
