import { RegistryError } from "../answers";
import {
  type BodyPlan,
  DROP_BODY,
  extraMsFor,
  type HttpRequest,
  isSuccess,
  isThrottled,
  keepBody,
  MAX_ERROR_BODY_BYTES,
  type Reply,
} from "../http-message";
import { redactTarget, type Target } from "../origin";
import { transportError } from "../transport-error";
import { KeptBody } from "./kept-body";
import { LARGE_BODY_BYTES, type LargeBodies } from "./large-bodies";
import { requestHead } from "./request-head";
import type { ResponseHead } from "./response-head";
import type { ResponseHandler } from "./response-reader";

/** What all exchanges of one client share. */
export interface ExchangeContext {
  readonly timeoutMs: number;
  readonly largeBodies: LargeBodies;
  onAnswer(isThrottled: boolean): void;
  onBytes(count: number): void;
}

const NO_BODY = Buffer.alloc(0);
const ERROR_BODY = keepBody(MAX_ERROR_BODY_BYTES);

/** One request on its way to its answer: what becomes of the body, and the promise that waits for it. */
export class Exchange implements ResponseHandler {
  /** The request's head, ready to be written. */
  readonly head: string;
  /** Whether it may be sent once more where a kept connection ended without a word. */
  readonly mayRepeat: boolean;
  /** Sent once more, and so on a connection that is new: such a one gives no reason for a third time. */
  isRepeated = false;
  /** From the moment it has a connection to the last byte, and anew from its turn where it awaits one; milliseconds. */
  allowedMs: number;
  /** Set when the plan's limit ended the body: the connection ends with it. */
  isStopped = false;
  /** Settles when more may be read; null where nothing waits. */
  drained: Promise<void> | null = null;
  /** Its body is large, and others are read before it: that time is not the server's. */
  awaitsTurn = false;
  private hasJoined = false;
  private hasWaited = false;
  private isSettled = false;
  private answer: ResponseHead | null = null;
  private plan: BodyPlan = DROP_BODY;
  private kept: KeptBody | null = null;
  private bytes = 0;

  /** @throws RegistryError for a request that cannot be written */
  constructor(
    readonly target: Target,
    readonly request: HttpRequest,
    private readonly context: ExchangeContext,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const { body, method } = request;
    this.head = requestHead(target, request);
    this.mayRepeat = body === null && (method === "GET" || method === "HEAD");
    this.allowedMs = context.timeoutMs + (body === null || Buffer.isBuffer(body) ? 0 : extraMsFor(body.size));
  }

  get isOver(): boolean {
    return this.isSettled;
  }

  get hasAnswer(): boolean {
    return this.answer !== null;
  }

  onHead(head: ResponseHead): boolean {
    const { request, context } = this;
    this.answer = head;
    context.onAnswer(isThrottled(head));
    this.plan = isSuccess(head) ? request.planBody(head) : head.status === 416 ? DROP_BODY : ERROR_BODY;
    const { extraMs = 0 } = this.plan;
    if (extraMs > 0) this.allowedMs = context.timeoutMs + extraMs;
    // Also for 416: the distribution registry 2.8 sends it with the blob's length, so its end is not to be awaited.
    this.isStopped = this.plan.maxBytes < 0 && request.method !== "HEAD";
    if (this.plan.keep) this.kept = new KeptBody(head.contentLength, this.plan.maxBytes);
    if (this.plan.keep && head.contentLength > LARGE_BODY_BYTES) this.joinLarge();
    return !this.isStopped;
  }

  onBody(bytes: Buffer, start: number, end: number): boolean {
    const { plan } = this;
    const count = end - start;
    this.bytes += count;
    this.context.onBytes(count);
    plan.hash?.update(bytes.subarray(start, end));
    this.kept?.add(bytes, start, end);
    this.isStopped = this.bytes > plan.maxBytes;
    if (this.kept !== null && this.bytes > LARGE_BODY_BYTES) this.joinLarge();
    if (!this.isStopped && plan.sink !== undefined)
      this.pour(Buffer.from(bytes.subarray(start, end)), plan.sink);
    return !this.isStopped;
  }

  /** The answer is over; `cut` where its connection ended before its body did. */
  finish(end: Reply["end"]): void {
    if (this.isSettled || this.answer === null) return;
    this.settle();
    const { status, headers } = this.answer;
    const body = this.kept?.bytes() ?? NO_BODY;
    this.resolve({ target: this.target, status, headers, body, bytes: this.bytes, end });
  }

  /** Its connection ended by `error` with the body under way. */
  cut(error: unknown): void {
    // A server may end what nobody reads for long: that its body is short is proven by one that was not held up.
    if (this.hasWaited) this.fail(error);
    else this.finish("cut");
  }

  /** @param error told as what it means; a RegistryError is told as it is */
  fail(error: unknown): void {
    if (this.isSettled) return;
    this.settle();
    this.reject(transportError(error, this.subject()));
  }

  /** Tells what a body's source threw, as it is. */
  failAsIs(error: unknown): void {
    if (this.isSettled) return;
    this.settle();
    this.reject(error);
  }

  timeout(): void {
    const what = `${this.subject()}: no whole answer within ${this.allowedMs} ms`;
    this.fail(new RegistryError("timeout", what, { retryable: true }));
  }

  private settle(): void {
    this.isSettled = true;
    if (this.hasJoined) this.context.largeBodies.leave(this);
  }

  private joinLarge(): void {
    if (this.hasJoined) return;
    this.hasJoined = true;
    const turn = this.context.largeBodies.join(this);
    if (turn === null) return;
    this.awaitsTurn = true;
    this.hasWaited = true;
    this.drained = turn.then(() => {
      this.awaitsTurn = false;
    });
  }

  private pour(chunk: Buffer, sink: (chunk: Buffer) => Promise<void>): void {
    const before = this.drained;
    this.drained = before === null ? sink(chunk) : before.then(() => sink(chunk));
    // Where the answer ends before anybody waits for it, nobody is told.
    this.drained.catch(() => undefined);
  }

  private subject(): string {
    return `${this.request.method} ${redactTarget(this.target)}`;
  }
}
