import { Digest, type DigestAlgorithm } from "../oci/digest";

/** What an object was found as, at its first mention in the repository. */
export const Role = { root: 0, child: 1, config: 2, layer: 3, subject: 4 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Why one object points to another: what is lost when only such edges lead to a broken object differs. */
export const Edge = { image: 0, attestation: 1, subject: 2 } as const;
export type Edge = (typeof Edge)[keyof typeof Edge];

const DIGEST_BYTES = 32;
const NONE = -1;

/**
 * The objects of one repository and how they point to one another, in a few typed arrays: about 70 bytes an
 * object, where objects and strings would take ten times that. Ids are dense, from 0.
 */
export class ObjectGraph {
  private length = 0;
  private capacity = 256;
  private digests = new Uint8Array(this.capacity * DIGEST_BYTES);
  private roles = new Uint8Array(this.capacity);
  private depths = new Uint8Array(this.capacity);
  private platforms = new Uint16Array(this.capacity);
  private sizes = new Float64Array(this.capacity);
  private firstEdges = new Int32Array(this.capacity);
  private slots = new Int32Array(this.capacity * 2).fill(NONE);
  private edgeLength = 0;
  private edgeTargets = new Int32Array(1024);
  private edgeNexts = new Int32Array(1024);
  private readonly sha512 = new Map<number, Buffer>();
  private readonly platformNames: string[] = [""];
  private readonly scratch = Buffer.alloc(2 * DIGEST_BYTES);

  /** @param seed any 32 bits that a registry cannot guess: it could name digests that collide otherwise */
  constructor(private readonly seed: number) {}

  get count(): number {
    return this.length;
  }

  /** The id of the digest's object, added where it is new; it is new when `count` was its id before. */
  add(digest: Digest): number {
    this.scratch.write(digest.hex, "hex");
    const isLong = digest.algorithm === "sha512";
    let slot = hash(this.scratch, 0, this.seed) & (this.slots.length - 1);
    for (let id = this.slots[slot] as number; id !== NONE; id = this.slots[slot] as number) {
      if (this.isSame(id, isLong)) return id;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    const id = this.length;
    if (id === this.capacity) {
      this.grow();
      return this.add(digest);
    }
    this.length++;
    this.slots[slot] = id;
    this.digests.set(this.scratch.subarray(0, DIGEST_BYTES), id * DIGEST_BYTES);
    if (isLong) this.sha512.set(id, Buffer.from(this.scratch));
    this.firstEdges[id] = NONE;
    return id;
  }

  describe(id: number, role: Role, size: number, depth: number, platform: string | null): void {
    this.roles[id] = role;
    this.sizes[id] = size;
    this.depths[id] = depth;
    this.setPlatform(id, platform ?? "");
  }

  /** @param platform `os/architecture[/variant]`; empty for none */
  setPlatform(id: number, platform: string): void {
    this.platforms[id] = this.intern(platform);
  }

  digest(id: number): Digest {
    const long = this.sha512.get(id);
    const algorithm: DigestAlgorithm = long === undefined ? "sha256" : "sha512";
    const start = id * DIGEST_BYTES;
    return Digest.fromBytes(algorithm, long ?? this.digests.subarray(start, start + DIGEST_BYTES));
  }

  role(id: number): Role {
    return this.roles[id] as Role;
  }

  /** Bytes by the descriptor that mentioned the object first; -1 for a root, which has none. */
  size(id: number): number {
    return this.sizes[id] as number;
  }

  depth(id: number): number {
    return this.depths[id] as number;
  }

  platform(id: number): string | null {
    return this.platformNames[this.platforms[id] as number] || null;
  }

  link(from: number, to: number, edge: Edge): void {
    if (this.edgeLength === this.edgeTargets.length) {
      this.edgeTargets = widened(this.edgeTargets);
      this.edgeNexts = widened(this.edgeNexts);
    }
    this.edgeTargets[this.edgeLength] = to * 4 + edge;
    this.edgeNexts[this.edgeLength] = this.firstEdges[from] as number;
    this.firstEdges[from] = this.edgeLength++;
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
      for (let e = this.firstEdges[id] as number; e !== NONE; e = this.edgeNexts[e] as number) {
        const target = (this.edgeTargets[e] as number) >> 2;
        if (((this.edgeTargets[e] as number) & 3) > weakest || seen[target] === epoch) continue;
        seen[target] = epoch;
        stack.push(target);
      }
    }
  }

  /** The ids from `root` to `target`, both included: a shortest way; empty where there is none. */
  path(root: number, target: number): number[] {
    const cameFrom = new Map<number, number>([[root, NONE]]);
    const queue = [root];
    for (let i = 0; i < queue.length && !cameFrom.has(target); i++) {
      const id = queue[i] as number;
      for (let e = this.firstEdges[id] as number; e !== NONE; e = this.edgeNexts[e] as number) {
        const next = (this.edgeTargets[e] as number) >> 2;
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, id);
        queue.push(next);
      }
    }
    const path: number[] = [];
    for (let id = cameFrom.has(target) ? target : NONE; id !== NONE; id = cameFrom.get(id) ?? NONE) {
      path.unshift(id);
    }
    return path;
  }

  private isSame(id: number, isLong: boolean): boolean {
    const start = id * DIGEST_BYTES;
    if (this.scratch.compare(this.digests, start, start + DIGEST_BYTES, 0, DIGEST_BYTES) !== 0) return false;
    const long = this.sha512.get(id);
    return isLong ? long?.equals(this.scratch) === true : long === undefined;
  }

  private intern(platform: string): number {
    const known = this.platformNames.indexOf(platform);
    if (known >= 0) return known;
    // A hostile index may name any number of platforms: past the column's range they have no name.
    if (this.platformNames.length > 4096) return 0;
    return this.platformNames.push(platform) - 1;
  }

  private grow(): void {
    this.capacity *= 2;
    this.digests = widened(this.digests);
    this.roles = widened(this.roles);
    this.depths = widened(this.depths);
    this.platforms = widened(this.platforms);
    this.sizes = widened(this.sizes);
    this.firstEdges = widened(this.firstEdges);
    this.slots = new Int32Array(this.capacity * 2).fill(NONE);
    const digests = Buffer.from(this.digests.buffer);
    for (let id = 0; id < this.length; id++) {
      let slot = hash(digests, id * DIGEST_BYTES, this.seed) & (this.slots.length - 1);
      while (this.slots[slot] !== NONE) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = id;
    }
  }
}

function hash(digests: Buffer, offset: number, seed: number): number {
  let h = seed;
  for (let i = offset; i < offset + DIGEST_BYTES; i += 4) {
    h = Math.imul(h ^ digests.readUInt32LE(i), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}

type Column = Uint8Array | Uint16Array | Int32Array | Float64Array;

function widened<T extends Column>(column: T): T {
  const wider = new (column.constructor as new (length: number) => T)(column.length * 2);
  wider.set(column);
  return wider;
}
