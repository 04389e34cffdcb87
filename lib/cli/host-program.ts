/**
 * The program of a registry host: the one of the cluster (program.ts), and the commands that maintain a registry and
 * its disk; bundled into one file of its own, as a ConfigMap has no room for what no pod runs.
 */
import { processEnvironment } from "./environment";
import { REPAIR_COMMAND, repair } from "./repair/repair-command";
import { RETAIN_COMMAND, retain } from "./retain/retain-command";
import { PROGRAM_COMMANDS, type ProgramCommand, runProgram } from "./run-program";
import { SCAN_COMMAND, scan } from "./scan/scan-command";

const HOST_COMMANDS: readonly ProgramCommand[] = [
  ...PROGRAM_COMMANDS,
  { spec: SCAN_COMMAND, run: scan },
  { spec: RETAIN_COMMAND, run: retain },
  { spec: REPAIR_COMMAND, run: repair },
];

void runProgram(process.argv.slice(2), processEnvironment(), HOST_COMMANDS).then((code) => {
  process.exitCode = code;
});
