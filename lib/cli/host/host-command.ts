import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { CommandSpec } from "../option-table";

export const HOST_COMMAND: CommandSpec = {
  name: "host",
  argument: "check",
  summary: "Compare a registry host with the release that was synthesized.",
  options: [],
};

/** @returns the exit code. @throws UsageError */
export async function host(_raw: RawArguments, _environment: CliEnvironment): Promise<number> {
  return 2;
}
