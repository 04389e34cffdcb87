/**
 * When a CronJob fires, in UTC: five fields, without macros and time zones.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import { type CronField, DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, parseCronField } from "./cron-field";
import { Duration } from "./duration";
import { ConfigurationError, type Problem } from "./problem";

const KINDS = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK] as const;
const MINUTES_PER_DAY = 1_440;
/** The proper divisors, beyond 1, of an hour and of a day. */
const EVEN_MINUTES: readonly number[] = [2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
const EVEN_HOURS: readonly number[] = [2, 3, 4, 6, 8, 12];
const MONTHS = 12;
/** The calendar repeats after 400 years, days of the week included. */
const CYCLE_YEARS = 400;

type Fields = readonly [CronField, CronField, CronField, CronField, CronField];

/** A valid cron expression that fires at least once in the calendar's cycle. */
export class Schedule {
  private constructor(
    /** The five fields as written, with one space between them. */
    readonly expression: string,
    private readonly longestGap: Duration,
  ) {}

  /**
   * Reads five fields: minute, hour, day of month, month, day of week.
   *
   * @param path what the error calls the value
   * @throws ConfigurationError
   */
  static parse(expression: string, path = "schedule"): Schedule {
    const read = readExpression(expression, path);
    if (isProblems(read)) throw new ConfigurationError(read);
    return new Schedule(expression.trim().split(/\s+/).join(" "), read.longestGap);
  }

  /** What keeps `parse` from reading the expression; empty when nothing does. */
  static check(expression: string, path: string): readonly Problem[] {
    const read = readExpression(expression, path);
    return isProblems(read) ? read : [];
  }

  /**
   * Fires at even distances: every divisor of an hour, of a day in whole hours, or one day.
   *
   * @throws ConfigurationError for any other interval, as the distances would be uneven at the turn of the hour or day
   */
  static every(interval: Duration): Schedule {
    const minutes = interval.toSeconds() / 60;
    if (minutes === 1) return Schedule.parse("* * * * *");
    if (EVEN_MINUTES.includes(minutes)) return Schedule.parse(`*/${minutes} * * * *`);
    if (minutes === 60) return Schedule.parse("0 * * * *");
    if (EVEN_HOURS.includes(minutes / 60)) return Schedule.parse(`0 */${minutes / 60} * * *`);
    if (minutes === MINUTES_PER_DAY) return Schedule.parse("0 0 * * *");
    const fix = `Take 1, ${EVEN_MINUTES.join(", ")} minutes, 1, ${EVEN_HOURS.join(", ")} hours or 1 day; for others use Schedule.parse.`;
    throw new ConfigurationError([
      {
        path: "Schedule.every",
        rule: "divide an hour in whole minutes or a day in whole hours",
        value: interval.toPrometheus(),
        fix,
      },
    ]);
  }

  /** The longest gap between two firings, in whole minutes: 25m for every 25th minute, 7d for once a week. */
  interval(): Duration {
    return this.longestGap;
  }

  toString(): string {
    return this.expression;
  }

  toJSON(): string {
    return this.expression;
  }
}

function isProblems(read: { longestGap: Duration } | readonly Problem[]): read is readonly Problem[] {
  return Array.isArray(read);
}

function readExpression(expression: string, path: string): { longestGap: Duration } | readonly Problem[] {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== KINDS.length) {
    const fix =
      'Write minute, hour, day of month, month and day of week, such as "*/15 * * * *"; macros (@hourly) and TZ= are not taken.';
    return [{ path, rule: "be a cron expression of five fields", value: expression, fix }];
  }
  const read = KINDS.map((kind, at) => parseCronField(texts[at] ?? "", kind, path));
  const problems = read.filter((field): field is Problem => "rule" in field);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = read.filter(
    (field): field is CronField => "values" in field,
  );
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek) return problems;
  const gapMinutes = longestGapMinutes([minute, hour, dayOfMonth, month, dayOfWeek]);
  if (gapMinutes === null) {
    return [{ path, rule: "fire at all", value: expression, fix: "Take a day that its month has." }];
  }
  return { longestGap: Duration.minutes(gapMinutes) };
}

/** Null when it never fires. */
function longestGapMinutes(fields: Fields): number | null {
  const [minute, hour] = fields;
  const times = [...hour.values]
    .flatMap((hours) => [...minute.values].map((minutes) => hours * 60 + minutes))
    .sort((a, b) => a - b);
  const first = times[0] ?? 0;
  const last = times[times.length - 1] ?? 0;
  const withinDay = times.reduce((longest, time, at) => Math.max(longest, time - (times[at - 1] ?? time)), 0);
  const days = longestDayGap(fields);
  return days === null ? null : Math.max(withinDay, days * MINUTES_PER_DAY - last + first);
}

/** Days between two days on which it fires, at most; null when there is none. */
function longestDayGap(fields: Fields): number | null {
  const [, , dayOfMonth, month, dayOfWeek] = fields;
  // Nothing but the week decides: no need to look through the calendar, which takes a hundred times as long.
  if (dayOfMonth.isStar && month.values.size === MONTHS) return longestWeekdayGap(dayOfWeek);
  return longestCalendarGap(fields);
}

function longestWeekdayGap(dayOfWeek: CronField): number {
  const days = [...dayOfWeek.values].sort((a, b) => a - b);
  // The week goes round: the last of its days is followed by the first of the next.
  return days.reduce((longest, day, at) => Math.max(longest, (days[at + 1] ?? (days[0] ?? 0) + 7) - day), 0);
}

function longestCalendarGap(fields: Fields): number | null {
  let day = 0;
  let firstMatch: number | null = null;
  let lastMatch = 0;
  let longest = 0;
  for (let year = 2000; year < 2000 + CYCLE_YEARS; year++) {
    for (let month = 1; month <= MONTHS; month++) {
      const monthDays = daysIn(month, year);
      for (let dayOfMonth = 1; dayOfMonth <= monthDays; dayOfMonth++, day++) {
        // 1 January 2000 was a Saturday.
        if (!firesOn(fields, month, dayOfMonth, (day + 6) % 7)) continue;
        if (firstMatch === null) firstMatch = day;
        else longest = Math.max(longest, day - lastMatch);
        lastMatch = day;
      }
    }
  }
  if (firstMatch === null) return null;
  return Math.max(longest, firstMatch + day - lastMatch);
}

function firesOn(fields: Fields, month: number, dayOfMonth: number, dayOfWeek: number): boolean {
  const [, , dayOfMonthField, monthField, dayOfWeekField] = fields;
  if (!monthField.values.has(month)) return false;
  const byDay = dayOfMonthField.values.has(dayOfMonth);
  const byWeekday = dayOfWeekField.values.has(dayOfWeek);
  return dayOfMonthField.isStar || dayOfWeekField.isStar ? byDay && byWeekday : byDay || byWeekday;
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
