import fc from "fast-check";
import { commonSubsequence } from "../../../lib/diff/compare/common-subsequence";

/** By recursion over both, for short lists. */
function longestLength(a: readonly string[], b: readonly string[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const element of a) {
    let diagonal = 0;
    for (const [at, other] of b.entries()) {
      const above = row[at + 1] ?? 0;
      row[at + 1] = element === other ? diagonal + 1 : Math.max(above, row[at] ?? 0);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

function expectCommon(a: readonly string[], b: readonly string[]): number {
  const matches = commonSubsequence(a, b);
  for (const [at, [i, j]] of matches.entries()) {
    expect(a[i]).toBe(b[j]);
    const [previousI, previousJ] = matches[at - 1] ?? [-1, -1];
    expect(i > previousI && j > previousJ).toBe(true);
  }
  return matches.length;
}

test("of short lists it is the longest there is", () => {
  const list = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
  fc.assert(fc.property(list, list, (a, b) => expect(expectCommon(a, b)).toBe(longestLength(a, b))));
});

test("of long ones with few differences everything else is matched", () => {
  const a = Array.from({ length: 20_000 }, (_, at) => (at % 3 === 0 ? `${at}` : "same"));
  const b = a.flatMap((element, at) =>
    at % 1_000 === 0 ? [`new ${at}`, element] : at % 777 === 0 ? [] : [element],
  );
  const missing = a.filter((_, at) => at % 1_000 !== 0 && at % 777 === 0).length;
  expect(expectCommon(a, b)).toBe(a.length - missing);
});

test("long ones without an element of their own are given up at once", () => {
  const a = Array.from({ length: 50_000 }, (_, at) => `${at % 7}`);
  const b = Array.from({ length: 50_000 }, (_, at) => `${at % 5}`);
  const started = process.cpuUsage();
  expect(expectCommon(a, b)).toBeGreaterThanOrEqual(5);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
});
