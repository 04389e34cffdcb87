import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnonymousMemory } from "./anonymous-memory";

/** A program's run as seen from outside, with all its children. */
export interface Measurement {
  readonly wallSeconds: number;
  /** User and system time together. */
  readonly cpuSeconds: number;
  /** The largest resident set of any one process. */
  readonly maxResidentMiB: number;
  /** Of it what no file stands for, where it was looked at; else NaN. */
  readonly maxAnonymousMiB: number;
  readonly exitCode: number;
  readonly stdout: string;
}

export interface MeasureOptions {
  readonly stdin?: string;
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the program's anonymous memory is looked at while it runs, which costs a little time. @default false */
  readonly watchesMemory?: boolean;
}

/** Runs a program under GNU time; its stderr is shown. */
export async function measure(
  command: string,
  args: readonly string[],
  options: MeasureOptions = {},
): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const timings = join(folder, "time");
  try {
    const began = performance.now();
    const child = spawn("/usr/bin/time", ["-q", "-f", "%U %S %M", "-o", timings, command, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...options.env },
    });
    const memory =
      options.watchesMemory === true && child.pid !== undefined ? new AnonymousMemory(child.pid) : null;
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on("error", () => undefined); // a program that reads no input may be gone before it is written
    child.stdin.end(options.stdin ?? "");
    await once(child, "close");
    const maxAnonymousMiB = memory?.stop() ?? Number.NaN;
    const wallSeconds = (performance.now() - began) / 1000;
    const [user = NaN, system = NaN, residentKiB = NaN] = readFileSync(timings, "utf8")
      .trim()
      .split(" ")
      .map(Number);
    return {
      wallSeconds,
      cpuSeconds: user + system,
      maxResidentMiB: residentKiB / 1024,
      maxAnonymousMiB,
      exitCode: child.exitCode ?? -1,
      stdout: Buffer.concat(chunks).toString("utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** User and system time that a running process has spent so far, by the kernel's account in hundredths of a second. */
export function cpuSecondsOf(pid: number): number {
  // The name in brackets may hold blanks; what follows it is fields 3 and on.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export { median } from "./report/statistics";
