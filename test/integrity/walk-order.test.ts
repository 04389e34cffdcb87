import fc from "fast-check";
import { rotated, tagShare, turnOf } from "../../lib/integrity/walk-order";

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

describe("walks that end within a few repositories", () => {
  /** Runs until every tag was among the first `tagsPerRun` of a run. */
  function runsUntilEveryTag(tags: readonly number[], tagsPerRun: number): number {
    const unseen = new Set(tags.flatMap((count, r) => Array.from({ length: count }, (_, t) => `${r} ${t}`)));
    for (let run = 0; run < 20_000; run++) {
      const turn = turnOf(run * QUARTER_MS, QUARTER_MS);
      let left = tagsPerRun;
      const order = rotated([...tags.entries()], turn.repositories);
      for (let nth = 0; left > 0 && nth < order.length; nth++) {
        const [r, count] = order[nth] as [number, number];
        const names = Array.from({ length: count }, (_, t) => `${r} ${t}`);
        for (const name of rotated(names, tagShare(turn, nth, tags.length)).slice(0, left))
          unseen.delete(name);
        left -= count;
      }
      if (unseen.size === 0) return run + 1;
    }
    return Number.POSITIVE_INFINITY;
  }

  test.each([
    ["half of one repository of 40", Array(40).fill(80), 40, 80, 4],
    ["a tenth of the only one", [1_000], 100, 10, 2],
    ["one and a bit of five", Array(5).fill(100), 120, 5, 2],
    // In a walk that begins before the large one its tags begin elsewhere each time.
    ["one of 50 that is a hundred times the others", [...Array(49).fill(5), 500], 100, 8, 12],
  ])("%s: every tag is reached in not much more than the fewest runs", (_, tags, perRun, fewest, factor) => {
    const runs = runsUntilEveryTag(tags, perRun);
    expect(runs).toBeLessThanOrEqual(fewest * factor);
  });
});
