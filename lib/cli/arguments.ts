import { parseArgs } from "node:util";
import { Duration } from "../core/duration";
import { printable } from "../core/printable";
import { isObject } from "../oci/descriptor";
import { isRegistryHost } from "../oci/reference";
import { didYouMean } from "./did-you-mean";
import type { CommandSpec } from "./option-table";

/** The words of the command line are wrong: what, which value, how to fix it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export type RawValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface RawArguments {
  readonly values: RawValues;
  readonly positionals: readonly string[];
}

/** Splits the words by the command's own options. @throws UsageError */
export function parseCommandLine(command: CommandSpec, words: readonly string[]): RawArguments {
  const options = Object.fromEntries([
    ...command.options.map((option) => [
      option.name,
      {
        type: option.value === null ? ("boolean" as const) : ("string" as const),
        multiple: option.repeatable === true,
      },
    ]),
    ["help", { type: "boolean" as const }],
  ]);
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as RawValues, positionals };
  } catch (error) {
    // By shape: an error of node:util is of another realm than this file's where a test runner has its own.
    const text = isObject(error) && typeof error.message === "string" ? error.message : "cannot be read";
    // One sentence: what follows it explains dashes.
    const message = text.split(/\.\s/)[0] as string;
    const guess = nearOption(message, Object.keys(options));
    throw new UsageError(`${message}${guess}. \`tallyman ${command.name} --help\` lists the options`);
  }
}

function nearOption(message: string, names: readonly string[]): string {
  const [, word] = /^Unknown option '(--[^']*)'/.exec(message) ?? [];
  const guess =
    word === undefined
      ? ""
      : didYouMean(
          word,
          names.map((name) => `--${name}`),
        );
  return guess.replace(/\?$/, "");
}

/** Typed access to raw values. Every reader throws a UsageError that names the option, the value and the form. */
export class OptionReader {
  constructor(private readonly values: RawValues) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | null {
    const value = this.values[name];
    return typeof value === "string" ? value : null;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? (value as readonly string[]) : typeof value === "string" ? [value] : [];
  }

  /** At most 24 days: a longer timer would fire at once. */
  duration(name: string, standard: Duration, least = Duration.seconds(0)): Duration {
    const text = this.text(name);
    if (text === null) return standard;
    if (Duration.check(text, name).length > 0) throw wrong(name, text, "a duration as 30s, 10m or 1h30m");
    const duration = Duration.parse(text);
    if (duration.compare(least) < 0) throw wrong(name, text, `a duration of at least ${least}`);
    if (duration.compare(LONGEST) > 0) throw wrong(name, text, `a duration of at most ${LONGEST}`);
    return duration;
  }

  number(name: string, form: string, min: number, max: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw wrong(name, text, form);
    return value;
  }

  integer(name: string, min: number, max: number): number | null {
    const form = `a whole number from ${min} to ${max}`;
    const value = this.number(name, form, min, max);
    if (value !== null && !Number.isInteger(value)) throw wrong(name, String(value), form);
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], standard: T): T {
    const text = this.text(name);
    if (text === null) return standard;
    const choice = choices.find((entry) => entry === text);
    if (choice === undefined) {
      throw new UsageError(
        `${wrong(name, text, `one of ${choices.join(", ")}`).message}${didYouMean(text, choices)}`,
      );
    }
    return choice;
  }

  /** `host:port`, IPv6 in brackets. */
  address(name: string): { host: string; port: number } | null {
    const text = this.text(name);
    if (text === null) return null;
    const match = /^(.+):([0-9]+)$/.exec(text);
    if (match === null || !isRegistryHost(text)) throw wrong(name, text, "host:port as 10.0.20.10:5050");
    return { host: (match[1] as string).replace(/^\[|\]$/g, ""), port: Number(match[2]) };
  }

  /** `host:port` or `:port` to listen on; without a host all interfaces, with port 0 a free one. */
  listenAddress(name: string): { host: string | null; port: number } | null {
    const text = this.text(name);
    if (text === null) return null;
    const [, host = "", port = ""] = /^(.*):([0-9]{1,5})$/.exec(text) ?? [];
    const isSound = port !== "" && Number(port) <= 65_535 && (host === "" || isRegistryHost(host));
    if (!isSound) throw wrong(name, text, "host:port as 127.0.0.1:9099, or :9099 for all interfaces");
    return { host: host === "" ? null : host.replace(/^\[|\]$/g, ""), port: Number(port) };
  }

  url(name: string): URL | null {
    const text = this.text(name);
    if (text === null) return null;
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw wrong(name, text, "a URL as http://pushgateway.monitoring:9091");
    }
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw wrong(name, text, "an http or https URL");
    if (url.username !== "" || url.password !== "") {
      throw new UsageError(`--${name} must not carry credentials: a command line is no place for them`);
    }
    return url;
  }
}

const LONGEST = Duration.days(24);

/** What the user wrote, in quotes, without the credentials that may stand before an @. */
export function quoted(text: string): string {
  const isSecret = /@(?!sha(?:256|512):)/.test(text);
  const safe = isSecret ? text.replace(/^([a-z]+:\/\/)?.*@/s, "$1…@") : text;
  return printable(JSON.stringify(safe));
}

function wrong(name: string, value: string, form: string): UsageError {
  return new UsageError(`--${name} must be ${form}, got ${quoted(value)}`);
}
