import fc from "fast-check";
import { isDue, REREAD_WITHIN_MS, rereadAtMs } from "../../../lib/integrity/memory/reread";

const key = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes));
const readAtS = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("a manifest is read again half a day to a day after it was read", () => {
  fc.assert(
    fc.property(key, readAtS, (someKey, at) => {
      const entry = { key: someKey, readAtS: at };
      const dueAtMs = rereadAtMs(entry);
      expect(dueAtMs - at * 1000).toBeGreaterThanOrEqual(REREAD_WITHIN_MS / 2);
      expect(dueAtMs - at * 1000).toBeLessThan(REREAD_WITHIN_MS);
      expect(isDue(entry, at * 1000)).toBe(false);
      expect(isDue(entry, Math.ceil(dueAtMs) - 1)).toBe(dueAtMs <= Math.ceil(dueAtMs) - 1);
      expect(isDue(entry, Math.ceil(dueAtMs))).toBe(true);
      // Read at a time that is still to come: the clock was wrong then, or is now.
      expect(isDue(entry, at * 1000 - 1)).toBe(true);
    }),
  );
});

test("of many that were read at once, each quarter of an hour reads a small share again", () => {
  const entries = Array.from({ length: 4_096 }, (_, i) => ({
    key: Buffer.from((i * 2 ** 20).toString(16).padStart(8, "0").padEnd(16, "0"), "hex"),
    readAtS: 0,
  }));
  const quarterMs = 900_000;
  const perQuarter = Array.from(
    { length: 97 },
    (_, i) =>
      entries.filter((entry) => isDue(entry, i * quarterMs) && !isDue(entry, (i - 1) * quarterMs)).length,
  );
  expect(perQuarter.slice(1, 48).every((share) => share === 0)).toBe(true);
  expect(Math.max(...perQuarter.slice(1))).toBeLessThanOrEqual(Math.ceil(4_096 / 48));
});
