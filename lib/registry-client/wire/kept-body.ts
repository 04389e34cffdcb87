import { LARGE_BODY_BYTES } from "./large-bodies";

/** Up to so many bytes are set aside at once on the word of a Content-Length. */
const MAX_AHEAD_BYTES = 64 * 1024;
const FIRST_BYTES = 4096;

/** A body that is kept, copied out of the connection's buffer into one of its own, in however many pieces it comes. */
export class KeptBody {
  private held: Buffer | null = null;
  private filled = 0;

  /**
   * @param contentLength bytes, -1 where it is not known
   * @param maxBytes after which no more is wanted
   */
  constructor(
    private readonly contentLength: number,
    private readonly maxBytes: number,
  ) {}

  add(bytes: Buffer, start: number, end: number): void {
    const held = this.withRoom(this.filled + end - start);
    this.filled += bytes.copy(held, this.filled, start, end);
  }

  bytes(): Buffer {
    return this.held === null ? Buffer.alloc(0) : this.held.subarray(0, this.filled);
  }

  private withRoom(needed: number): Buffer {
    const { held } = this;
    if (held !== null && held.length >= needed) return held;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.nextLength(held?.length ?? 0)));
    held?.copy(larger, 0, 0, this.filled);
    this.held = larger;
    return larger;
  }

  /** Twice as long again and again; of a large body, which has the turn alone, all at once: what is outgrown lies about. */
  private nextLength(length: number): number {
    const { contentLength, maxBytes } = this;
    const most = contentLength < 0 ? maxBytes : contentLength;
    if (length === 0) return Math.min(contentLength < 0 ? FIRST_BYTES : MAX_AHEAD_BYTES, most);
    return Math.max(length, contentLength) > LARGE_BODY_BYTES ? most : Math.min(2 * length, most);
  }
}
