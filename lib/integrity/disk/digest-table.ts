import { Digest } from "../../oci/digest";

const NONE = -1;
const SHA256_BYTES = 32;

/**
 * Digests with a number and a few marks each, in typed arrays: some 55 bytes a digest, so that a million blobs fit
 * where a Map of strings would take three times that. Entries are dense, from 0, and are never removed.
 */
export class DigestTable {
  private length = 0;
  private capacity = 256;
  private keys = Buffer.alloc(this.capacity * SHA256_BYTES);
  private values = new Float64Array(this.capacity);
  private marks = new Uint8Array(this.capacity);
  private slots = new Int32Array(this.capacity * 2).fill(NONE);
  /** Rare: sha512 has a place of its own, and takes part in the columns alone. */
  private readonly long = new Map<string, number>();
  private readonly longHex = new Map<number, string>();
  private readonly scratch = Buffer.alloc(SHA256_BYTES);

  /** @param seed any 32 bits that nobody can guess: digests could be chosen to collide otherwise */
  constructor(private readonly seed: number) {}

  get count(): number {
    return this.length;
  }

  /** The entry of the digest, or -1. */
  find(digest: Digest): number {
    if (digest.algorithm === "sha512") return this.long.get(digest.hex) ?? NONE;
    this.scratch.write(digest.hex, "hex");
    return this.slots[this.slotOf()] as number;
  }

  /** The entry of the digest, added with `value` where it is new. */
  add(digest: Digest, value: number): number {
    const known = this.find(digest);
    if (known !== NONE) return known;
    if (this.length === this.capacity) this.grow();
    const entry = this.length++;
    this.values[entry] = value;
    if (digest.algorithm === "sha512") {
      this.long.set(digest.hex, entry);
      this.longHex.set(entry, digest.hex);
      return entry;
    }
    this.scratch.write(digest.hex, "hex");
    this.slots[this.slotOf()] = entry;
    this.scratch.copy(this.keys, entry * SHA256_BYTES);
    return entry;
  }

  digest(entry: number): Digest {
    const hex = this.longHex.get(entry);
    if (hex === undefined) {
      return Digest.fromBytes("sha256", this.keys.subarray(entry * SHA256_BYTES, (entry + 1) * SHA256_BYTES));
    }
    return Digest.fromBytes("sha512", Buffer.from(hex, "hex"));
  }

  value(entry: number): number {
    return this.values[entry] as number;
  }

  setValue(entry: number, value: number): void {
    this.values[entry] = value;
  }

  /** @param bit 1, 2, 4 … 128 */
  mark(entry: number, bit: number): void {
    this.marks[entry] = (this.marks[entry] as number) | bit;
  }

  isMarked(entry: number, bit: number): boolean {
    return ((this.marks[entry] as number) & bit) !== 0;
  }

  /** Where the digest in `scratch` is, or where it belongs. */
  private slotOf(): number {
    const mask = this.slots.length - 1;
    let slot = hash(this.scratch, 0, this.seed) & mask;
    for (let entry = this.slots[slot] as number; entry !== NONE; entry = this.slots[slot] as number) {
      const start = entry * SHA256_BYTES;
      if (this.scratch.compare(this.keys, start, start + SHA256_BYTES) === 0) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    this.capacity *= 2;
    const keys = Buffer.alloc(this.capacity * SHA256_BYTES);
    this.keys.copy(keys);
    this.keys = keys;
    const values = new Float64Array(this.capacity);
    values.set(this.values);
    this.values = values;
    const marks = new Uint8Array(this.capacity);
    marks.set(this.marks);
    this.marks = marks;
    this.slots = new Int32Array(this.capacity * 2).fill(NONE);
    for (let entry = 0; entry < this.length; entry++) {
      if (this.longHex.has(entry)) continue;
      this.keys.copy(this.scratch, 0, entry * SHA256_BYTES, (entry + 1) * SHA256_BYTES);
      this.slots[this.slotOf()] = entry;
    }
  }
}

function hash(bytes: Buffer, offset: number, seed: number): number {
  let h = seed;
  for (let i = offset; i < offset + SHA256_BYTES; i += 4) {
    h = Math.imul(h ^ bytes.readUInt32LE(i), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
