import fc from "fast-check";
import { nextStart, walkLoop } from "../../../lib/integrity/exporter/walk-loop";

const INTERVAL_MS = 1_000;

/** Runs the loop on a clock that only sleeping and walking move, until so many walks have begun. */
async function starts(durationsMs: readonly number[], firstDelayMs = 0) {
  let nowMs = 5_000;
  const stop = new AbortController();
  const began: number[] = [];
  const planned: number[] = [];
  const announced: number[] = [];
  await walkLoop({
    intervalMs: INTERVAL_MS,
    firstDelayMs,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    signal: stop.signal,
    onPlanned: (atMs) => announced.push(atMs),
    walk: async (plannedAtMs) => {
      planned.push(plannedAtMs);
      began.push(nowMs);
      nowMs += durationsMs[began.length - 1] ?? 0;
      if (began.length === durationsMs.length) stop.abort();
    },
  });
  return { began, planned, announced };
}

test("walks begin at even distances, whatever they take", async () => {
  const { began, planned, announced } = await starts([10, 999, 0, 500]);
  expect(began).toEqual([5_000, 6_000, 7_000, 8_000]);
  expect(planned).toEqual(began);
  expect(announced).toEqual([...planned, 9_000]);
});

test("one that takes too long leaves out what it missed, and the grid stays", async () => {
  expect((await starts([2_500, 1_000, 10])).began).toEqual([5_000, 8_000, 10_000]);
});

test("the first may wait", async () => {
  expect((await starts([1, 1], 250)).began).toEqual([5_250, 6_250]);
});

test("what a walk throws ends the loop", async () => {
  const loop = walkLoop({
    intervalMs: INTERVAL_MS,
    firstDelayMs: 0,
    now: () => 0,
    sleep: async () => undefined,
    signal: new AbortController().signal,
    onPlanned: () => undefined,
    walk: async () => {
      throw new Error("bad option");
    },
  });
  await expect(loop).rejects.toThrow("bad option");
});

test("a signal during the wait ends it without a walk", async () => {
  const stop = new AbortController();
  let walks = 0;
  await walkLoop({
    intervalMs: INTERVAL_MS,
    firstDelayMs: 10,
    now: () => 0,
    sleep: async (_ms, signal) => {
      expect(signal).toBe(stop.signal);
      stop.abort();
    },
    signal: stop.signal,
    onPlanned: () => undefined,
    walk: async () => {
      walks += 1;
    },
  });
  expect(walks).toBe(0);
});

test("the next start is ahead, within one interval, and on the grid, also where the clock went back", () => {
  const time = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(time, time, fc.integer({ min: 1_000, max: 2 ** 30 }), (lastAtMs, nowMs, intervalMs) => {
      const next = nextStart(lastAtMs, nowMs, intervalMs);
      expect(next).toBeGreaterThan(nowMs);
      expect(next - nowMs).toBeLessThanOrEqual(intervalMs);
      expect(Math.abs(next - lastAtMs) % intervalMs).toBe(0);
    }),
  );
});
