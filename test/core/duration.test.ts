import fc from "fast-check";
import { Duration } from "../../lib/core/duration";

test.each([
  ["30s", 30],
  ["10m", 600],
  ["1h30m", 5_400],
  ["1d", 86_400],
  ["90s", 90],
  ["500ms", 0.5],
  ["1d2h3m4s5ms", 93_784.005],
  ["0s", 0],
  ["007m", 420],
])("%s is %d seconds", (text, seconds) => {
  expect(Duration.parse(text).toSeconds()).toBe(seconds);
  expect(Duration.check(text, "deadline")).toEqual([]);
});

test.each([
  "",
  "10",
  "m",
  "10 m",
  "1.5h",
  "-1m",
  "1m1h",
  "1m1m",
  "1w",
  "1y",
  "10M",
  " 10m",
  "10m\n",
  "9007199254740993ms",
])("%j is no duration", (text) => {
  expect(Duration.check(text, "deadline")).toHaveLength(1);
  expect(() => Duration.parse(text, "--deadline")).toThrow(
    /^--deadline must be a duration, got .*Write whole numbers/s,
  );
});

test.each([
  [Duration.minutes(16), "16m"],
  [Duration.minutes(60), "1h"],
  [Duration.seconds(90), "90s"],
  [Duration.minutes(90), "90m"],
  [Duration.hours(24), "1d"],
  [Duration.days(7), "7d"],
  [Duration.hours(36), "36h"],
  [Duration.milliseconds(1_500), "1500ms"],
  [Duration.seconds(0), "0s"],
  [Duration.days(0.5), "12h"],
])("the shortest exact form of %s", (duration, text) => {
  expect(duration.toPrometheus()).toBe(text);
  expect(String(duration)).toBe(text);
  expect(JSON.stringify({ duration })).toBe(`{"duration":"${text}"}`);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 0.00001, 1e15])("%d seconds are refused", (amount) => {
  expect(() => Duration.seconds(amount)).toThrow(
    /^Duration\.seconds must be zero or more, finite, and whole/,
  );
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (ms) => {
      expect(Duration.parse(Duration.milliseconds(ms).toPrometheus()).toMilliseconds()).toBe(ms);
    }),
  );
});

test("plus, times and compare", () => {
  const quarter = Duration.minutes(15);
  expect(quarter.plus(Duration.minutes(1)).toPrometheus()).toBe("16m");
  expect(quarter.times(3).toPrometheus()).toBe("45m");
  expect(quarter.times(1 / 3).toPrometheus()).toBe("5m");
  expect(Duration.milliseconds(1).times(0.5).toMilliseconds()).toBe(1);
  expect(() => quarter.times(-1)).toThrow("must be zero or more");
  expect(quarter.compare(Duration.minutes(5))).toBeGreaterThan(0);
  expect(quarter.compare(Duration.hours(1))).toBeLessThan(0);
  expect(quarter.compare(Duration.seconds(900))).toBe(0);
});
