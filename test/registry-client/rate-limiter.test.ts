import { RateLimiter } from "../../lib/registry-client/rate-limiter";

/** A clock that only sleeping moves. */
class Clock {
  nowMs = 0;
  sleeps = 0;
  readonly now = (): number => this.nowMs;
  readonly sleep = async (ms: number): Promise<void> => {
    this.sleeps += 1;
    await Promise.resolve();
    this.nowMs += ms;
  };
}

async function times(limiter: RateLimiter, clock: Clock, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => limiter.acquire().then(() => clock.nowMs)));
}

test("requests are spaced evenly, the first at once", async () => {
  const clock = new Clock();
  const limiter = new RateLimiter({ perSecond: 10, ...clock });
  expect(await times(limiter, clock, 5)).toEqual([0, 100, 200, 300, 400]);
  clock.nowMs = 10_000;
  expect(await times(limiter, clock, 2)).toEqual([10_000, 10_100]);
});

test("first come, first served", async () => {
  const clock = new Clock();
  const limiter = new RateLimiter({ perSecond: 10, ...clock });
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map((who) => limiter.acquire().then(() => order.push(who))));
  expect(order).toEqual([1, 2, 3, 4]);
});

test("without a limit there is no timer, and 0 releases who waits", async () => {
  const clock = new Clock();
  const unlimited = new RateLimiter({ perSecond: 0, ...clock });
  await times(unlimited, clock, 50);
  expect(clock.sleeps).toBe(0);
  let wake = (): void => undefined;
  const sleep = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const limiter = new RateLimiter({ perSecond: 1, now: () => 0, sleep });
  await limiter.acquire();
  const waiting = [limiter.acquire(), limiter.acquire()];
  limiter.setRate(0);
  await Promise.all(waiting);
  wake();
});

test("another rate takes effect with the next request", async () => {
  const clock = new Clock();
  const limiter = new RateLimiter({ perSecond: 8, ...clock });
  limiter.setRate(4);
  expect(await times(limiter, clock, 3)).toEqual([0, 250, 500]);
});

test("a late timer is made up for, so that the rate is kept", async () => {
  const clock = new Clock();
  const late = async (ms: number): Promise<void> => clock.sleep(ms + 30);
  const limiter = new RateLimiter({ perSecond: 100, now: clock.now, sleep: late });
  const all = await times(limiter, clock, 101);
  expect(all.at(-1)).toBeLessThan(1000 + 40);
});

test("a sleep that fails fails all who wait, and the next one starts afresh", async () => {
  let isBroken = true;
  const clock = new Clock();
  const sleep = async (ms: number): Promise<void> => {
    if (isBroken) throw new Error("woken");
    await clock.sleep(ms);
  };
  const limiter = new RateLimiter({ perSecond: 10, now: clock.now, sleep });
  await limiter.acquire();
  const waiting = [limiter.acquire(), limiter.acquire()];
  const results = await Promise.allSettled(waiting);
  expect(results.map((one) => one.status)).toEqual(["rejected", "rejected"]);
  isBroken = false;
  await limiter.acquire();
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("a rate of %s is refused", (perSecond) => {
  expect(() => new RateLimiter({ perSecond, ...new Clock() })).toThrow("0 means no limit");
});
