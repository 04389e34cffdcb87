import fc from "fast-check";
import { BearableRate } from "../../lib/integrity/bearable-rate";

interface Limit {
  /** Requests per second that the registry bears. */
  readonly perSecond: number;
  /** So many at once, where it was asked less before. */
  readonly burst: number;
  /** From then on it bears everything. */
  readonly untilMs: number;
}

/** One request after another as fast as the rate allows, against a bucket that fills evenly. */
function run(highest: number, limit: Limit, forMs: number) {
  const rate = new BearableRate({ highest, lowest: 1 });
  const at: { ms: number; isRefused: boolean }[] = [];
  let tokens = limit.burst;
  for (let ms = 0; ms < forMs; ) {
    const waitMs = 1_000 / rate.perSecond;
    ms += waitMs;
    tokens = Math.min(limit.burst, tokens + (waitMs * limit.perSecond) / 1_000);
    const isRefused = ms < limit.untilMs && tokens < 1;
    if (!isRefused) tokens--;
    at.push({ ms, isRefused });
    if (isRefused) rate.refused(rate.perSecond, ms);
    else rate.borne(ms);
  }
  return { rate, at };
}

const HOUR_MS = 3_600_000;
const limits = fc.record({
  perSecond: fc.integer({ min: 2, max: 150 }),
  burst: fc.integer({ min: 1, max: 300 }),
});

test("a limit that stays: few requests are refused once it is found, and most of what it bears is used", () => {
  fc.assert(
    fc.property(limits, (limit) => {
      const { at } = run(200, { ...limit, untilMs: Number.POSITIVE_INFINITY }, HOUR_MS / 4);
      const refused = at.filter(({ isRefused }) => isRefused).length;
      const afterSearch = at.filter(({ ms }) => ms > 10_000);
      expect(afterSearch.filter(({ isRefused }) => isRefused).length / afterSearch.length).toBeLessThan(0.01);
      expect((at.length - refused) / (HOUR_MS / 4_000)).toBeGreaterThan(limit.perSecond * 0.7);
    }),
    { numRuns: 12 },
  );
});

test("it does not swing: in the second half of an hour refusals come once in two minutes or less", () => {
  fc.assert(
    fc.property(limits, (limit) => {
      const { at } = run(200, { ...limit, untilMs: Number.POSITIVE_INFINITY }, HOUR_MS);
      const late = at.filter(({ ms, isRefused }) => isRefused && ms > HOUR_MS / 2);
      const times = late.filter(({ ms }, i) => i === 0 || ms - (late[i - 1]?.ms ?? 0) > 10_000);
      expect(times.length).toBeLessThanOrEqual(15);
    }),
    { numRuns: 5 },
  );
});

test("a limit that passes is forgotten within minutes", () => {
  const passing = fc.record({
    perSecond: fc.integer({ min: 1, max: 100 }),
    burst: fc.integer({ min: 1, max: 100 }),
    untilMs: fc.integer({ min: 5_000, max: 120_000 }),
  });
  fc.assert(
    fc.property(passing, (limit) => {
      expect(run(200, limit, limit.untilMs + 600_000).rate.perSecond).toBe(200);
    }),
    { numRuns: 12 },
  );
});

test("a step that is refused is taken back, and the next one waits twice as long, up to 160 seconds", () => {
  const rate = new BearableRate({ highest: 200, lowest: 1 });
  rate.refused(200, 0);
  let nowMs = 0;
  for (const seconds of [5, 10, 20, 40, 80, 160, 160]) {
    rate.borne(nowMs + seconds * 1_000 - 1);
    expect(rate.perSecond).toBe(100);
    nowMs += seconds * 1_000;
    rate.borne(nowMs);
    expect(rate.perSecond).toBe(120);
    rate.refused(120, nowMs);
  }
});

test("refused at what was borne before, it halves again", () => {
  const rate = new BearableRate({ highest: 200, lowest: 1 });
  rate.refused(200, 0);
  rate.borne(5_000);
  rate.refused(120, 6_000);
  rate.refused(100, 7_000);
  expect(rate.perSecond).toBe(50);
});
