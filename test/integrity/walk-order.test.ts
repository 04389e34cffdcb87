import fc from "fast-check";
import { rotated, turnOf } from "../../lib/integrity/walk-order";

test("it is a rotation: nothing lost, nothing twice, the order kept", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(4_000_000_000_000), (count, nowMs) => {
      const items = Array.from({ length: count }, (_, i) => i);
      const turned = rotated(items, turnOf(nowMs, null).repositories);
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
          const { repositories } = turnOf(startSeconds * 1_000 + run * intervalMs, null);
          for (const item of rotated(items, repositories).slice(0, count / 2)) early.add(item);
        }
        expect(early.size).toBe(count);
      }),
      { numRuns: 20 },
    );
  },
);

test("two walks within the same second, or the same interval, go the same way", () => {
  expect(turnOf(1_776_600_000_999, null)).toEqual(turnOf(1_776_600_000_000, null));
  expect(turnOf(1_776_600_899_999, QUARTER_MS)).toEqual(turnOf(1_776_600_000_000, QUARTER_MS));
  expect(rotated([], 0.5)).toEqual([]);
});

/** Runs until every one of `count` items was among the first `reach` of a run. */
function runsUntilAll(count: number, reach: number, shareOf: (run: number) => number): number {
  const seen = new Set<number>();
  for (let run = 0; ; run++) {
    const start = Math.floor(shareOf(run) * count);
    for (let i = 0; i < reach; i++) seen.add((start + i) % count);
    if (seen.size === count) return run + 1;
  }
}

test.each([2, 5, 20, 100, 500])(
  "walks that reach a part in %i of all have reached all in less than 2.2 times as many runs, whatever the jitter",
  (parts) => {
    const runs = fc.record({
      first: fc.integer({ min: 1_000_000, max: 3_000_000 }),
      jitterMs: fc.integer({ min: 0, max: QUARTER_MS - 1 }),
    });
    fc.assert(
      fc.property(runs, ({ first, jitterMs }) => {
        const shareOf = (run: number): number =>
          turnOf((first + run) * QUARTER_MS + ((run * 7_919_000) % (jitterMs + 1)), QUARTER_MS).repositories;
        expect(runsUntilAll(10_000, 10_000 / parts, shareOf)).toBeLessThan(2.2 * parts);
      }),
      { numRuns: 10, seed: 3 },
    );
  },
);

test("the part of the tags that a walk begins with does not follow the part of the repositories", () => {
  const cells = new Set<number>();
  for (let run = 0; run < 400; run++) {
    const { repositories, tags } = turnOf(run * QUARTER_MS, QUARTER_MS);
    cells.add(Math.floor(repositories * 10) * 10 + Math.floor(tags * 10));
  }
  expect(cells.size).toBe(100);
});
