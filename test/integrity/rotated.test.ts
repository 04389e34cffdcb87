import fc from "fast-check";
import { rotated } from "../../lib/integrity/walk";

test("it is a rotation: nothing lost, nothing twice, the order kept", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(4_000_000_000_000), (count, nowMs) => {
      const items = Array.from({ length: count }, (_, i) => i);
      const turned = rotated(items, nowMs);
      const from = turned[0] ?? 0;
      expect(turned).toEqual(items.map((i) => (i + from) % count));
    }),
    { numRuns: 200 },
  );
});

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

test.each([
  ["every 15 minutes for a day", QUARTER_MS, 96, 50],
  ["every hour for four days", 3_600_000, 96, 50],
  ["every day at three for half a year", DAY_MS, 180, 50],
  ["a number of repositories that divides the interval", QUARTER_MS, 96, 900],
])(
  "%s: each repository is at least once in the first half, and so in a walk that is cut there",
  (_, intervalMs, runs, count) => {
    const items = Array.from({ length: count }, (_unused, i) => i);
    fc.assert(
      fc.property(fc.integer({ min: 1_700_000_000, max: 2_000_000_000 }), (startSeconds) => {
        const early = new Set<number>();
        for (let run = 0; run < runs; run++) {
          for (const item of rotated(items, startSeconds * 1_000 + run * intervalMs).slice(0, count / 2))
            early.add(item);
        }
        expect(early.size).toBe(count);
      }),
      { numRuns: 20 },
    );
  },
);

test("two walks within the same second go the same way", () => {
  const items = ["a", "b", "c", "d", "e"];
  expect(rotated(items, 1_776_600_000_999)).toEqual(rotated(items, 1_776_600_000_000));
  expect(rotated([], 5)).toEqual([]);
});
