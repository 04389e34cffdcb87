import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const REPAIR_COMMAND: CommandSpec = {
  name: "repair",
  argument: "<registry>",
  summary: "Plan, or apply, the cheapest safe repair of each broken reference.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function repair(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
