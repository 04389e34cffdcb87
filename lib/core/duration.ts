import { ConfigurationError, type Problem } from "./problem";

/** Largest first; the order in which `parse` takes them. */
const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

const GRAMMAR = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const FIX = "Write whole numbers with d, h, m, s or ms, largest first, such as 30s, 10m, 1h30m or 1d.";

/** An immutable length of time, zero or more, exact to the millisecond. */
export class Duration {
  private constructor(private readonly milliseconds: number) {}

  static milliseconds(amount: number): Duration {
    return Duration.of(amount, 1, "milliseconds");
  }

  /** A fraction is taken when it is whole in milliseconds: 0.5 is, 0.0001 is refused. */
  static seconds(amount: number): Duration {
    return Duration.of(amount, 1_000, "seconds");
  }

  static minutes(amount: number): Duration {
    return Duration.of(amount, 60_000, "minutes");
  }

  static hours(amount: number): Duration {
    return Duration.of(amount, 3_600_000, "hours");
  }

  /** Days of exactly 24 hours. */
  static days(amount: number): Duration {
    return Duration.of(amount, 86_400_000, "days");
  }

  /**
   * Reads Prometheus' form: `30s`, `10m`, `1h30m`, `1d`, `500ms`.
   *
   * @param path what the error calls the value: a prop's path or an option's name
   * @throws ConfigurationError
   */
  static parse(text: string, path = "duration"): Duration {
    ConfigurationError.throwIfAny(Duration.check(text, path));
    return new Duration(millisecondsOf(text) ?? 0);
  }

  /** What keeps `parse` from reading the text; empty when nothing does. */
  static check(text: string, path: string): readonly Problem[] {
    return millisecondsOf(text) === null ? [{ path, rule: "be a duration", value: text, fix: FIX }] : [];
  }

  private static of(amount: number, unitMs: number, unit: string): Duration {
    const milliseconds = toWholeNumber(amount * unitMs);
    if (milliseconds === null) {
      throw new ConfigurationError([
        {
          path: `Duration.${unit}`,
          rule: "be zero or more, finite, and whole in milliseconds",
          value: Number.isFinite(amount) ? amount : String(amount),
          fix: "Write a number such as 15.",
        },
      ]);
    }
    return new Duration(milliseconds);
  }

  toMilliseconds(): number {
    return this.milliseconds;
  }

  /** With a fraction where there is one: 1500 ms is 1.5. */
  toSeconds(): number {
    return this.milliseconds / 1_000;
  }

  /** The shortest exact form in one unit, as PromQL, `for` and the program's options read it: `16m`, `1h`, `90s`. */
  toPrometheus(): string {
    if (this.milliseconds === 0) return "0s";
    for (const [unit, unitMs] of UNITS) {
      if (this.milliseconds % unitMs === 0) return `${this.milliseconds / unitMs}${unit}`;
    }
    return `${this.milliseconds}ms`;
  }

  /** Negative when this is the shorter, 0 when equal, positive when this is the longer; fits `Array.sort`. */
  compare(other: Duration): number {
    return this.milliseconds - other.milliseconds;
  }

  plus(other: Duration): Duration {
    return Duration.milliseconds(this.milliseconds + other.milliseconds);
  }

  /** Rounded up to a whole millisecond. */
  times(factor: number): Duration {
    return Duration.milliseconds(Math.ceil(this.milliseconds * factor));
  }

  toString(): string {
    return this.toPrometheus();
  }

  toJSON(): string {
    return this.toPrometheus();
  }
}

function millisecondsOf(text: string): number | null {
  const match = GRAMMAR.exec(text);
  if (match === null) return null;
  const sum = UNITS.reduce((total, [, unitMs], at) => total + Number(match[at + 1] ?? 0) * unitMs, 0);
  return Number.isSafeInteger(sum) ? sum : null;
}

/** 0.1 * 3 is not 0.3 in binary: what differs from a whole number by less than a millionth is that number. */
function toWholeNumber(amount: number): number | null {
  const rounded = Math.round(amount);
  if (!Number.isSafeInteger(rounded) || rounded < 0) return null;
  return Math.abs(amount - rounded) < 1e-6 ? rounded : null;
}
