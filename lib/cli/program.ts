/**
 * The program that runs in the cluster: bundled into one file, with nothing to install beside it. The command on
 * a developer's machine (main.ts) has more commands; these are the same code.
 */
import { processEnvironment } from "./environment";
import { runProgram } from "./run-program";

void runProgram(process.argv.slice(2), processEnvironment()).then((code) => {
  process.exitCode = code;
});
