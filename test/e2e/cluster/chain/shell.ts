import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ShellRun {
  readonly code: number | null;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

const TIMEOUT_MS = 60_000;

/** One command with nothing in its environment but `env` and a PATH. */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ShellRun> {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, output };
}

/** What somebody pastes into a terminal, with this kubeconfig alone. */
export function runScript(script: string, kubeconfig: string, home: string): Promise<ShellRun> {
  return runCommand("bash", ["-euo", "pipefail", "-c", script], { KUBECONFIG: kubeconfig, HOME: home });
}
