/**
 * What a Woodpecker server and its agent do with a file: substitute in its text, read it, make a script of the
 * commands. https://woodpecker-ci.org/docs/usage/environment#string-substitution
 */
import { parseYaml } from "../../../lib/text/yaml";

export type Variables = Readonly<Record<string, string>>;

export interface ServedStep {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly commands: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Bash's parameter expansion in braces, as far as a length goes; `$$` is a `$`, and any other `$` is itself. A
 * backslash goes where another or a slash follows it, as the server's library has it and nothing documents.
 *
 * @throws Error where the server refuses the file: an expansion that it does not know, or that does not end
 */
export function substitute(text: string, variables: Variables): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const pair = text.slice(at, at + 2);
    if (pair === "$$" || pair === "\\\\" || pair === "\\/") {
      out += pair.charAt(1);
      at += 2;
    } else if (pair === "${") {
      const [whole = "", name = "", length] =
        /^\$\{([A-Za-z0-9_]+)(?::0:([0-9]+))?\}/.exec(text.slice(at)) ?? [];
      if (whole === "") throw new Error(`bad substitution at ${JSON.stringify(text.slice(at, at + 20))}`);
      const value = variables[name] ?? "";
      out += length === undefined ? value : value.slice(0, Number(length));
      at += whole.length;
    } else {
      out += text.charAt(at);
      at += 1;
    }
  }
  return out;
}

/** The file as the server reads it, after substitution. */
export function serve(text: string, variables: Variables = {}): Readonly<Record<string, unknown>> {
  return asObject(parseYaml(substitute(text, variables)));
}

export function stepsOf(workflow: Readonly<Record<string, unknown>>): readonly ServedStep[] {
  if (!Array.isArray(workflow.steps)) throw new Error("the steps are no list");
  return workflow.steps.map((one: unknown) => {
    const step = asObject(one);
    const commands: readonly unknown[] = Array.isArray(step.commands) ? step.commands : [];
    return {
      name: String(step.name),
      image: String(step.image),
      environment: asObject(step.environment ?? {}),
      commands: commands.map(String),
      settings: asObject(step.settings ?? {}),
    };
  });
}

/** For `sh -e`, each command with a line before it that prints it. */
export function scriptOf(commands: readonly string[]): string {
  return commands.map((one) => `\necho + '${one.replaceAll("'", `'"'"'`)}'\n${one}\n`).join("");
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`no object: ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}
