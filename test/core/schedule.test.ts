import fc from "fast-check";
import { Duration } from "../../lib/core/duration";
import { Schedule } from "../../lib/core/schedule";

test.each([
  ["* * * * *", "1m"],
  ["*/15 * * * *", "15m"],
  ["0/15 * * * *", "15m"],
  ["5/15 * * * *", "15m"],
  // From minute 50 to minute 0 are only ten minutes; the long gap is between 0, 25 and 50.
  ["*/25 * * * *", "25m"],
  ["*/45 * * * *", "45m"],
  ["7 * * * *", "1h"],
  ["0,10,30 * * * *", "30m"],
  ["10-20/5 * * * *", "50m"],
  ["0 */5 * * *", "5h"],
  ["0 */7 * * *", "7h"],
  ["30 3 * * *", "1d"],
  ["0 3 * * 0", "7d"],
  ["0 3 * * SUN", "7d"],
  // From Friday 18:45 to Monday 09:00.
  ["*/15 9-18 * * mon-fri", "3735m"],
  ["0 0 1 * *", "31d"],
  ["0 0 31 * *", "61d"],
  // From 2096 over 2100, which is no leap year, to 2104.
  ["0 0 29 2 *", "2921d"],
  ["0 0 1 jan ?", "366d"],
  // Two restricted day fields are joined by or.
  ["0 0 1 * 0", "7d"],
  // A star with a step counts as restricted, one without does not.
  ["0 0 */31 * 0", "7d"],
  ["0 0 */1 * 0", "7d"],
  ["0 0 *,5 * 0", "7d"],
])("the longest gap of %s is %s", (expression, gap) => {
  expect(Schedule.parse(expression).interval().toPrometheus()).toBe(gap);
  expect(Schedule.check(expression, "schedule")).toEqual([]);
});

test.each([
  ["", "be a cron expression of five fields", 'such as "*/15 * * * *"'],
  ["* * * *", "be a cron expression of five fields", "macros"],
  ["0 * * * * *", "be a cron expression of five fields", "macros"],
  ["@hourly", "be a cron expression of five fields", "macros (@hourly)"],
  ["60 * * * *", "have a valid minute", "Write 0 to 59."],
  ["* 24 * * *", "have a valid hour", "Write 0 to 23."],
  ["* * 0 * *", "have a valid day of month", "Write 1 to 31."],
  ["* * 32 * *", "have a valid day of month", "Write 1 to 31."],
  ["* * * 13 *", "have a valid month", "Write 1 to 12 or jan to dec."],
  ["* * * * 7", "have a valid day of week", "Sunday is 0: Kubernetes refuses 7."],
  ["* * * * sunday", "have a valid day of week", "0 to 6 or sun to sat"],
  ["*/0 * * * *", "have a valid minute", "a step of 1 or more"],
  ["*-5 * * * *", "have a valid minute", "* alone"],
  ["1,,2 * * * *", "have a valid minute", "a number"],
  ["1- * * * *", "have a valid minute", "a number"],
  ["-1 * * * *", "have a valid minute", "a number"],
  ["1/2/3 * * * *", "have a valid minute", "a number"],
  ["* 22-2 * * *", "have a valid hour", "22-23,0-2"],
  ["1.5 * * * *", "have a valid minute", "0 to 59"],
  ["0 0 31 2 *", "fire at all", "a day that its month has"],
  ["0 0 30 feb ?", "fire at all", "a day that its month has"],
])("%j is refused with its reason", (expression, rule, fix) => {
  expect(Schedule.check(expression, "run.schedule")).toMatchObject([
    { path: "run.schedule", rule, fix: expect.stringContaining(fix) },
  ]);
  expect(() => Schedule.parse(expression, "run.schedule")).toThrow(`run.schedule must ${rule}, got`);
});

test("every wrong field is told at once", () => {
  expect(Schedule.check("60 24 0 13 8", "schedule")).toHaveLength(5);
});

test.each([
  [Duration.minutes(1), "* * * * *"],
  [Duration.minutes(15), "*/15 * * * *"],
  [Duration.hours(1), "0 * * * *"],
  [Duration.hours(6), "0 */6 * * *"],
  [Duration.days(1), "0 0 * * *"],
])("every %s is %s, and its interval is that again", (interval, expression) => {
  expect(Schedule.every(interval).expression).toBe(expression);
  expect(Schedule.every(interval).interval().compare(interval)).toBe(0);
});

test.each([0, 30, 61, 25 * 60, 90 * 60, 5 * 3_600, 7 * 86_400])("every %d seconds is refused", (seconds) => {
  expect(() => Schedule.every(Duration.seconds(seconds))).toThrow(/^Schedule\.every must divide an hour/);
});

test("every interval that is taken is kept exactly", () => {
  const taken = Array.from({ length: 1_440 }, (_, at) => at + 1).filter((minutes) => {
    try {
      return Schedule.every(Duration.minutes(minutes)).interval().toSeconds() === minutes * 60;
    } catch {
      return false;
    }
  });
  expect(taken).toEqual([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440]);
});

test("spaces are put in order", () => {
  expect(Schedule.parse(" */15  * *\t* * ").expression).toBe("*/15 * * * *");
  expect(JSON.stringify([Schedule.parse("*/15 * * * *")])).toBe('["*/15 * * * *"]');
});

test("the longest gap is what a walk through the minutes of forty days finds, for schedules by minute, hour and weekday", () => {
  const some = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(some(59), some(23), some(6), (minutes, hours, weekdays) => {
      const schedule = Schedule.parse(`${minutes} ${hours} * * ${weekdays}`);
      let last: number | null = null;
      let longest = 0;
      for (let minute = 0; minute < 40 * 1_440; minute++) {
        const day = Math.floor(minute / 1_440) % 7;
        const fires =
          weekdays.includes(day) &&
          hours.includes(Math.floor(minute / 60) % 24) &&
          minutes.includes(minute % 60);
        if (!fires) continue;
        if (last !== null) longest = Math.max(longest, minute - last);
        last = minute;
      }
      expect(schedule.interval().toSeconds()).toBe(longest * 60);
    }),
    { numRuns: 20 },
  );
});

test("a schedule by the clock alone needs no calendar, and has the gap that the calendar gives", () => {
  // A range is no star: with it the whole calendar is looked through.
  const some = (max: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min: 1, max }).map((step) => `*/${step}`),
      fc
        .uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 5 })
        .map((values) => values.join()),
    );
  fc.assert(
    fc.property(some(59), some(23), (minute, hour) => {
      const byClock = Schedule.parse(`${minute} ${hour} * * *`);
      const byCalendar = Schedule.parse(`${minute} ${hour} 1-31 * *`);
      expect(byClock.interval().toPrometheus()).toBe(byCalendar.interval().toPrometheus());
    }),
    { numRuns: 25 },
  );
});

test.each(["*/15 * * * *", "0 3 * * 0", "* * * * *"])(
  "%s is read in less than a millisecond",
  (expression) => {
    const milliseconds = Array.from({ length: 20 }, () => {
      const start = performance.now();
      Schedule.parse(expression);
      return performance.now() - start;
    });
    // The shortest: a busy machine stretches the others.
    expect(Math.min(...milliseconds)).toBeLessThan(1);
  },
);

test("the days of the calendar are the platform's", () => {
  let last = 0;
  let longestDays = 0;
  for (let day = Date.UTC(2000, 0, 1); day < Date.UTC(2404, 0, 1); day += 86_400_000) {
    const date = new Date(day);
    if (date.getUTCMonth() !== 1 || date.getUTCDate() !== 29) continue;
    if (last !== 0) longestDays = Math.max(longestDays, (day - last) / 86_400_000);
    last = day;
  }
  expect(Schedule.parse("0 0 29 2 *").interval().toPrometheus()).toBe(`${longestDays}d`);
});
