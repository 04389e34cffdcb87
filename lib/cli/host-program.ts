/**
 * The program of a registry host: the one of the cluster (program.ts), and the commands that maintain a registry and
 * its disk; bundled into one file of its own, as a ConfigMap has no room for what no pod runs.
 */
import { parseCommandLine } from "./arguments";
import { type CliEnvironment, processEnvironment } from "./environment";
import { EXIT_USAGE } from "./exit-codes";
import { formatHelp } from "./option-table";
import { REPAIR_COMMAND, repair } from "./repair/repair-command";
import { RETAIN_COMMAND, retain } from "./retain/retain-command";
import { guarded, PROGRAM_COMMANDS, type ProgramCommand } from "./run-program";
import { SCAN_COMMAND, scan } from "./scan/scan-command";

const HOST_COMMANDS: readonly ProgramCommand[] = [
  ...PROGRAM_COMMANDS,
  { spec: SCAN_COMMAND, run: scan },
  { spec: RETAIN_COMMAND, run: retain },
  { spec: REPAIR_COMMAND, run: repair },
];

async function runHostProgram(words: readonly string[], environment: CliEnvironment): Promise<number> {
  const [name, ...rest] = words;
  const command = HOST_COMMANDS.find(({ spec }) => spec.name === name);
  if (command === undefined) return showHostCommands(name, environment);
  return guarded(environment, async () => {
    const raw = parseCommandLine(command.spec, rest);
    if (raw.values.help !== true) return command.run(raw, environment);
    environment.write(formatHelp(command.spec));
    return 0;
  });
}

function showHostCommands(name: string | undefined, environment: CliEnvironment): number {
  const rows = HOST_COMMANDS.map(({ spec }) => `  ${spec.name.padEnd(8)}${spec.summary}`);
  const text = `Usage: tallyman <command> [options]\n\nCommands:\n${rows.join("\n")}\n`;
  if (name === "--help" || name === "help") {
    environment.write(text);
    return 0;
  }
  const what = name === undefined ? "no command given" : `unknown command ${JSON.stringify(name)}`;
  environment.writeError(`tallyman: ${what}\n${text}`);
  return EXIT_USAGE;
}

void runHostProgram(process.argv.slice(2), processEnvironment()).then((code) => {
  process.exitCode = code;
});
