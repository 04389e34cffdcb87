import type { Digest } from "../oci/digest";

const PARTS = 64;
const FIRST_SLOTS = 16;
const GROWTH = 1.25;
const FULLEST = 0.8;
/** A sixteenth of what a container of 96 MiB may use at the most. */
const MOST_BLOBS = 2 ** 20;

/**
 * The blobs whose bytes this walk has proven: a digest's bytes are the registry's, its link alone is the repository's.
 *
 * Of each a keyed fingerprint of 64 bits is kept, in tables that grow one by one and by a quarter: 10 to 13 bytes a
 * blob, without a moment at which all stand twice. Where two blobs share a fingerprint, by chance (one walk in
 * thirty million, at a million blobs) or by somebody's luck at a key that he cannot see, one of them is asked for
 * its existence alone, in one walk: a weaker proof, never a false finding. Past the bound blobs are proven anew.
 */
export class ProvenBlobs {
  private readonly parts: Part[] = [];
  private count = 0;
  private high = 0;
  private low = 0;

  /**
   * @param seed 32 bits that a registry cannot guess
   * @param most how many are kept
   */
  constructor(
    private readonly seed: number,
    private readonly most = MOST_BLOBS,
  ) {}

  /** @param size by the descriptor: another one is another claim, to be proven by itself */
  add(digest: Digest, size: number): void {
    if (this.count >= this.most) return;
    if (this.partOf(digest, size).add(this.high, this.low)) this.count++;
  }

  has(digest: Digest, size: number): boolean {
    return this.count > 0 && this.partOf(digest, size).has(this.high, this.low);
  }

  /** Bytes of all tables. */
  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + part.bytes, 0);
  }

  private partOf({ hex }: Digest, size: number): Part {
    let high = this.seed ^ hex.length;
    let low = Math.imul(this.seed, 0x85ebca6b) ^ 0x27d4eb2f;
    for (let at = 0; at < hex.length; ) {
      let word = 0;
      for (const end = at + 8; at < end; at++) {
        const code = hex.charCodeAt(at);
        word = (word << 4) | ((code & 15) + (code >> 6) * 9);
      }
      high = mix(high ^ word, 0x9e3779b1);
      low = mix(low ^ word, 0xc2b2ae35);
    }
    const upper = Math.floor(size / 2 ** 32);
    this.high = mix(mix(high ^ size, 0x85ebca6b) ^ upper, 0xc2b2ae35);
    // Nought stands for an empty slot.
    this.low = mix(mix(low ^ upper, 0x9e3779b1) ^ size, 0x27d4eb2f) || 1;
    const at = this.high & (PARTS - 1);
    this.parts[at] ??= new Part();
    return this.parts[at];
  }
}

/** One table of fingerprints, open to the next slot where one is taken. */
class Part {
  private slots = new Int32Array(2 * FIRST_SLOTS);
  private taken = 0;

  get bytes(): number {
    return this.slots.byteLength;
  }

  has(high: number, low: number): boolean {
    return this.slots[this.find(high, low) + 1] !== 0;
  }

  /** @returns whether it is new */
  add(high: number, low: number): boolean {
    const at = this.find(high, low);
    if (this.slots[at + 1] !== 0) return false;
    this.slots[at] = high;
    this.slots[at + 1] = low;
    if (++this.taken > (this.slots.length / 2) * FULLEST) this.grow();
    return true;
  }

  /** Where the fingerprint is, or where it belongs. */
  private find(high: number, low: number): number {
    const { slots } = this;
    let at = 2 * Math.floor(((low >>> 0) / 2 ** 32) * (slots.length / 2));
    while (slots[at + 1] !== 0 && (slots[at + 1] !== low || slots[at] !== high)) {
      at += 2;
      if (at === slots.length) at = 0;
    }
    return at;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(2 * Math.ceil((old.length / 2) * GROWTH));
    for (let from = 0; from < old.length; from += 2) {
      const [high, low] = [old[from] as number, old[from + 1] as number];
      if (low === 0) continue;
      const to = this.find(high, low);
      this.slots[to] = high;
      this.slots[to + 1] = low;
    }
  }
}

function mix(bits: number, factor: number): number {
  const product = Math.imul(bits ^ (bits >>> 16), factor);
  return product ^ (product >>> 15);
}
