import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { StepScript } from "../../../lib/pipeline/step-script";
import { shellQuote } from "../../../lib/pipeline/verify-push/shell-quote";

type InMemory = Parameters<typeof build>[0] & { readonly metafile: true; readonly write: false };
const { verifyBundleOptions, compress } = jest.requireActual<{
  readonly verifyBundleOptions: InMemory;
  readonly compress: (contents: Uint8Array) => Uint8Array;
}>("../../../scripts/bundle.js");

export interface VerifyProgramFiles {
  readonly plain: string;
  readonly compressed: string;
}

/** The step's program, made from the source as `npm run build` makes it. */
export async function writeVerifyProgram(folder: string): Promise<VerifyProgramFiles> {
  const { outputFiles } = await build(verifyBundleOptions);
  const contents = outputFiles[0]?.contents;
  if (contents === undefined) throw new Error("esbuild made no file");
  const plain = join(folder, "tallyman-verify.mjs");
  writeFileSync(plain, contents);
  writeFileSync(`${plain}.zlib`, compress(contents));
  return { plain, compressed: `${plain}.zlib` };
}

/**
 * What Woodpecker hands to a container as CI_SCRIPT: each command behind an echo of itself, the whole as base64.
 * https://github.com/woodpecker-ci/woodpecker/blob/main/pipeline/backend/common/script_posix.go
 */
export function ciScript(commands: readonly string[]): string {
  const traced = commands.map((command) => `echo + ${shellQuote(command)}\n${command}\n`).join("\n");
  return Buffer.from(`unset CI_SCRIPT\n${traced}`).toString("base64");
}

export interface StepRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The workspace. */
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** By name; one that is missing is empty, as where a server withholds it. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Runs the commands as Woodpecker's container does, with nothing of this process's environment but PATH. */
export async function runStep(step: StepScript, options: RunOptions): Promise<StepRun> {
  const values = Object.entries(step.environment).map(([name, value]): [string, string] => [
    name,
    typeof value === "string" ? value : (options.secrets?.[value.secret] ?? ""),
  ]);
  const child = spawn("/bin/sh", ["-c", "echo $CI_SCRIPT | base64 -d | /bin/sh -e"], {
    cwd: options.cwd,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      ...options.environment,
      ...Object.fromEntries(values),
      CI_SCRIPT: ciScript(step.commands),
    },
    timeout: 45_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await once(child, "close");
  return { exitCode: child.exitCode, stdout, stderr };
}
