import fc from "fast-check";
import { compareExpressions } from "../../../../lib/diff/rules/monitoring/promql-sensitivity";

test.each<[string, string, boolean, string | null]>([
  ["a > 5", "a > 7", true, "threshold 5 → 7"],
  ["a > 5", "a > 3", false, "threshold 5 → 3"],
  ["a >= 5", "a >= 7", true, "threshold 5 → 7"],
  ["a < 0.5", "a < 0.25", true, "threshold 0.5 → 0.25"],
  ["a < 0.25", "a < 0.5", false, "threshold 0.25 → 0.5"],
  ["a == 0", "a == 1", false, "threshold 0 → 1"],
  ["a > 3600 unless b > 60", "a > 3600 unless b > 30", true, "threshold 60 → 30"],
  ["a > 3600 unless b > 60", "a > 3600 unless b > 90", false, "threshold 60 → 90"],
  ["(a unless b > 60) or c > 1", "(a unless b > 60) or c > 2", true, "threshold 1 → 2"],
  ["rate(a[5m]) > 1", "rate(a[1h]) > 1", false, "window 5m → 1h"],
  ["changes(a[1h:1m]) >= 3", "changes(a[4h:2m]) >= 3", false, "window 1h → 4h, number 1m → 2m"],
  ["a > 1", 'a{job="x"} > 1', false, null],
  ['a{x="1"} > 1', 'a{x="1",y="2"} > 1', true, 'selector {x="1"} → {x="1",y="2"}'],
  ['a{x="1",y="2"} > 1', 'a{x="1"} > 1', false, 'selector {x="1",y="2"} → {x="1"}'],
  ['a{r=~"x|y"} > 1', 'a{r=~"x"} > 1', true, 'selector {r=~"x|y"} → {r=~"x"}'],
  ['a{r=~"x|y"} > 1', 'a{r="y"} > 1', true, null],
  ['a{r=~"x|y"} > 1', 'a{r=~"y|x"} > 1', false, 'selector {r=~"x|y"} → {r=~"y|x"}'],
  ['a{r=~"x"} > 1', 'a{r=~"x|y"} > 1', false, 'selector {r=~"x"} → {r=~"x|y"}'],
  ['absent(a{x="1",y="2"})', 'absent(a{x="1"})', true, 'selector {x="1",y="2"} → {x="1"}'],
  ["a > 1", "a > 1 unless on (x) b", true, 'further condition "unless on ( x ) b"'],
  ["a > 1", "(a > 1) and b", true, 'further condition "and b"'],
  ["a > 1 or b > 2", "a > 1", true, "a condition that also fired it is gone"],
  ["a > 1", "a > 1 or b > 2", false, null],
  ["a > 1", "vector(0) > 1", false, null],
  ["a < 5", "a > 5", false, null],
])("%s → %s", (before, after, isLessSensitive, detail) => {
  const change = compareExpressions(before, after);
  expect(change?.isLessSensitive).toBe(isLessSensitive);
  // `=~` to `=` is told with its selectors, in whatever words.
  if (detail !== null || !before.includes("=~")) expect(change?.detail).toBe(detail);
});

test.each([
  ["a  >\n5", "a>5"],
  ["a > 5 # why", "a > 5"],
  ['a{x="1", y="2"}', 'a{x="1",y="2"}'],
])("%j means the same as %j", (before, after) => {
  expect(compareExpressions(before, after)).toBeNull();
});

test("a string is a string: what looks like a number in it is no threshold", () => {
  expect(compareExpressions('a{x="> 5"} > 1', 'a{x="> 9"} > 1')).toMatchObject({ isLessSensitive: false });
});

test("any two texts are compared, equal ones are the same, and a threshold moves one way only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(compareExpressions(one, one)).toBeNull();
      compareExpressions(one, other);
    }),
  );
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom(">", ">=", "<", "<="), (a, b, sign) => {
      fc.pre(a !== b);
      const [there, back] = [
        compareExpressions(`x ${sign} ${a}`, `x ${sign} ${b}`),
        compareExpressions(`x ${sign} ${b}`, `x ${sign} ${a}`),
      ];
      expect(there?.isLessSensitive).toBe(!back?.isLessSensitive);
    }),
  );
});
