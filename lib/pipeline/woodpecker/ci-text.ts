/**
 * What Woodpecker itself puts into a pipeline file before it reads it as YAML.
 * https://woodpecker-ci.org/docs/usage/environment#string-substitution
 */
import { ConfigurationError } from "../../core/problem";

/**
 * Variables whose values have letters, digits and `._/-` alone. The value is put into the file's text as it is, so a
 * branch, a tag or a commit's message could end a string there and write steps of its own: those are read in the
 * shell, where the environment has every one of them as `"$CI_COMMIT_BRANCH"`.
 */
export const CI_VARIABLES = [
  "CI_COMMIT_SHA",
  "CI_COMMIT_PULL_REQUEST",
  "CI_PREV_COMMIT_SHA",
  "CI_PIPELINE_CREATED",
  "CI_PIPELINE_EVENT",
  "CI_PIPELINE_NUMBER",
  "CI_REPO",
  "CI_REPO_NAME",
  "CI_REPO_OWNER",
] as const;

export type CiVariable = (typeof CI_VARIABLES)[number];

interface Substitution {
  readonly variable: CiVariable;
  /** The first so many characters; null for all. */
  readonly length: number | null;
}

/** A text with substitutions by Woodpecker in it; a plain string never has any, whatever characters it holds. */
export class CiText {
  private constructor(readonly parts: readonly (string | Substitution)[]) {}

  /** The parts, one after the other: `CiText.of("infra-ci:", CiText.variable("CI_COMMIT_SHA", { length: 8 }))`. */
  static of(...parts: readonly (string | CiText)[]): CiText {
    return new CiText(parts.flatMap((part) => (typeof part === "string" ? [part] : part.parts)));
  }

  /** @throws ConfigurationError for a length that is no whole number from 1 on, or a variable with free text */
  static variable(variable: CiVariable, options: { readonly length?: number } = {}): CiText {
    const { length = null } = options;
    if (!CI_VARIABLES.includes(variable)) {
      const fix = `Read it in the shell, or take one of ${CI_VARIABLES.join(", ")}.`;
      throw new ConfigurationError([
        { path: "variable", rule: "be one whose value is safe in YAML", value: variable, fix },
      ]);
    }
    if (length !== null && (!Number.isSafeInteger(length) || length < 1)) {
      const fix = "Leave it out for the whole value, or write 8 for the first eight characters.";
      throw new ConfigurationError([
        { path: "length", rule: "be a whole number from 1 on", value: length, fix },
      ]);
    }
    return new CiText([{ variable, length }]);
  }

  /** A template literal would make plain text of it, which is escaped and never substituted. */
  toString(): never {
    throw new TypeError("A CiText is no string: join it with others by CiText.of(…)");
  }
}

/** `${CI_COMMIT_SHA:0:8}` */
export function formatSubstitution({ variable, length }: Substitution): string {
  return `\${${variable}${length === null ? "" : `:0:${length}`}}`;
}

/**
 * Text that Woodpecker leaves as it is meant. Only `${` and `$$` mean anything to it, yet every `$` is doubled:
 * what follows one may be a substitution.
 */
export function escapeCiText(text: string): string {
  return text.replaceAll("$", "$$$$");
}
