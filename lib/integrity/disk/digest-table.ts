import { Digest, type DigestAlgorithm } from "../../oci/digest";

const NONE = -1;
const WORD_BYTES = 4;
/** Of a sha256 digest. */
const WORDS = 8;

/** The columns of a table for another thread: the memory is one, `long` is copied. */
export interface SharedDigests {
  readonly length: number;
  readonly keys: Int32Array;
  readonly values: Float64Array;
  readonly marks: Uint8Array;
  readonly slots: Int32Array;
  readonly long: ReadonlyMap<string, number>;
}

/**
 * Digests with a number and a few marks each, in typed arrays: some 55 bytes a digest, so that a million blobs fit
 * where a Map of strings would take three times that. Entries are dense, from 0, and are never removed.
 */
export class DigestTable {
  private length = 0;
  private capacity = 256;
  private keys: Int32Array = new Int32Array(this.capacity * WORDS);
  private values: Float64Array = new Float64Array(this.capacity);
  private marks: Uint8Array = new Uint8Array(this.capacity);
  private slots: Int32Array = new Int32Array(this.capacity * 2).fill(NONE);
  /** Rare: sha512 has a place of its own, and takes part in the columns alone. */
  private readonly long = new Map<string, number>();
  private readonly longHex = new Map<number, string>();
  private isShared = false;

  /** @param seed any 32 bits that nobody can guess: digests could be chosen to collide otherwise */
  constructor(private readonly seed: number) {}

  /** The table whose columns another thread shares. @param seed that table's */
  static ofShared(columns: SharedDigests, seed: number): DigestTable {
    const table = new DigestTable(seed);
    table.take(columns);
    for (const [hex, entry] of columns.long) {
      table.long.set(hex, entry);
      table.longHex.set(entry, hex);
    }
    return table;
  }

  get count(): number {
    return this.length;
  }

  /**
   * Moves the columns to where other threads can have them too. Nothing can be added from then on; values and marks
   * that any thread sets are everybody's.
   */
  share(): SharedDigests {
    const { length, long } = this;
    const values = new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
    values.set(this.values.subarray(0, length));
    const marks = new Uint8Array(new SharedArrayBuffer(length));
    marks.set(this.marks.subarray(0, length));
    const keys = sharedWords(this.keys.subarray(0, length * WORDS));
    const columns: SharedDigests = { length, keys, values, marks, slots: sharedWords(this.slots), long };
    this.take(columns);
    return columns;
  }

  /** The entry of the digest, or -1. */
  find(digest: Digest): number {
    if (digest.algorithm === "sha512") return this.long.get(digest.hex) ?? NONE;
    readHex(digest.hex);
    return this.slots[this.slotOf()] as number;
  }

  /** The entry of the digest, added with `value` where it is new. */
  add(digest: Digest, value: number): number {
    return this.addHex(digest.algorithm, digest.hex, value);
  }

  /** The same for what may be no digest at all, a file's name: -1 then, and nothing is added. */
  addHex(algorithm: DigestAlgorithm, hex: string, value: number): number {
    if (algorithm === "sha512") return this.addLong(hex, value);
    if (hex.length !== WORDS * 2 * WORD_BYTES || !readHex(hex)) return NONE;
    const slot = this.slotOf();
    const known = this.slots[slot] as number;
    if (known !== NONE) return known;
    if (this.length === this.capacity) {
      this.grow();
      return this.addHex(algorithm, hex, value);
    }
    const entry = this.append(value);
    this.slots[slot] = entry;
    this.keys.set(scratch, entry * WORDS);
    return entry;
  }

  digest(entry: number): Digest {
    const hex = this.longHex.get(entry);
    if (hex !== undefined) return Digest.fromBytes("sha512", Buffer.from(hex, "hex"));
    const bytes = Buffer.allocUnsafe(WORDS * WORD_BYTES);
    for (let i = 0; i < WORDS; i++)
      bytes.writeInt32BE(this.keys[entry * WORDS + i] as number, i * WORD_BYTES);
    return Digest.fromBytes("sha256", bytes);
  }

  value(entry: number): number {
    return this.values[entry] as number;
  }

  setValue(entry: number, value: number): void {
    this.values[entry] = value;
  }

  /** @param bit 1, 2, 4 … 128 */
  mark(entry: number, bit: number): void {
    // Another thread may set another bit of the same byte.
    if (!this.isMarked(entry, bit)) Atomics.or(this.marks, entry, bit);
  }

  isMarked(entry: number, bit: number): boolean {
    return ((this.marks[entry] as number) & bit) !== 0;
  }

  private take({ length, keys, values, marks, slots }: SharedDigests): void {
    this.length = length;
    this.capacity = length;
    this.keys = keys;
    this.values = values;
    this.marks = marks;
    this.slots = slots;
    this.isShared = true;
  }

  private addLong(hex: string, value: number): number {
    const known = this.long.get(hex);
    if (known !== undefined) return known;
    if (Digest.parse(`sha512:${hex}`) === null) return NONE;
    if (this.length === this.capacity) this.grow();
    const entry = this.append(value);
    this.long.set(hex, entry);
    this.longHex.set(entry, hex);
    return entry;
  }

  private append(value: number): number {
    this.values[this.length] = value;
    return this.length++;
  }

  /** Where the digest in `scratch` is, or where it belongs. */
  private slotOf(): number {
    const mask = this.slots.length - 1;
    let slot = hash(scratch, this.seed) & mask;
    for (let entry = this.slots[slot] as number; entry !== NONE; entry = this.slots[slot] as number) {
      if (this.isScratch(entry * WORDS)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private isScratch(start: number): boolean {
    for (let i = 0; i < WORDS; i++) if (this.keys[start + i] !== scratch[i]) return false;
    return true;
  }

  private grow(): void {
    if (this.isShared) throw new Error("a table that threads share must not grow: add before sharing it");
    this.capacity *= 2;
    const keys = new Int32Array(this.capacity * WORDS);
    keys.set(this.keys);
    this.keys = keys;
    const values = new Float64Array(this.capacity);
    values.set(this.values);
    this.values = values;
    const marks = new Uint8Array(this.capacity);
    marks.set(this.marks);
    this.marks = marks;
    this.slots = new Int32Array(this.capacity * 2).fill(NONE);
    inScratch = "";
    for (let entry = 0; entry < this.length; entry++) {
      if (this.longHex.has(entry)) continue;
      scratch.set(this.keys.subarray(entry * WORDS, (entry + 1) * WORDS));
      this.slots[this.slotOf()] = entry;
    }
  }
}

function sharedWords(words: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(words.byteLength));
  copy.set(words);
  return copy;
}

/** By character code, for lower case alone; what is no digit has a bit above the low four. */
const DIGITS = new Uint8Array(128).fill(16);
for (const [value, digit] of [..."0123456789abcdef"].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** The sha256 digest that a table looks for; one for all, as the same is often looked for in several. */
const scratch = new Int32Array(WORDS);
/** The valid hex that `scratch` holds, or empty. */
let inScratch = "";

/** Puts 64 digits into `scratch`, the first the most significant. @returns whether all are digits */
function readHex(hex: string): boolean {
  if (hex === inScratch) return true;
  let seen = 0;
  for (let word = 0, at = 0; word < WORDS; word++) {
    let bits = 0;
    for (const end = at + 2 * WORD_BYTES; at < end; at++) {
      const code = hex.charCodeAt(at);
      const digit = DIGITS[code & 0x7f] as number;
      seen |= digit | (code & 0xff80);
      bits = (bits << 4) | digit;
    }
    scratch[word] = bits;
  }
  inScratch = seen < 16 ? hex : "";
  return seen < 16;
}

function hash(words: Int32Array, seed: number): number {
  let h = seed;
  for (let i = 0; i < WORDS; i++) {
    h = Math.imul(h ^ (words[i] as number), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
