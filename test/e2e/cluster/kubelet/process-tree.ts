/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
import { readdirSync, readFileSync } from "node:fs";

/** A process and all below it, itself first; those that are gone are left out. */
export function processTree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter((part) => part !== "")
        .map(Number),
    );
  } catch {
    return [];
  }
}

/** Bytes that a memory limit counts and cannot take back: without files of the disk. */
export function residentBytes(pids: readonly number[]): number {
  return pids.map(residentOf).reduce((sum, one) => sum + one, 0);
}

function residentOf(pid: number): number {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return 0;
  }
  return ["RssAnon", "RssShmem"]
    .map((name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024)
    .reduce((sum, one) => sum + one, 0);
}
