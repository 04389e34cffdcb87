/** Up to so many bytes are set aside at once on the word of a Content-Length. */
const MAX_AHEAD_BYTES = 64 * 1024;
const FIRST_BYTES = 4096;

/** A body that is kept, copied out of the connection's buffer into one of its own, in however many pieces it comes. */
export class KeptBody {
  private held: Buffer | null = null;
  private filled = 0;

  /** @param contentLength bytes, -1 where it is not known */
  constructor(private readonly contentLength: number) {}

  add(bytes: Buffer, start: number, end: number): void {
    const held = this.withRoom(this.filled + end - start);
    this.filled += bytes.copy(held, this.filled, start, end);
  }

  bytes(): Buffer {
    return this.held === null ? Buffer.alloc(0) : this.held.subarray(0, this.filled);
  }

  private withRoom(needed: number): Buffer {
    const { held, contentLength } = this;
    if (held !== null && held.length >= needed) return held;
    const ahead = contentLength < 0 ? FIRST_BYTES : Math.min(contentLength, MAX_AHEAD_BYTES);
    const larger = Buffer.allocUnsafe(Math.max(needed, held === null ? ahead : 2 * held.length));
    held?.copy(larger, 0, 0, this.filled);
    this.held = larger;
    return larger;
  }
}
