import fc from "fast-check";
import {
  type ByteSlice,
  formatByteSlice,
  isInSlice,
  parseByteSlice,
  settleByteSlice,
} from "../../lib/integrity/byte-slice";
import { Digest } from "../../lib/oci/digest";

test.each([
  ["all", { k: 1, n: 1 }],
  ["1/1", { k: 1, n: 1 }],
  ["3/96", { k: 3, n: 96 }],
  ["10000/10000", { k: 10_000, n: 10_000 }],
  ["auto/96", { k: "auto", n: 96 }],
  ["auto/1", { k: "auto", n: 1 }],
])("%s is read", (text, spec) => {
  expect(parseByteSlice(text)).toEqual(spec);
});

test.each([
  "",
  "ALL",
  "0/4",
  "5/4",
  "1/0",
  "auto/0",
  "auto",
  "1",
  "1/",
  "/4",
  "-1/4",
  "1.5/4",
  "1/4 ",
  "1/4/4",
  "1/10001",
  "auto/99999",
])("%j is no slice", (text) => {
  expect(parseByteSlice(text)).toBeNull();
});

const anyDigest = fc
  .tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.constantFrom("sha256" as const, "sha512" as const))
  .map(([content, algorithm]) => Digest.of(algorithm, content));

test("every digest is in exactly one of n slices", () => {
  fc.assert(
    fc.property(anyDigest, fc.integer({ min: 1, max: 200 }), (digest, n) => {
      const slices = Array.from({ length: n }, (_, i): ByteSlice => ({ k: i + 1, n }));
      expect(slices.filter((slice) => isInSlice(digest, slice))).toHaveLength(1);
    }),
    { numRuns: 100 },
  );
});

test("the slices are of like size", () => {
  const sizes = new Array<number>(8).fill(0);
  for (let i = 0; i < 4_000; i++) {
    const digest = Digest.sha256(Buffer.from(String(i)));
    const at = sizes.findIndex((_, k) => isInSlice(digest, { k: k + 1, n: 8 }));
    sizes[at] = (sizes[at] ?? 0) + 1;
  }
  expect(Math.min(...sizes)).toBeGreaterThan(400);
  expect(Math.max(...sizes)).toBeLessThan(600);
});

test("auto covers all n slices in n runs on schedule, wherever in its interval each run starts", () => {
  const starts = fc.nat(4_000_000_000_000);
  const intervals = fc.constantFrom(60_000, 900_000, 3_600_000, 86_400_000);
  fc.assert(
    fc.property(
      starts,
      intervals,
      fc.integer({ min: 1, max: 150 }),
      fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 1 }),
      (start, intervalMs, n, lateness) => {
        const first = Math.floor(start / intervalMs) * intervalMs;
        const runs = Array.from({ length: n }, (_, i) => {
          const late = (lateness[i % lateness.length] ?? 0) * intervalMs;
          return settleByteSlice({ k: "auto", n }, first + i * intervalMs + late, intervalMs);
        });
        expect(runs.map(({ k }) => k).sort((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i + 1),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test("a slice that is named stays, whatever the clock", () => {
  expect(settleByteSlice({ k: 3, n: 4 }, Date.now(), 900_000)).toEqual({ k: 3, n: 4 });
  expect(formatByteSlice({ k: 3, n: 4 })).toBe("3/4");
});
