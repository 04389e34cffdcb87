import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const SCAN_COMMAND: CommandSpec = {
  name: "scan",
  argument: "<root>",
  summary: "Read a registry's storage on disk and say what is broken in it.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function scan(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
