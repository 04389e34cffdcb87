import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const RETAIN_COMMAND: CommandSpec = {
  name: "retain",
  argument: "<registry>",
  summary: "Plan, or apply, which tags go, so that no kept image loses anything.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function retain(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
