import { Digest } from "../oci/digest";
import { Chunks } from "./chunks";
import { EdgeRuns } from "./edge-runs";
import { IdTable } from "./id-table";
import { KindTable } from "./kind-table";
import { Edge, Role } from "./role";

export { Edge, Role };

const DIGEST_BYTES = 32;
/** Of an object's key: two words of the digest as they are, and one of all the rest, which a seed mixes. */
const KEY_WORDS = 3;
/** The other words of a sha256 digest. */
const REST_WORDS = 6;
const NONE = -1;
/** In `words`: the object has details; else the word is its size. */
const HAS_DETAILS = 0x80000000;

/**
 * The objects of one repository and how they point to one another, in typed arrays that grow without a copy: some 28
 * bytes an object that is settled, 60 one that is not, where objects and strings would take ten times that. Ids are
 * dense, from 0.
 */
export class ObjectGraph {
  private length = 0;
  private readonly keys = new Chunks(Int32Array);
  private readonly words = new Chunks(Uint32Array);
  private readonly kinds = new Chunks(Uint16Array);
  private readonly ids = new IdTable((id) => this.hashOf(id));
  /** Of objects that are not settled. */
  private readonly details = {
    rests: new Chunks(Int32Array),
    sizes: new Chunks(Float64Array),
    edges: new Chunks(Int32Array),
  };
  private detailLength = 0;
  private readonly freeDetails: number[] = [];
  private readonly edges = new EdgeRuns();
  private readonly sha512 = new Map<number, Buffer>();
  private readonly kindTable = new KindTable();
  private readonly scratch = Buffer.alloc(2 * DIGEST_BYTES);
  private readonly key = new Int32Array(KEY_WORDS);

  /** @param seed any 32 bits that a registry cannot guess: it could name digests that collide otherwise */
  constructor(private readonly seed: number) {}

  get count(): number {
    return this.length;
  }

  /** The id of the digest's object, added where it is new; it is new when `count` was its id before. */
  add(digest: Digest): number {
    const isLong = this.read(digest);
    const hash = hashOf(this.key[0] as number, this.key[1] as number, this.key[2] as number, this.seed);
    const known = this.ids.find(hash, (id) => this.isSame(id, isLong));
    if (known !== NONE) return known;
    const id = this.length++;
    for (let i = 0; i < KEY_WORDS; i++) this.keys.set(id * KEY_WORDS + i, this.key[i] as number);
    this.ids.add(hash, id);
    this.kinds.set(id, 0);
    this.words.set(id, 0);
    this.detail(id, -1);
    if (isLong) this.sha512.set(id, Buffer.from(this.scratch));
    return id;
  }

  describe(id: number, role: Role, size: number, depth: number, platform: string | null): void {
    this.details.sizes.set(this.detailOf(id), size);
    this.kinds.set(id, this.kindTable.intern(role, depth, platform ?? ""));
  }

  /** @param platform `os/architecture[/variant]`; empty for none */
  setPlatform(id: number, platform: string): void {
    this.kinds.set(id, this.kindTable.intern(this.role(id), this.depth(id), platform));
  }

  /**
   * Forgets what only an open question needs of an object to which nothing more will be asked: the rest of its digest.
   * What has edges, and what is too long or known by sha512, stays as it is.
   */
  settle(id: number): void {
    if ((this.words.get(id) & HAS_DETAILS) === 0) return;
    const detail = this.detailOf(id);
    const size = this.details.sizes.get(detail);
    const isSmall = size >= 0 && size < HAS_DETAILS;
    if (!isSmall || this.details.edges.get(detail) !== NONE || this.sha512.has(id)) return;
    this.words.set(id, size);
    this.freeDetails.push(detail);
  }

  /** Opens an object again, by the digest that it was added by. */
  reopen(id: number, digest: Digest): void {
    if ((this.words.get(id) & HAS_DETAILS) !== 0) return;
    this.read(digest);
    this.detail(id, this.words.get(id));
  }

  /** @throws Error for a settled object, whose digest is no longer known */
  digest(id: number): Digest {
    const long = this.sha512.get(id);
    if (long !== undefined) return Digest.fromBytes("sha512", long);
    const start = this.detailOf(id) * REST_WORDS;
    const bytes = Buffer.allocUnsafe(DIGEST_BYTES);
    for (let i = 0; i < KEY_WORDS - 1; i++) bytes.writeInt32LE(this.keys.get(id * KEY_WORDS + i), i * 4);
    for (let i = 0; i < REST_WORDS; i++)
      bytes.writeInt32LE(this.details.rests.get(start + i), (KEY_WORDS - 1 + i) * 4);
    return Digest.fromBytes("sha256", bytes);
  }

  role(id: number): Role {
    return this.kindTable.role(this.kinds.get(id));
  }

  /** Bytes by the descriptor that mentioned the object first; -1 for a root, which has none. */
  size(id: number): number {
    const word = this.words.get(id);
    return (word & HAS_DETAILS) === 0 ? word : this.details.sizes.get(this.detailOf(id));
  }

  depth(id: number): number {
    return this.kindTable.depth(this.kinds.get(id));
  }

  platform(id: number): string | null {
    return this.kindTable.platform(this.kinds.get(id)) || null;
  }

  link(from: number, to: number, edge: Edge): void {
    const detail = this.detailOf(from);
    this.details.edges.set(detail, this.edges.add(from, this.details.edges.get(detail), to, edge));
  }

  /**
   * Visits what `root` reaches, itself first, each object once, by edges up to `weakest` only (image <
   * attestation < subject).
   *
   * @param seen at least `count` long; an object is seen when it holds `epoch`, so that one array serves many calls
   */
  reach(root: number, weakest: Edge, seen: Int32Array, epoch: number, visit: (id: number) => void): void {
    const stack = [root];
    seen[root] = epoch;
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      visit(id);
      this.edges.each(this.firstEdge(id), (target, edge) => {
        if (edge > weakest || seen[target] === epoch) return;
        seen[target] = epoch;
        stack.push(target);
      });
    }
  }

  /** The ids from `root` to `target`, both included: a shortest way; empty where there is none. */
  path(root: number, target: number): number[] {
    const cameFrom = new Map<number, number>([[root, NONE]]);
    const queue = [root];
    for (let i = 0; i < queue.length && !cameFrom.has(target); i++) {
      const id = queue[i] as number;
      this.edges.each(this.firstEdge(id), (next) => {
        if (cameFrom.has(next)) return;
        cameFrom.set(next, id);
        queue.push(next);
      });
    }
    const path: number[] = [];
    for (let id = cameFrom.has(target) ? target : NONE; id !== NONE; id = cameFrom.get(id) ?? NONE) {
      path.unshift(id);
    }
    return path;
  }

  /** Puts the digest into `scratch` and its key into `key`. @returns whether it is a sha512 digest */
  private read({ hex, algorithm }: Digest): boolean {
    this.scratch.write(hex, "hex");
    let rest = this.seed;
    for (let i = 0; i < DIGEST_BYTES / 4; i++) {
      const word = this.scratch.readInt32LE(i * 4);
      if (i < KEY_WORDS - 1) this.key[i] = word;
      else rest = mix(rest ^ word);
    }
    this.key[KEY_WORDS - 1] = rest;
    return algorithm === "sha512";
  }

  /** Gives the object details, with the digest in `scratch`. */
  private detail(id: number, size: number): void {
    const detail = this.freeDetails.pop() ?? this.detailLength++;
    for (let i = 0; i < REST_WORDS; i++)
      this.details.rests.set(detail * REST_WORDS + i, this.scratch.readInt32LE((KEY_WORDS - 1 + i) * 4));
    this.details.sizes.set(detail, size);
    this.details.edges.set(detail, NONE);
    this.words.set(id, (HAS_DETAILS | detail) >>> 0);
  }

  private firstEdge(id: number): number {
    const word = this.words.get(id);
    return (word & HAS_DETAILS) === 0 ? NONE : this.details.edges.get(word & ~HAS_DETAILS);
  }

  private detailOf(id: number): number {
    const word = this.words.get(id);
    if ((word & HAS_DETAILS) === 0)
      throw new Error(`object ${id} is settled: nothing more is to be asked of it`);
    return word & ~HAS_DETAILS;
  }

  /**
   * Exact where the object has details. A settled one is known by its key: by chance two share one in 2^96 cases, and
   * who chooses a digest with an eye on the key does not see the 32 bits of it that the seed mixes.
   */
  private isSame(id: number, isLong: boolean): boolean {
    for (let i = 0; i < KEY_WORDS; i++) if (this.keys.get(id * KEY_WORDS + i) !== this.key[i]) return false;
    const long = this.sha512.get(id);
    if (long !== undefined) return isLong && long.equals(this.scratch);
    const word = this.words.get(id);
    if (isLong) return false;
    if ((word & HAS_DETAILS) === 0) return true;
    const start = (word & ~HAS_DETAILS) * REST_WORDS;
    for (let i = 0; i < REST_WORDS; i++) {
      if (this.details.rests.get(start + i) !== this.scratch.readInt32LE((KEY_WORDS - 1 + i) * 4))
        return false;
    }
    return true;
  }

  private hashOf(id: number): number {
    const start = id * KEY_WORDS;
    const { keys } = this;
    return hashOf(keys.get(start), keys.get(start + 1), keys.get(start + 2), this.seed);
  }
}

function hashOf(a: number, b: number, c: number, seed: number): number {
  return mix(mix(mix(seed ^ a) ^ b) ^ c) >>> 0;
}

function mix(bits: number): number {
  const product = Math.imul(bits ^ (bits >>> 16), 0x9e3779b1);
  return product ^ (product >>> 15);
}
