const PARTS = 64;
const FIRST_SLOTS = 8;
const GROWTH = 1.25;
const FULLEST = 0.8;
const NONE = -1;

/** Ids by a hash of what they stand for, open to the next slot; in parts that grow one by one, as `ProvenBlobs` does. */
export class IdTable {
  private readonly parts: Int32Array[] = [];
  private readonly taken = new Int32Array(PARTS);

  /** @param hashOf of an id that was added: 32 bits */
  constructor(private readonly hashOf: (id: number) => number) {}

  /** The id of that hash which is the one sought, or -1. */
  find(hash: number, isSought: (id: number) => boolean): number {
    const slots = this.parts[hash >>> 26];
    if (slots === undefined) return NONE;
    let at = slotOf(hash, slots.length);
    for (let id = slots[at] as number; id !== NONE; id = slots[at] as number) {
      if (isSought(id)) return id;
      if (++at === slots.length) at = 0;
    }
    return NONE;
  }

  /** @param id that is not there yet */
  add(hash: number, id: number): void {
    const part = hash >>> 26;
    let slots = this.parts[part];
    if (slots === undefined) slots = this.parts[part] = new Int32Array(FIRST_SLOTS).fill(NONE);
    const taken = (this.taken[part] as number) + 1;
    this.taken[part] = taken;
    if (taken > slots.length * FULLEST) {
      const wider = new Int32Array(Math.ceil(slots.length * GROWTH)).fill(NONE);
      for (const known of slots) if (known !== NONE) put(wider, this.hashOf(known), known);
      this.parts[part] = slots = wider;
    }
    put(slots, hash, id);
  }
}

function put(slots: Int32Array, hash: number, id: number): void {
  let at = slotOf(hash, slots.length);
  while (slots[at] !== NONE) if (++at === slots.length) at = 0;
  slots[at] = id;
}

/** By the bits that do not choose the part. */
function slotOf(hash: number, length: number): number {
  return Math.floor(((hash & 0x3ffffff) / 2 ** 26) * length);
}
