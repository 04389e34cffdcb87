/**
 * One answer after the other out of the bytes of a connection.
 * https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
import { ChunkedDecoder } from "./chunked-decoder";
import { CR, LF } from "./field-grammar";
import { NotHttpError } from "./not-http-error";
import { parseResponseHead, type ResponseHead } from "./response-head";

/** Who an answer is for. Either may answer false: then nothing more of it is read, and the reader is of no more use. */
export interface ResponseHandler {
  onHead(head: ResponseHead): boolean;
  /** The bytes are overwritten after the call. */
  onBody(bytes: Buffer, start: number, end: number): boolean;
}

export const MAX_HEAD_BYTES = 64 * 1024;
/** Answers of status 1xx before the real one. */
const MAX_INTERIM = 8;
const HEAD_END = Buffer.from("\r\n\r\n");
const VERSION = "HTTP/1.";
const NO_BYTES = Buffer.alloc(0);

type Phase = "none" | "head" | "sized" | "chunked" | "untilClose" | "done" | "stopped";

/** Holds no more than a head that has not wholly come; bodies pass through. */
export class ResponseReader {
  private phase: Phase = "none";
  private handler: ResponseHandler | null = null;
  private isHead = false;
  private interim = 0;
  /** Bytes of the body that are to come. */
  private left = 0;
  private chunks: ChunkedDecoder | null = null;
  /** Of a head that came in pieces: the first `heldBytes` of it. */
  private held: Buffer = NO_BYTES;
  private heldBytes = 0;
  private isPersistent = false;
  private hasOverrun = false;
  /** Whether a byte of the answer has come. */
  hasBegun = false;
  /** Seconds of the last answer's Keep-Alive. */
  keepAliveSeconds: number | null = null;

  /** @param isHead whether it answers a HEAD, and so has no body whatever its headers say */
  begin(handler: ResponseHandler, isHead: boolean): void {
    this.handler = handler;
    this.isHead = isHead;
    this.phase = "head";
    this.interim = 0;
    this.hasBegun = false;
    this.isPersistent = false;
  }

  /** Forgets whom the last answer was for, and so that answer: an idle connection holds no body. */
  rest(): void {
    this.handler = null;
  }

  get isDone(): boolean {
    return this.phase === "done";
  }

  /** Bytes that nobody asked for are never taken for the next answer: the connection is at its end. */
  get isReusable(): boolean {
    return this.phase === "done" && this.isPersistent && !this.hasOverrun;
  }

  /** @throws NotHttpError */
  feed(bytes: Buffer, length: number): void {
    let at = 0;
    if (length > 0) this.hasBegun = true;
    while (at < length) {
      const { phase } = this;
      if (phase === "head") at = this.readHead(bytes, at, length);
      else if (phase === "sized" || phase === "untilClose") at = this.readBody(bytes, at, length);
      else if (phase === "chunked") at = this.readChunks(bytes, at, length);
      else {
        this.hasOverrun = true;
        return;
      }
    }
  }

  /** The server ended the connection. @returns whether that was the end of the answer */
  finish(): boolean {
    if (this.phase === "untilClose") this.phase = "done";
    return this.phase === "done";
  }

  private readHead(bytes: Buffer, start: number, length: number): number {
    if (this.heldBytes > 0) return this.readHeldHead(bytes, start, length);
    const end = bytes.subarray(start, length).indexOf(HEAD_END);
    const headLength = end + HEAD_END.length;
    if (end >= 0 && headLength <= MAX_HEAD_BYTES) {
      this.onHead(bytes.toString("latin1", start, start + headLength));
      return start + headLength;
    }
    return this.hold(bytes, start, length);
  }

  /** What came before is looked at again by its last bytes alone, where the end may be cut in two. */
  private readHeldHead(bytes: Buffer, start: number, length: number): number {
    const before = this.heldBytes;
    const from = Math.max(0, before - HEAD_END.length + 1);
    const next = this.hold(bytes, start, length);
    const end = this.held.subarray(from, this.heldBytes).indexOf(HEAD_END);
    if (end < 0) return next;
    const headLength = from + end + HEAD_END.length;
    const text = this.held.toString("latin1", 0, headLength);
    this.held = NO_BYTES;
    this.heldBytes = 0;
    this.onHead(text);
    return start + headLength - before;
  }

  private hold(bytes: Buffer, start: number, length: number): number {
    const needed = this.heldBytes + length - start;
    const kept = Math.min(needed, MAX_HEAD_BYTES);
    if (kept > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_HEAD_BYTES, Math.max(1024, 2 * kept)));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldBytes, start, start + kept - this.heldBytes);
    this.heldBytes = kept;
    this.checkHeld(needed);
    return length;
  }

  /** What cannot become a head is refused at once: nobody waits for the end of a greeting of another protocol. */
  private checkHeld(needed: number): void {
    const begun = this.held.toString("latin1", 0, Math.min(this.heldBytes, VERSION.length));
    const lineEnd = this.held.subarray(0, this.heldBytes).indexOf(LF);
    if (!VERSION.startsWith(begun) || (lineEnd >= 0 && this.held[lineEnd - 1] !== CR)) {
      throw new NotHttpError("it does not begin with a status line of HTTP/1.1");
    }
    if (needed <= MAX_HEAD_BYTES) return;
    const end = this.held.indexOf(HEAD_END);
    if (end < 0 || end + HEAD_END.length > MAX_HEAD_BYTES) {
      throw new NotHttpError(`the head has more than ${MAX_HEAD_BYTES} bytes`);
    }
  }

  private onHead(text: string): void {
    const head = parseResponseHead(text);
    const { status, contentLength } = head;
    if (status < 200) {
      this.interim += 1;
      if (status === 101) throw new NotHttpError("it switches to a protocol that was not asked for");
      if (this.interim > MAX_INTERIM)
        throw new NotHttpError(`more than ${MAX_INTERIM} answers of status 1xx`);
      return;
    }
    this.isPersistent = head.isPersistent;
    this.keepAliveSeconds = head.keepAliveSeconds;
    if (this.isHead || status === 204 || status === 304 || contentLength === 0) this.phase = "done";
    else if (head.isChunked) {
      this.chunks = new ChunkedDecoder();
      this.phase = "chunked";
    } else {
      this.phase = contentLength > 0 ? "sized" : "untilClose";
      this.left = contentLength > 0 ? contentLength : Number.POSITIVE_INFINITY;
    }
    if (this.handler?.onHead(head) !== true) this.phase = "stopped";
  }

  private readBody(bytes: Buffer, start: number, length: number): number {
    const end = Math.min(length, start + this.left);
    this.left -= end - start;
    if (this.left === 0) this.phase = "done";
    if (this.handler?.onBody(bytes, start, end) !== true) this.phase = "stopped";
    return end;
  }

  private readChunks(bytes: Buffer, start: number, length: number): number {
    const { chunks, handler } = this;
    if (chunks === null || handler === null) return length;
    let goesOn = true;
    const end = chunks.feed(bytes, start, length, (from, first, last) => {
      goesOn = handler.onBody(from, first, last);
      return goesOn;
    });
    if (!goesOn) this.phase = "stopped";
    else if (chunks.isDone) {
      this.phase = "done";
      this.chunks = null;
    }
    return end;
  }
}
