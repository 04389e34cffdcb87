import fc from "fast-check";
import { ADAPTIVE_RATE, deadlineWarning, estimateRequests, Pace } from "../../lib/integrity/pace";
import type { WalkProgress } from "../../lib/integrity/walk";

const idle: WalkProgress = { repositoriesDone: 0, repositoriesTotal: 1, tags: 0, requests: 0, pending: 0 };

/** A walk of repositories of like size on a virtual clock, one request after another as the rate allows. */
function simulate(options: { repositories: number; requestsEach: number; targetMs: number }) {
  const { repositories, requestsEach, targetMs } = options;
  const rates: number[] = [];
  let nowMs = 1_000_000;
  const startMs = nowMs;
  const setRate = (rate: number): number => rates.push(rate);
  const pace = new Pace({ perSecond: null, targetMs, now: () => nowMs, setRate });
  for (let requests = 0; requests < repositories * requestsEach; requests++) {
    nowMs += 1_000 / (rates[rates.length - 1] ?? 1);
    pace.onProgress({
      ...idle,
      repositoriesDone: Math.floor((requests + 1) / requestsEach),
      repositoriesTotal: repositories,
      requests: requests + 1,
      pending: requestsEach - ((requests + 1) % requestsEach),
    });
  }
  return { durationMs: nowMs - startMs, rates };
}

test("it starts at 20 a second, and a small walk stays there", () => {
  expect(simulate({ repositories: 3, requestsEach: 10, targetMs: 300_000 }).rates).toEqual([20]);
});

test("a walk that can end by the target does, between 20 and 200 a second", () => {
  const sizes = fc.record({
    repositories: fc.integer({ min: 5, max: 60 }),
    requestsEach: fc.integer({ min: 4, max: 300 }),
    targetMs: fc.integer({ min: 20_000, max: 300_000 }),
  });
  let faster = 0;
  fc.assert(
    fc.property(sizes, (options) => {
      // Beyond that many requests even the highest rate is too slow.
      fc.pre(
        (options.repositories * options.requestsEach * 1_000) / options.targetMs < ADAPTIVE_RATE.max * 0.7,
      );
      const { durationMs, rates } = simulate(options);
      expect(durationMs).toBeLessThan(options.targetMs * 1.1 + 1_000);
      expect(Math.max(...rates)).toBeLessThanOrEqual(200);
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(20);
      if (rates.length > 1) faster++;
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(faster).toBeGreaterThan(10);
});

test("a walk that cannot end by the target goes at nearly 200 a second, never above", () => {
  const { rates, durationMs } = simulate({ repositories: 20, requestsEach: 1_000, targetMs: 10_000 });
  expect(Math.max(...rates)).toBeLessThanOrEqual(200);
  expect(durationMs).toBeLessThan(20_000_000 / 180 + 5_000);
});

describe("throttled", () => {
  function throttled(perSecond: number | null = null) {
    const rates: number[] = [];
    const clock = { nowMs: 5_000 };
    const setRate = (rate: number): number => rates.push(rate);
    const pace = new Pace({ perSecond, targetMs: 10_000, now: () => clock.nowMs, setRate });
    return { rates, clock, pace };
  }
  const far: WalkProgress = { ...idle, pending: 100_000 };

  test("it halves, at most once a second", () => {
    const { rates, clock, pace } = throttled();
    pace.onProgress(far);
    for (let i = 0; i < 5; i++) pace.onThrottled();
    clock.nowMs += 999;
    pace.onThrottled();
    expect(rates).toEqual([20, 200, 100]);
    clock.nowMs += 1;
    pace.onThrottled();
    expect(rates).toEqual([20, 200, 100, 50]);
  });

  test("it climbs back by a fifth after five seconds without another, and no higher than it may", () => {
    const { rates, clock, pace } = throttled();
    pace.onProgress(far);
    pace.onThrottled();
    clock.nowMs += 4_999;
    pace.onProgress(far);
    expect(rates).toEqual([20, 200, 100]);
    for (let i = 0; i < 100; i++) {
      clock.nowMs += 1_000;
      pace.onProgress(far);
    }
    expect(rates).toEqual([20, 200, 100, 120, 144, expect.closeTo(172.8), 200]);
  });

  test("it does not climb where the walk wants no more", () => {
    const { rates, clock, pace } = throttled();
    pace.onProgress(far);
    pace.onThrottled();
    for (let i = 0; i < 100; i++) {
      clock.nowMs += 1_000;
      pace.onProgress({ ...idle, repositoriesDone: 1, pending: 50 });
    }
    expect(Math.max(...rates.slice(3))).toBeLessThan(100);
    pace.onProgress(far);
    expect(rates.at(-1)).toBe(120);
  });

  test("a rate that is set is lowered too, and climbed back to", () => {
    const { rates, clock, pace } = throttled(1_000);
    pace.onThrottled();
    for (let i = 0; i < 100; i++) {
      clock.nowMs += 1_000;
      pace.onProgress(far);
    }
    expect(rates).toEqual([1_000, 500, 600, 720, 864, 1_000]);
  });

  test("without a limit it is lowered by what was sent in the last seconds, and climbs back to that", () => {
    const { rates, clock, pace } = throttled(0);
    for (let requests = 0; requests < 3_000; requests += 3) {
      clock.nowMs += 10;
      pace.onProgress({ ...far, requests });
    }
    pace.onThrottled();
    expect(rates).toEqual([0, expect.closeTo(150, -1)]);
    for (let i = 0; i < 100; i++) {
      clock.nowMs += 1_000;
      pace.onProgress(far);
    }
    expect(rates.at(-1)).toBeCloseTo(300, -1);
  });

  test.each([
    [null, [20, 10, 5, 2.5, 1.25, 1]],
    [3, [3, 1.5, 1]],
    [0.5, [0.5]],
  ])("set to %s it goes below 20 where it must, and never below 1", (perSecond, expected) => {
    const { rates, clock, pace } = throttled(perSecond);
    for (let i = 0; i < 20; i++) {
      pace.onThrottled();
      clock.nowMs += 1_000;
      pace.onProgress(far);
    }
    expect(rates).toEqual(expected);
  });
});

describe("of four shards", () => {
  test("each takes a fourth of every rate, of the one after a 429 too", () => {
    const rates: number[] = [];
    let nowMs = 5_000;
    const setRate = (rate: number): number => rates.push(rate);
    const pace = new Pace({ perSecond: null, targetMs: 10_000, now: () => nowMs, setRate, shards: 4 });
    for (let i = 0; i < 12; i++) {
      pace.onProgress({ ...idle, pending: 100_000 });
      nowMs += 1_000;
      pace.onThrottled();
    }
    expect(rates.slice(0, 4)).toEqual([5, 50, 25, 12.5]);
    expect(rates.at(-1)).toBe(0.25);
  });

  test("a small walk stays at five a second", () => {
    const rates: number[] = [];
    const pace = new Pace({
      perSecond: null,
      targetMs: 300_000,
      now: () => 0,
      setRate: (rate) => rates.push(rate),
      shards: 4,
    });
    pace.onProgress({ ...idle, pending: 1_000 });
    expect(rates).toEqual([5]);
  });
});

test.each([
  ["nothing known yet: four a repository", { ...idle, repositoriesTotal: 50 }, 200],
  ["more is known than that", { ...idle, repositoriesTotal: 50, requests: 2, pending: 400 }, 402],
  [
    "the first under way counts as done",
    { ...idle, repositoriesTotal: 50, requests: 100, pending: 9 },
    5_000,
  ],
  [
    "by what the repositories done took",
    { ...idle, repositoriesDone: 2, repositoriesTotal: 10, requests: 60, pending: 5 },
    300,
  ],
  [
    "at least what is known",
    { ...idle, repositoriesDone: 9, repositoriesTotal: 10, requests: 90, pending: 500 },
    590,
  ],
])("the estimate: %s", (_, progress, expected) => {
  expect(estimateRequests(progress)).toBe(expected);
});

test("the deadline's warning names the numbers and the ways out", () => {
  const progress = { ...idle, pending: 100_000 };
  expect(deadlineWarning(progress, 200, 300_000)).toBe(
    "the walk takes about 100000 requests: 500 s at 200 a second, and the deadline is 300 s. " +
      "Raise --deadline or --rate, or use --newest, --blobs head or --repository",
  );
  expect(deadlineWarning(progress, 200, 500_000)).toBeNull();
  expect(deadlineWarning(progress, 0, 1)).toBeNull();
  expect(deadlineWarning(progress, 200 / 3, 300_000)).toContain("1500 s at 66.67 a second");
});
