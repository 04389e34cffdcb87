#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { printable } from "../core/printable";
import { parseCommandLine } from "./arguments";
import { AUDIT_COMMAND } from "./audit/audit-spec";
import { CATALOG_COMMAND, catalog } from "./catalog/catalog-command";
import { DEMO_COMMAND } from "./demo/demo-spec";
import { DIFF_COMMAND } from "./diff/diff-spec";
import { type CliEnvironment, processEnvironment } from "./environment";
import { EXIT_USAGE } from "./exit-codes";
import { guarded } from "./guarded";
import { HOST_COMMAND } from "./host/host-command-spec";
import { INIT_COMMAND } from "./init/init-spec";
import { type CommandSpec, formatHelp } from "./option-table";
import { ownPackage } from "./own-package";
import { PIN_COMMAND } from "./pin/pin-spec";
import { REPAIR_COMMAND } from "./repair/repair-spec";
import { RETAIN_COMMAND } from "./retain/retain-spec";
import { formatCommands, PROGRAM_COMMANDS, type ProgramCommand } from "./run-program";
import { SCAN_COMMAND } from "./scan/scan-spec";

/** Each is loaded when it is asked for: the others start sooner without it. */
const LOAD = {
  scan: (): typeof import("./scan/scan-command") => require("./scan/scan-command"),
  retain: (): typeof import("./retain/retain-command") => require("./retain/retain-command"),
  repair: (): typeof import("./repair/repair-command") => require("./repair/repair-command"),
  audit: (): typeof import("./audit/audit-command") => require("./audit/audit-command"),
  pin: (): typeof import("./pin/pin-command") => require("./pin/pin-command"),
  host: (): typeof import("./host/host-command") => require("./host/host-command"),
  diff: (): typeof import("./diff/diff-command") => require("./diff/diff-command"),
  init: (): typeof import("./init/init-command") => require("./init/init-command"),
  demo: (): typeof import("./demo/demo-command") => require("./demo/demo-command"),
};

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly ProgramCommand[] = [
  ...PROGRAM_COMMANDS,
  { spec: SCAN_COMMAND, run: (...given) => LOAD.scan().scan(...given) },
  { spec: RETAIN_COMMAND, run: (...given) => LOAD.retain().retain(...given) },
  { spec: REPAIR_COMMAND, run: (...given) => LOAD.repair().repair(...given) },
  { spec: AUDIT_COMMAND, run: (...given) => LOAD.audit().audit(...given) },
  { spec: PIN_COMMAND, run: (...given) => LOAD.pin().pin(...given) },
  { spec: HOST_COMMAND, run: (...given) => LOAD.host().host(...given) },
  { spec: CATALOG_COMMAND, run: catalog },
  { spec: DIFF_COMMAND, run: (...given) => LOAD.diff().diff(...given) },
  { spec: INIT_COMMAND, run: (...given) => LOAD.init().init(...given) },
  { spec: DEMO_COMMAND, run: (...given) => LOAD.demo().demo(...given) },
];

/** Runs the whole command line. @returns the exit code */
export async function main(words: readonly string[], environment: CliEnvironment): Promise<number> {
  if (words[0] === "--version") {
    environment.write(`${ownPackage().version}\n`);
    return 0;
  }
  let code = 0;
  const program = new Command("tallyman").exitOverride().configureOutput({
    writeOut: environment.write,
    writeErr: environment.writeError,
    outputError: (text) => environment.writeError(oneLine(text)),
  });
  program.helpInformation = () => formatCommands(COMMANDS);
  // Known, so that it is offered to whoever misspells it.
  program.option("--version");
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

/** Commander's error as the other parser's: one line, with what was probably meant. */
function oneLine(text: string): string {
  const [message = "", guess] = text
    .trim()
    .replace(/^error: /, "")
    .split(/\n\(Did you mean (.+)\?\)$/);
  const what = guess === undefined ? `${message.replace(/\.$/, "")}.` : `${message}; did you mean ${guess}?`;
  return `tallyman: ${printable(what)} \`tallyman --help\` lists what there is\n`;
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
