import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const PIN_COMMAND: CommandSpec = {
  name: "pin",
  argument: "<image>...",
  summary: "Resolve tags to digests, into a lock file.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function pin(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
