import fc from "fast-check";
import { VirtualClock } from "../../../bench/simulation/virtual-clock";

test("timers fire in the order of their times, and of their setting within one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), async (delays) => {
      const clock = new VirtualClock(1_000);
      const fired: [number, number][] = [];
      await clock.run(async () => {
        for (const [i, ms] of delays.entries()) clock.after(ms, () => fired.push([clock.now(), i]));
        await clock.sleep(21);
      });
      const expected = delays
        .map((ms, i): [number, number] => [1_000 + ms, i])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(fired).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("time stands still while anything can run, however long the chain of promises", async () => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  await clock.run(async () => {
    clock.after(1, () => seen.push(-1));
    for (let i = 0; i < 2_000; i++) await Promise.resolve();
    seen.push(clock.now());
    await clock.sleep(5);
    seen.push(clock.now());
  });
  expect(seen).toEqual([0, -1, 5]);
});

test("a cancelled timer does not fire, and a sleep ends at once with its signal", async () => {
  const clock = new VirtualClock(0);
  const ended = await clock.run(async () => {
    const cancel = clock.after(10, () => {
      throw new Error("it was cancelled");
    });
    cancel();
    const stop = new AbortController();
    clock.after(30, () => stop.abort());
    await Promise.all([clock.sleep(1_000, stop.signal), clock.sleep(2_000, stop.signal)]);
    const atMs = clock.now();
    await clock.sleep(9_000, stop.signal);
    return [atMs, clock.now()];
  });
  expect(ended).toEqual([30, 30]);
});

test("work that waits for nothing that will come is an error, and so is work that fails", async () => {
  const clock = new VirtualClock(0);
  await expect(clock.run(() => new Promise(() => undefined))).rejects.toThrow("stands still");
  await expect(clock.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
