import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROGRAM_NODE_FLAGS } from "../../integrity/contract";

/** The program as the build made it: what a ConfigMap carries. */
export const BUILT_PROGRAM = join(__dirname, "..", "tallyman.mjs");

export interface ProgramRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as the CronJob does: Node alone, and one file. */
export async function runProgramFile(file: string, words: readonly string[]): Promise<ProgramRun> {
  const child = spawn(process.execPath, [...PROGRAM_NODE_FLAGS, file, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { exitCode: code ?? 2, stdout, stderr };
}
