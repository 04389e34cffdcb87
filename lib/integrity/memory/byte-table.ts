/** Rows of so many bytes that begin with a key, in one growing buffer: a tenth of what objects would take. */
export class ByteTable {
  private bytes: Buffer;
  private length = 0;

  constructor(
    private readonly width: number,
    private readonly keyBytes: number,
  ) {
    this.bytes = Buffer.allocUnsafe(64 * width);
  }

  get count(): number {
    return this.length;
  }

  /** @param write fills the row at that place of the buffer */
  add(write: (into: Buffer, at: number) => void): void {
    if ((this.length + 1) * this.width > this.bytes.length) {
      const wider = Buffer.allocUnsafe(2 * this.bytes.length);
      this.bytes.copy(wider);
      this.bytes = wider;
    }
    write(this.bytes, this.length * this.width);
    this.length++;
  }

  /** The rows by their keys; of those with one key the one that was added last. */
  sorted(): Buffer {
    const { bytes, width, keyBytes } = this;
    const order = Uint32Array.from({ length: this.length }, (_, row) => row);
    const compare = (a: number, b: number): number =>
      bytes.compare(bytes, b * width, b * width + keyBytes, a * width, a * width + keyBytes);
    order.sort((a, b) => compare(a, b) || a - b);
    const sorted = Buffer.allocUnsafe(this.length * width);
    let count = 0;
    for (const [i, row] of order.entries()) {
      const next = order[i + 1];
      if (next !== undefined && compare(row, next) === 0) continue;
      bytes.copy(sorted, count * width, row * width, (row + 1) * width);
      count++;
    }
    return sorted.subarray(0, count * width);
  }
}

/** The row of the key in rows that ascend, or -1. */
export function findRow(table: Buffer, width: number, key: Buffer): number {
  let low = 0;
  let high = table.length / width - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = key.compare(table, middle * width, middle * width + key.length);
    if (order === 0) return middle;
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return -1;
}

/** Whether each row's key is greater than the one before it. */
export function isAscending(table: Buffer, width: number, keyBytes: number): boolean {
  for (let at = width; at < table.length; at += width) {
    if (table.compare(table, at - width, at - width + keyBytes, at, at + keyBytes) <= 0) return false;
  }
  return true;
}
