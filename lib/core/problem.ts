import { printable } from "./printable";

/** One thing wrong with a configuration: where, which rule, what was given, how to mend it. */
export interface Problem {
  /** Path of the value from the construct's props, as `registries[0].schedule`. */
  readonly path: string;
  /** Completes "must …". */
  readonly rule: string;
  readonly value: unknown;
  /** A sentence that says what to write instead. */
  readonly fix: string;
}

/** `<path> must <rule>, got <value>. <fix>` */
export function formatProblem(problem: Problem): string {
  return `${problem.path} must ${problem.rule}, got ${formatValue(problem.value)}. ${problem.fix}`;
}

function formatValue(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON leaves in what turns a line of a terminal round.
  return printable(textOf(value), 120);
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // What refers to itself, as a construct does, and what is too large a number for JSON.
    return typeof value === "object" ? "an object that no text shows" : String(value);
  }
}

/** All problems of one construct, together, so that one run is enough to mend them. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "configuration";

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
  }

  /** Throws when there is at least one problem. */
  static throwIfAny(problems: readonly Problem[]): void {
    if (problems.length > 0) throw new ConfigurationError(problems);
  }
}
