import type { RawArguments } from "./arguments";
import { parseCommandLine, quoted } from "./arguments";
import { didYouMean } from "./did-you-mean";
import type { CliEnvironment } from "./environment";
import { EXIT_USAGE } from "./exit-codes";
import { guarded } from "./guarded";
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
    run: (raw, environment) => probe(readProbeOptions(raw, environment.now(), environment.env), environment),
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

/** What there is, for people: every command with its summary, and what holds for all of them. */
export function formatCommands(commands: readonly ProgramCommand[]): string {
  const width = Math.max(...commands.map(({ spec }) => spec.name.length));
  const rows = commands.map(({ spec }) => `  ${spec.name.padEnd(width)}  ${spec.summary}`);
  return `Usage: tallyman <command> [options]

Keeps a self-hosted container registry provably pullable.

Commands:
${rows.join("\n")}

\`tallyman <command> --help\` lists a command's options. Exit codes: 0 all is well, 1 something was found,
2 it could not be finished, 64 the words make no sense. Credentials: TALLYMAN_USERNAME and TALLYMAN_PASSWORD,
TALLYMAN_CREDENTIALS_DIR, or a Docker config. TALLYMAN_DEBUG=1 shows where an unexpected error came from.
`;
}

function showCommands(
  name: string | undefined,
  environment: CliEnvironment,
  commands: readonly ProgramCommand[],
): number {
  const text = formatCommands(commands);
  if (name === "--help" || name === "-h" || name === "help") {
    environment.write(text);
    return 0;
  }
  const names = commands.map(({ spec }) => spec.name);
  const what =
    name === undefined ? "no command given" : `unknown command ${quoted(name)}${didYouMean(name, names)}`;
  environment.writeError(`tallyman: ${what}\n${text}`);
  return EXIT_USAGE;
}
