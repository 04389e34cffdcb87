#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { parseCommandLine } from "./arguments";
import { AUDIT_COMMAND } from "./audit/audit-spec";
import { CATALOG_COMMAND, catalog } from "./catalog/catalog-command";
import { DEMO_COMMAND, demo } from "./demo/demo-command";
import { type CliEnvironment, processEnvironment } from "./environment";
import { EXIT_USAGE } from "./exit-codes";
import { HOST_COMMAND, host } from "./host/host-command";
import { type CommandSpec, formatHelp } from "./option-table";
import { PIN_COMMAND, pin } from "./pin/pin-command";
import { REPAIR_COMMAND, repair } from "./repair/repair-command";
import { RETAIN_COMMAND, retain } from "./retain/retain-command";
import { guarded, PROGRAM_COMMANDS, type ProgramCommand } from "./run-program";
import { SCAN_COMMAND, scan } from "./scan/scan-command";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly ProgramCommand[] = [
  ...PROGRAM_COMMANDS,
  { spec: SCAN_COMMAND, run: scan },
  { spec: RETAIN_COMMAND, run: retain },
  { spec: REPAIR_COMMAND, run: repair },
  { spec: AUDIT_COMMAND, run: audit },
  { spec: PIN_COMMAND, run: pin },
  { spec: HOST_COMMAND, run: host },
  { spec: CATALOG_COMMAND, run: catalog },
  { spec: DEMO_COMMAND, run: demo },
];

/** Loaded when it is asked for: no other command needs the parsers of other people's files. */
function audit(...given: Parameters<ProgramCommand["run"]>): Promise<number> {
  const command: typeof import("./audit/audit-command") = require("./audit/audit-command");
  return command.audit(...given);
}

/** Runs the whole command line. @returns the exit code */
export async function main(words: readonly string[], environment: CliEnvironment): Promise<number> {
  let code = 0;
  const program = new Command("tallyman")
    .description("Keeps a self-hosted container registry provably pullable.")
    .exitOverride()
    .configureOutput({ writeOut: environment.write, writeErr: environment.writeError })
    .showHelpAfterError("(--help lists what there is)");
  for (const { spec, run } of COMMANDS) {
    addCommand(program, spec, async () => {
      const own = words.slice(words.indexOf(spec.name) + 1);
      code = await guarded(environment, async () => run(parseCommandLine(spec, own), environment));
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

/**
 * Commander finds the command, knows the options' names and gives the help; the values are read by the parser that
 * the program in the cluster has, so that the same words mean the same to both.
 */
function addCommand(program: Command, spec: CommandSpec, action: () => Promise<void>): void {
  const command = program.command(spec.name).description(spec.summary);
  // Arguments are optional to commander, so that their absence gets the command's own, better message.
  if (spec.argument !== "") command.argument("[names...]").usage(`[options] ${spec.argument}`);
  for (const { name, value, help } of spec.options) {
    command.option(value === null ? `--${name}` : `--${name} <${value}>`, help);
  }
  command.helpInformation = () => formatHelp(spec);
  command.action(action);
}

if (require.main === module) {
  void main(process.argv.slice(2), processEnvironment()).then((code) => {
    process.exitCode = code;
  });
}
