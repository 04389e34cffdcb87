#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { OptionReader, quoted, type RawValues, UsageError } from "./arguments";
import { DEMO_COMMAND, demo } from "./demo/demo-command";
import { type CliEnvironment, processEnvironment } from "./environment";
import { EXIT_USAGE } from "./exit-codes";
import { type CommandSpec, formatHelp } from "./option-table";
import { guarded, PROGRAM_COMMANDS, type ProgramCommand } from "./run-program";

const COMMANDS: readonly ProgramCommand[] = [...PROGRAM_COMMANDS, { spec: DEMO_COMMAND, run: demo }];

/** Runs the whole command line. @returns the exit code */
export async function main(words: readonly string[], environment: CliEnvironment): Promise<number> {
  let code = 0;
  const program = new Command("tallyman")
    .description("Keeps a self-hosted container registry provably pullable.")
    .exitOverride()
    .configureOutput({ writeOut: environment.write, writeErr: environment.writeError })
    .showHelpAfterError("(--help lists what there is)");
  for (const command of COMMANDS) {
    addCommand(program, command, async (raw) => {
      code = await guarded(environment, async () => {
        refuseSwallowed(command.spec, raw.values, words);
        return command.run(raw, environment);
      });
    });
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return code;
}

function addCommand(
  program: Command,
  { spec }: ProgramCommand,
  action: (raw: {
    values: Record<string, string | boolean | string[]>;
    positionals: string[];
  }) => Promise<void>,
): void {
  const command = program.command(spec.name).description(spec.summary);
  // Arguments are optional to commander, so that their absence gets the command's own, better message.
  if (spec.argument !== "") command.argument("[names...]").usage(`[options] ${spec.argument}`);
  for (const option of spec.options) {
    const flags = option.value === null ? `--${option.name}` : `--${option.name} <${option.value}>`;
    if (option.repeatable !== true) command.option(flags, option.help);
    else command.option(flags, option.help, (value: string, list?: string[]) => [...(list ?? []), value]);
  }
  command.helpInformation = () => formatHelp(spec);
  command.action(async (...received: unknown[]) => {
    const names = spec.argument === "" ? [] : received[0];
    const positionals = Array.isArray(names)
      ? names.filter((name): name is string => typeof name === "string")
      : [];
    await action({ values: valuesOf(spec, command.opts()), positionals });
  });
}

/** Commander writes `startJitter` where the option is `start-jitter`. */
function valuesOf(
  spec: CommandSpec,
  options: Readonly<Record<string, unknown>>,
): Record<string, string | boolean | string[]> {
  const values: Record<string, string | boolean | string[]> = {};
  for (const { name } of spec.options) {
    const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === "string" || typeof value === "boolean") values[name] = value;
    else if (Array.isArray(value))
      values[name] = value.filter((entry): entry is string => typeof entry === "string");
  }
  return values;
}

/** Commander takes an option for the value of the one before it; the program in the cluster does not. */
function refuseSwallowed(spec: CommandSpec, values: RawValues, words: readonly string[]): void {
  for (const { name } of spec.options) {
    for (const value of new OptionReader(values).list(name)) {
      if (!/^-./.test(value) || words.includes(`--${name}=${value}`)) continue;
      throw new UsageError(
        `--${name} needs a value, got ${quoted(value)}: write --${name}=${value} if that is it`,
      );
    }
  }
}

if (require.main === module) {
  void main(process.argv.slice(2), processEnvironment()).then((code) => {
    process.exitCode = code;
  });
}
