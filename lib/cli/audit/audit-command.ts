import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const AUDIT_COMMAND: CommandSpec = {
  name: "audit",
  argument: "<folder>",
  summary: "Find settings that damage registries in any repository of files.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function audit(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
