import { ConfigurationError } from "../core/problem";
import type { RawArguments } from "./arguments";
import { parseCommandLine, quoted, UsageError } from "./arguments";
import { didYouMean } from "./did-you-mean";
import type { CliEnvironment } from "./environment";
import { EXIT_INCOMPLETE, EXIT_USAGE } from "./exit-codes";
import { type CommandSpec, formatHelp, PROBE_COMMAND, SERVE_COMMAND, VERIFY_COMMAND } from "./option-table";
import { probe, readProbeOptions } from "./probe-command";
import { readServeOptions, serve } from "./serve-command";
import { readVerifyOptions, verify } from "./verify-command";

/** A command that the program in the cluster has too. */
export interface ProgramCommand {
  readonly spec: CommandSpec;
  /** @returns the exit code. @throws UsageError */
  readonly run: (raw: RawArguments, environment: CliEnvironment) => Promise<number>;
}

export const PROGRAM_COMMANDS: readonly ProgramCommand[] = [
  {
    spec: PROBE_COMMAND,
    run: (raw, environment) => probe(readProbeOptions(raw, environment.now()), environment),
  },
  {
    spec: VERIFY_COMMAND,
    run: (raw, environment) => verify(readVerifyOptions(raw, environment.now()), environment),
  },
  {
    spec: SERVE_COMMAND,
    run: (raw, environment) => serve(readServeOptions(raw, environment.now()), environment),
  },
];

/** Runs the words of a command line: by default of the program in the cluster. @returns the exit code */
export async function runProgram(
  words: readonly string[],
  environment: CliEnvironment,
  commands: readonly ProgramCommand[] = PROGRAM_COMMANDS,
): Promise<number> {
  const [name, ...rest] = words;
  const command = commands.find(({ spec }) => spec.name === name);
  if (command === undefined) return showCommands(name, environment, commands);
  return guarded(environment, async () => {
    const raw = parseCommandLine(command.spec, rest);
    if (raw.values.help !== true) return command.run(raw, environment);
    environment.write(formatHelp(command.spec));
    return 0;
  });
}

/** Turns what was thrown into one line and an exit code; a stack trace is for whoever sets TALLYMAN_DEBUG. */
export async function guarded(environment: CliEnvironment, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigurationError) {
      environment.writeError(`tallyman: ${error.message}\n`);
      return EXIT_USAGE;
    }
    const isDebug = (environment.env.TALLYMAN_DEBUG ?? "") !== "";
    const message =
      error instanceof Error ? ((isDebug ? error.stack : undefined) ?? error.message) : String(error);
    environment.writeError(`tallyman: unexpected error, please report it: ${message}\n`);
    return EXIT_INCOMPLETE;
  }
}

function showCommands(
  name: string | undefined,
  environment: CliEnvironment,
  commands: readonly ProgramCommand[],
): number {
  const rows = commands.map(({ spec }) => `  ${spec.name.padEnd(8)}${spec.summary}`);
  const text = `Usage: tallyman <command> [options]\n\nCommands:\n${rows.join("\n")}\n`;
  if (name === "--help" || name === "help") {
    environment.write(text);
    return 0;
  }
  const names = commands.map(({ spec }) => spec.name);
  const what =
    name === undefined ? "no command given" : `unknown command ${quoted(name)}${didYouMean(name, names)}`;
  environment.writeError(`tallyman: ${what}\n${text}`);
  return EXIT_USAGE;
}
