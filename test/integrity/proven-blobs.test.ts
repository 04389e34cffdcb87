import fc from "fast-check";
import { ProvenBlobs } from "../../lib/integrity/proven-blobs";
import { Digest } from "../../lib/oci/digest";

const digest = (n: number): Digest => Digest.sha256(Buffer.from(String(n)));
const anySeed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anySize = fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40);
const anyDigest = fc
  .tuple(fc.nat(200), fc.constantFrom("sha256", "sha512"))
  .map(([n, algorithm]) => Digest.of(algorithm as "sha256", Buffer.from(String(n))));
const anyBlob = fc.tuple(anyDigest, anySize);

test("it knows what was added, and nothing else, whatever the seed", () => {
  fc.assert(
    fc.property(
      anySeed,
      fc.array(anyBlob, { maxLength: 300 }),
      fc.array(anyBlob, { maxLength: 100 }),
      (seed, added, asked) => {
        const proven = new ProvenBlobs(seed);
        const model = new Set<string>();
        for (const [one, size] of added) {
          proven.add(one, size);
          model.add(`${one} ${size}`);
        }
        for (const [one, size] of [...added, ...asked])
          expect(proven.has(one, size)).toBe(model.has(`${one} ${size}`));
      },
    ),
    { numRuns: 60 },
  );
});

test.each([0, 1, -1, 0x7fffffff])("100,000 blobs take at most 16 bytes each (seed %d)", (seed) => {
  const proven = new ProvenBlobs(seed);
  const count = 100_000;
  for (let n = 0; n < count; n++) proven.add(digest(n), n);
  for (let n = 0; n < count; n += 7) {
    expect(proven.has(digest(n), n)).toBe(true);
    expect([proven.has(digest(n), n + 1), proven.has(digest(n + count), n)]).toEqual([false, false]);
  }
  expect(proven.bytes / count).toBeLessThan(16);
});

test("past its bound it forgets nothing, and takes nothing more: what comes then is proven anew", () => {
  const proven = new ProvenBlobs(7, 100);
  for (let n = 0; n < 1_000; n++) proven.add(digest(n), 1);
  const known = Array.from({ length: 1_000 }, (_, n) => proven.has(digest(n), 1));
  expect(known).toEqual(known.map((_, n) => n < 100));
});
