type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

const BITS = 11;
const MASK = 2 ** BITS - 1;

/** Numbers by index, in chunks: it grows without a copy, and so without a moment at which all stand twice. */
export class Chunks<T extends Numbers> {
  private readonly chunks: T[] = [];

  constructor(private readonly make: new (length: number) => T) {}

  get(at: number): number {
    return (this.chunks[at >>> BITS] as T)[at & MASK] as number;
  }

  /** @param at at most one chunk beyond what was set before */
  set(at: number, value: number): void {
    let chunk = this.chunks[at >>> BITS];
    if (chunk === undefined) {
      chunk = new this.make(2 ** BITS);
      this.chunks.push(chunk);
    }
    chunk[at & MASK] = value;
  }
}
