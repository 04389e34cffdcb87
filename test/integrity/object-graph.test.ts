import fc from "fast-check";
import { Edge, ObjectGraph, Role } from "../../lib/integrity/object-graph";
import { Digest } from "../../lib/oci/digest";

/** What an object graph is, said in the plainest way. */
class ModelGraph {
  readonly names: string[] = [];
  readonly edges: { from: number; to: number; edge: Edge }[] = [];

  add(digest: Digest): number {
    const at = this.names.indexOf(digest.toString());
    return at >= 0 ? at : this.names.push(digest.toString()) - 1;
  }

  reach(root: number, weakest: Edge): Set<number> {
    const seen = new Set([root]);
    for (let size = 0; size !== seen.size; ) {
      size = seen.size;
      for (const { from, to, edge } of this.edges) if (edge <= weakest && seen.has(from)) seen.add(to);
    }
    return seen;
  }

  /** Steps from root to target; -1 where no edges lead there. */
  distance(root: number, target: number): number {
    let steps = 0;
    for (let seen = new Set([root]); ; steps++) {
      if (seen.has(target)) return steps;
      const wider = new Set(seen);
      for (const { from, to } of this.edges) if (seen.has(from)) wider.add(to);
      if (wider.size === seen.size) return -1;
      seen = wider;
    }
  }
}

/** Few digests, so that they meet: their first 32 bytes collide across the algorithms. */
function digestOf(n: number, isLong: boolean): Digest {
  const bytes = Buffer.alloc(64, n % 8);
  if (n >= 16) bytes[63] = n;
  return isLong ? Digest.fromBytes("sha512", bytes) : Digest.fromBytes("sha256", bytes.subarray(0, 32));
}

const EDGES = [Edge.image, Edge.attestation, Edge.subject] as const;
const anyDigest = fc.tuple(fc.nat(31), fc.boolean()).map(([n, isLong]) => digestOf(n, isLong));
const anyLink = fc.record({ from: fc.nat(), to: fc.nat(), edge: fc.constantFrom(...EDGES) });
const anySeed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test("it adds, links, reaches and finds ways as a plain model does, whatever the seed", () => {
  const digests = fc.array(anyDigest, { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(anySeed, digests, fc.array(anyLink, { maxLength: 60 }), (seed, added, links) => {
      const graph = new ObjectGraph(seed);
      const model = new ModelGraph();
      for (const digest of added) expect(graph.add(digest)).toBe(model.add(digest));
      expect(graph.count).toBe(model.names.length);
      expect(model.names.map((_, id) => graph.digest(id).toString())).toEqual(model.names);
      for (const { from, to, edge } of links) {
        const link = { from: from % graph.count, to: to % graph.count, edge };
        model.edges.push(link);
        graph.link(link.from, link.to, edge);
      }
      const seen = new Int32Array(graph.count);
      let epoch = 0;
      for (let root = 0; root < Math.min(graph.count, 6); root++) {
        for (const weakest of EDGES) {
          const visited: number[] = [];
          graph.reach(root, weakest, seen, ++epoch, (id) => visited.push(id));
          expect(visited[0]).toBe(root);
          expect(new Set(visited)).toEqual(model.reach(root, weakest));
          expect(visited).toHaveLength(new Set(visited).size);
        }
        for (let target = 0; target < graph.count; target++) {
          const path = graph.path(root, target);
          const steps = model.distance(root, target);
          expect(path).toHaveLength(steps + 1);
          if (steps < 0) continue;
          expect([path[0], path[path.length - 1]]).toEqual([root, target]);
          const isStep = (to: number, at: number) =>
            at === 0 || model.edges.some((edge) => edge.from === path[at - 1] && edge.to === to);
          expect(path.every(isStep)).toBe(true);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("sha256 and sha512 of the same first bytes are two objects", () => {
  const graph = new ObjectGraph(1);
  const long = digestOf(1, true);
  const short = digestOf(1, false);
  const longOther = digestOf(17, true);
  expect(long.hex.startsWith(short.hex)).toBe(true);
  expect([graph.add(long), graph.add(short), graph.add(longOther)]).toEqual([0, 1, 2]);
  expect([graph.add(short), graph.add(longOther), graph.add(long)]).toEqual([1, 2, 0]);
  expect([0, 1, 2].map((id) => graph.digest(id).toString())).toEqual([long, short, longOther].map(String));
});

test.each([0, 1, -1, 0x7fffffff])(
  "5,000 objects and 15,000 edges outgrow every first size (seed %d)",
  (seed) => {
    const count = 5_000;
    const graph = new ObjectGraph(seed);
    const digest = (n: number) => Digest.sha256(Buffer.from(String(n)));
    for (let n = 0; n < count; n++) {
      expect(graph.add(digest(n))).toBe(n);
      graph.describe(
        n,
        n % 2 === 0 ? Role.layer : Role.child,
        n * 2 ** 40,
        n % 200,
        n % 3 === 0 ? null : `linux/p${n % 7}`,
      );
      for (const to of [n - 1, n - 7, n - 100]) if (to >= 0) graph.link(n, to, Edge.image);
    }
    expect(graph.count).toBe(count);
    for (let n = 0; n < count; n += 37) {
      expect(graph.add(digest(n))).toBe(n);
      expect([graph.role(n), graph.size(n), graph.depth(n), graph.platform(n)]).toEqual([
        n % 2 === 0 ? Role.layer : Role.child,
        n * 2 ** 40,
        n % 200,
        n % 3 === 0 ? null : `linux/p${n % 7}`,
      ]);
    }
    let reached = 0;
    graph.reach(count - 1, Edge.image, new Int32Array(count), 1, () => reached++);
    expect(reached).toBe(count);
    expect(graph.path(count - 1, 0)).toHaveLength(1 + 49 + 14 + 1);
  },
);

test("any number of platforms: the known ones stay what they are", () => {
  const graph = new ObjectGraph(0);
  for (let n = 0; n < 5_000; n++) {
    const id = graph.add(Digest.sha256(Buffer.from(String(n))));
    graph.describe(id, Role.child, 1, 1, `os/${n}`);
  }
  expect([graph.platform(0), graph.platform(4_000), graph.platform(4_999)]).toEqual([
    "os/0",
    "os/4000",
    null,
  ]);
});

describe("a settled object", () => {
  const sizes = fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 40, -1);
  const objects = fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 120 });

  test("is what it was, is found by its digest, and is opened again by it; what has edges stays open", () => {
    fc.assert(
      fc.property(anySeed, objects, sizes, fc.func(fc.boolean()), (seed, numbers, size, isSettled) => {
        const graph = new ObjectGraph(seed);
        const digests = numbers.map((n) =>
          Digest.of(n % 9 === 0 ? "sha512" : "sha256", Buffer.from(String(n))),
        );
        for (const [id, digest] of digests.entries()) {
          graph.add(digest);
          graph.describe(id, Role.layer, size, id % 17, id % 2 === 0 ? "linux/amd64" : null);
          if (id > 0 && id % 5 === 0) graph.link(0, id, Edge.image);
        }
        const settled = digests.map((_, id) => isSettled(id));
        for (const [id, is] of settled.entries()) if (is) graph.settle(id);
        // What is added now takes the place of what was forgotten.
        for (let n = 1_000; n < 1_050; n++)
          graph.describe(graph.add(digestOfText(`${n}`)), Role.child, n, 1, null);
        for (const [id, digest] of digests.entries()) {
          expect(graph.add(digest)).toBe(id);
          expect([graph.role(id), graph.size(id), graph.depth(id), graph.platform(id)]).toEqual([
            Role.layer,
            size,
            id % 17,
            id % 2 === 0 ? "linux/amd64" : null,
          ]);
          graph.reopen(id, digest);
          expect([`${graph.digest(id)}`, graph.size(id)]).toEqual([`${digest}`, size]);
        }
        for (let n = 1_000; n < 1_050; n++)
          expect(`${graph.digest(digests.length + n - 1_000)}`).toBe(`${digestOfText(`${n}`)}`);
        expect(graph.count).toBe(digests.length + 50);
      }),
      { numRuns: 60 },
    );
  });

  test("has no digest to be told; one that has edges, or a size beyond 2 GiB, is none", () => {
    const graph = new ObjectGraph(7);
    for (let n = 0; n < 3; n++)
      graph.describe(graph.add(digestOfText(`${n}`)), Role.layer, n === 2 ? 2 ** 31 : 9, 1, null);
    graph.link(0, 1, Edge.image);
    for (let id = 0; id < 3; id++) graph.settle(id);
    expect(() => graph.digest(1)).toThrow("object 1 is settled");
    expect([0, 2].map((id) => `${graph.digest(id)}`)).toEqual([0, 2].map((n) => `${digestOfText(`${n}`)}`));
  });

  test("is not taken for a digest that begins the same", () => {
    const settled = digestOfText("settled").bytes();
    for (let byte = 0; byte < 32; byte++) {
      const graph = new ObjectGraph(byte);
      graph.describe(graph.add(Digest.fromBytes("sha256", settled)), Role.layer, 9, 1, null);
      graph.settle(0);
      const other = Buffer.from(settled);
      other[byte] = (other[byte] ?? 0) ^ 1;
      expect(graph.add(Digest.fromBytes("sha256", other))).toBe(1);
    }
  });
});

function digestOfText(text: string): Digest {
  return Digest.sha256(Buffer.from(text));
}
