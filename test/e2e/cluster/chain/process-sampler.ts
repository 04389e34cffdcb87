/** https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { processTree } from "../kubelet/process-tree";
import type { Place } from "./secrets-scan";

const PERIOD_MS = 40;

/** Looks again and again at the processes that this one started, whatever started them in turn: what `ps` would show. */
export class ProcessSampler {
  private readonly commandLines = new Set<string>();
  private readonly environments = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  private constructor() {
    this.timer = setInterval(() => this.look(), PERIOD_MS);
    this.timer.unref();
  }

  static start(): ProcessSampler {
    return new ProcessSampler();
  }

  /** The names of the programs that were seen, in alphabetical order. */
  programs(): readonly string[] {
    const names = [...this.commandLines].map((line) => basename(line.split(" ", 1)[0] ?? ""));
    return [...new Set(names)].sort();
  }

  /**
   * What was seen up to now. The environment of Terraform and its providers is left out: TF_VAR_<name> in it is how
   * its user gives it a secret.
   */
  places(): readonly Place[] {
    this.look();
    return [
      { name: "command lines of processes", content: [...this.commandLines].join("\n") },
      { name: "environments of processes", content: [...this.environments].join("\n") },
    ];
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const pid of processTree(process.pid)) {
      if (pid === process.pid) continue;
      const commandLine = readProc(pid, "cmdline");
      if (commandLine === "") continue;
      this.commandLines.add(commandLine);
      if (!isTerraform(commandLine)) this.environments.add(readProc(pid, "environ"));
    }
  }
}

function isTerraform(commandLine: string): boolean {
  return /^(?:terraform|tofu)\b/.test(basename(commandLine.split(" ", 1)[0] ?? ""));
}

/** Empty where the process is gone. */
function readProc(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
