import { duration, renderFigures, secondsToPage } from "../../../bench/simulation/figures";
import { reachOf } from "../../../bench/simulation/reach";
import { estimateWhole, walkIntervals, walkWhole } from "../../../bench/simulation/run-scenario";
import { type Scenario, scenariosOf, THE_ESTATE } from "../../../bench/simulation/scenarios";

const scenarios = scenariosOf([3_000]);
const scenarioOf = (name: string, shards: number, perSecond: number): Scenario =>
  scenarios.find(
    (one) => one.name === name && one.shards === shards && one.perSecond === perSecond,
  ) as Scenario;
const single = scenarioOf("3,000 blobs", 1, 50);
const sharded = scenarioOf("3,000 blobs", 32, 50);

test("the estate pages within its budget of 40 minutes, and later by every run that passes an object by", () => {
  expect(secondsToPage(1)).toBe(39 * 60 + 10);
  expect(secondsToPage(4) - secondsToPage(1)).toBe(3 * 900);
});

test.each([
  [5.4, "5 s"],
  [90, "2 min"],
  [7_100, "118 min"],
  [9_000, "3 h"],
  [100_000, "28 h"],
  [277_777, "3 d 5 h"],
  [5_000_000, "58 d"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("what is reached: all in one run, a part of one repository in turn, and several repositories", () => {
  expect(reachOf({ tags: [10, 20], tagsPerWalk: 30, intervalMs: 900_000 })).toEqual({
    runsUntilAll: 1,
    longestGap: 1,
  });
  const one = reachOf({ tags: [1_000], tagsPerWalk: 100, intervalMs: 900_000 });
  expect(one?.runsUntilAll).toBeGreaterThanOrEqual(10);
  expect(one?.runsUntilAll).toBeLessThan(25);
  expect(reachOf({ tags: [10], tagsPerWalk: 0, intervalMs: 900_000 })).toBeNull();
});

test("a walk that ends takes what its requests and its rate say, and the estimate says the same", async () => {
  const measured = await walkWhole(single);
  const estimated = estimateWhole(single);
  // A second look at what is broken, and what failed on the way, come on top.
  expect(measured.requests / estimated.requests).toBeGreaterThan(1);
  expect(measured.requests / estimated.requests).toBeLessThan(1.05);
  expect(measured.seconds / estimated.seconds).toBeGreaterThan(0.95);
  expect(measured.seconds / estimated.seconds).toBeLessThan(1.1);
  expect(measured.registrySeconds / estimated.registrySeconds).toBeLessThan(1.05);
});

test("by turns as many are asked for, and the registry works less; what a cache hides is due in its turn alone", async () => {
  const [turns, range] = [
    await walkWhole(scenarioOf("3,000 blobs, by turns of 4", 1, 1_000)),
    await walkWhole(scenarioOf("3,000 blobs", 1, 1_000)),
  ];
  expect(Math.abs(turns.requests / range.requests - 1)).toBeLessThan(0.02);
  expect(turns.registrySeconds / range.registrySeconds).toBeLessThan(0.8);
});

test("the estate ends within its deadline, at the lowest rate", async () => {
  const [whole, intervals] = [await walkWhole(THE_ESTATE), await walkIntervals(THE_ESTATE)];
  expect(whole.seconds).toBeLessThan(60);
  expect(whole.requests / whole.seconds).toBeLessThan(21);
  expect(intervals).toMatchObject({ coverage: 1, reach: { runsUntilAll: 1 } });
});

test("the tables have a row a scenario, and tell what was counted from what was simulated", async () => {
  const intervals = await walkIntervals(sharded);
  expect(intervals.coverage).toBeLessThan(1);
  const figures = renderFigures([
    { scenario: single, whole: await walkWhole(single), intervals, residentMiB: 50.4 },
    { scenario: sharded, whole: null, intervals, residentMiB: 51 },
  ]);
  const rows = figures.split("\n").filter((line) => line.startsWith("| 3,000 blobs"));
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/ \| 1 \| 50 \| [\d,]+ \| \d+ (s|min) \| /);
  expect(rows[1]).toMatch(/ \| 32 \| 50 \| [\d,]+ \| ≈ /);
  expect(rows[2]).toMatch(/ 50 MiB \|$/);
  const cells = new Set(
    figures
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").length),
  );
  expect(cells.size).toBe(1);
});
