import { type ChildProcess, spawn } from "node:child_process";
import { errorCode } from "../error-code";

const MAX_OUTPUT_LENGTH = 256 * 1024;

export interface GroupSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface GroupRun {
  /** `exit 1`, `SIGSEGV`, `no end within 600s`: null where it ended with 0. */
  readonly failure: string | null;
  readonly stdout: string;
  /** The end of what it wrote to either output, in the order of arrival. */
  readonly output: string;
}

/** Runs a program and, in whatever way it ends, kills all that it has started and that did not leave its group. */
export function runGroup(spec: GroupSpec): Promise<GroupRun> {
  const { command, args, cwd, env, signal, timeoutMs } = spec;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ failure: "stopped", stdout: "", output: "" });
    // A leader of its own group: a terminal's Ctrl-C does not reach it, and it can be killed as one.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    let early: string | null = null;
    const end = (why: string): void => {
      early ??= why;
      killGroup(child);
    };
    const stop = (): void => end("stopped");
    const timer = setTimeout(() => end(`no end within ${timeoutMs / 1000}s`), timeoutMs);
    signal.addEventListener("abort", stop);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(0, MAX_OUTPUT_LENGTH);
      output = (output + text).slice(-MAX_OUTPUT_LENGTH);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT_LENGTH);
    });
    child.on("error", (error) => {
      early ??= `cannot be run (${errorCode(error)})`;
    });
    // What stays behind would hold the outputs open.
    child.on("exit", () => killGroup(child));
    child.on("close", (code, died) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      const failure = early ?? (code === 0 ? null : code === null ? String(died) : `exit ${code}`);
      resolve({ failure, stdout, output });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it is gone.
  }
}
