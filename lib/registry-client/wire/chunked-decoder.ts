/**
 * https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
import { CR, isTokenCode, isValueCode, LF } from "./field-grammar";
import { NotHttpError } from "./not-http-error";

/** Takes the body's bytes, `start` to `end`; false where no more of them are wanted. */
export type TakeBytes = (bytes: Buffer, start: number, end: number) => boolean;

const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** A chunk of up to 2^48 bytes: no number here is beyond what a double counts exactly. */
const MAX_SIZE_DIGITS = 12;
/** Of all extensions and trailers of one answer together: they are read over, never kept. */
const MAX_ASIDE_BYTES = 64 * 1024;

type State =
  | "size"
  | "extension"
  | "sizeEnd"
  | "data"
  | "dataEnd"
  | "dataEndLf"
  | "trailer"
  | "trailerName"
  | "trailerValue"
  | "trailerEnd"
  | "lastLf"
  | "done";

/** Takes the chunks of one body apart, in whatever pieces it comes. Extensions and trailers are checked and dropped. */
export class ChunkedDecoder {
  private state: State = "size";
  private size = 0;
  private digits = 0;
  private asideBytes = 0;

  get isDone(): boolean {
    return this.state === "done";
  }

  /**
   * @returns where it stopped: at `end`, behind the body, or behind the bytes after which `take` wanted no more
   * @throws NotHttpError
   */
  feed(bytes: Buffer, start: number, end: number, take: TakeBytes): number {
    let at = start;
    while (at < end && this.state !== "done") {
      if (this.state !== "data") {
        this.step(bytes[at] ?? 0);
        at += 1;
        continue;
      }
      const stop = Math.min(end, at + this.size);
      this.size -= stop - at;
      if (this.size === 0) this.state = "dataEnd";
      if (!take(bytes, at, stop)) return stop;
      at = stop;
    }
    return at;
  }

  private step(code: number): void {
    switch (this.state) {
      case "size":
        this.readSize(code);
        return;
      case "extension":
        if (code === CR) this.state = "sizeEnd";
        else this.aside(isValueCode(code));
        return;
      case "sizeEnd":
        this.expect(code === LF);
        this.state = this.size > 0 ? "data" : "trailer";
        this.digits = 0;
        return;
      case "dataEnd":
        this.expect(code === CR);
        this.state = "dataEndLf";
        return;
      case "dataEndLf":
        this.expect(code === LF);
        this.state = "size";
        return;
      case "trailer":
        if (code !== CR) this.aside(isTokenCode(code));
        this.state = code === CR ? "lastLf" : "trailerName";
        return;
      case "trailerName":
        if (code === COLON) this.state = "trailerValue";
        else this.aside(isTokenCode(code));
        return;
      case "trailerValue":
        if (code === CR) this.state = "trailerEnd";
        else this.aside(isValueCode(code));
        return;
      case "trailerEnd":
        this.expect(code === LF);
        this.state = "trailer";
        return;
      default:
        this.expect(code === LF);
        this.state = "done";
    }
  }

  private readSize(code: number): void {
    const digit = hexDigit(code);
    if (digit >= 0) {
      this.digits += 1;
      this.expect(this.digits <= MAX_SIZE_DIGITS);
      this.size = this.size * 16 + digit;
      return;
    }
    this.expect(this.digits > 0 && (code === CR || code === SEMICOLON));
    this.state = code === CR ? "sizeEnd" : "extension";
  }

  private aside(isAllowed: boolean): void {
    this.expect(isAllowed);
    this.asideBytes += 1;
    if (this.asideBytes > MAX_ASIDE_BYTES) {
      throw new NotHttpError(`chunk extensions and trailers have more than ${MAX_ASIDE_BYTES} bytes`);
    }
  }

  private expect(isMet: boolean): void {
    if (!isMet) throw new NotHttpError(`a chunk is broken (${this.state})`);
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
