import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { findTool } from "../../../support/require-tool";
import type { Environment } from "./container-env";
import type { ContainerLog } from "./container-log";
import { type ContainerRoot, type ContainerUser, mapPaths, renderRootScript } from "./container-root";
import { childrenOf, processTree, residentBytes } from "./process-tree";

/** `namespaces`: the manifest's paths, user and limits; `host`: as this process' user, with paths mapped. */
export type Isolation = "namespaces" | "host";

export interface ContainerCommand {
  readonly words: readonly string[];
  readonly env: Environment;
  readonly root: ContainerRoot;
  readonly user: ContainerUser;
  readonly memoryLimitBytes: number | null;
}

export interface ContainerExit {
  /** 128 and the signal's number where one ended it. */
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
}

const MEMORY_LOOK_MS = 250;
const SIGNALS: Readonly<Record<string, number>> = {
  SIGKILL: 9,
  SIGTERM: 15,
  SIGABRT: 6,
  SIGSEGV: 11,
  SIGINT: 2,
};

/** Whether this host gives what namespaces need: root, and the programs of util-linux. */
export function detectIsolation(): Isolation {
  const programs = ["unshare", "setpriv", "mount", "umount", "pivot_root"];
  return process.getuid?.() === 0 && programs.every((name) => findTool(name) !== null)
    ? "namespaces"
    : "host";
}

/** One run of a container's command, from start to end. */
export class ContainerProcess {
  /** Resolves when every process of it has ended. */
  readonly exit: Promise<ContainerExit>;
  private isOutOfMemory = false;
  private hasEnded = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly isolation: Isolation,
    log: ContainerLog,
    memoryLimitBytes: number | null,
  ) {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => log.append("stdout", text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => log.append("stderr", text));
    this.exit = new Promise((resolve) => {
      child.on("error", (error) => {
        log.append("stderr", `${error.message}\n`);
        // A program that is not there never began: no other event comes.
        if (child.pid === undefined) this.end(log, resolve, 128);
      });
      // What it left behind holds its output open.
      child.on("exit", () => this.killGroup());
      child.on("close", (code, signal) => this.end(log, resolve, code ?? 128 + (SIGNALS[signal ?? ""] ?? 0)));
    });
    if (memoryLimitBytes !== null) void this.watchMemory(memoryLimitBytes);
  }

  static start(command: ContainerCommand, isolation: Isolation, log: ContainerLog): ContainerProcess {
    const [program = "false", ...args] =
      isolation === "namespaces" ? namespaceWords(command) : hostWords(command);
    const { mounts } = command.root;
    const env =
      isolation === "namespaces"
        ? command.env
        : Object.fromEntries(Object.entries(command.env).map(([key, text]) => [key, mapPaths(text, mounts)]));
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...env },
      // A group of its own, by which all of it ends.
      detached: true,
    });
    return new ContainerProcess(child, isolation, log, command.memoryLimitBytes);
  }

  /** As a runtime stops: SIGTERM to the first process, SIGKILL to all after the grace period. */
  async stop(graceMs: number): Promise<void> {
    if (graceMs > 0) {
      this.signalFirst("SIGTERM");
      await Promise.race([this.exit, sleep(graceMs, undefined, { ref: false })]);
    }
    this.kill();
    await this.exit;
  }

  /** Resident bytes of all its processes. */
  memoryBytes(): number {
    return this.child.pid === undefined ? 0 : residentBytes(processTree(this.child.pid));
  }

  private signalFirst(signal: "SIGTERM" | "SIGKILL"): void {
    const pid = this.child.pid;
    if (pid === undefined || this.hasEnded) return;
    // What waits outside of the namespace has the container's first process for its child.
    const targets = this.isolation === "namespaces" ? childrenOf(pid) : [pid];
    for (const target of targets) send(target, signal);
  }

  private kill(): void {
    const pid = this.child.pid;
    if (pid === undefined || this.hasEnded) return;
    // The end of a namespace's first process is the end of all in it; its parent then tells of it.
    if (this.isolation === "namespaces" && childrenOf(pid).length > 0) this.signalFirst("SIGKILL");
    else send(-pid, "SIGKILL");
  }

  private end(log: ContainerLog, resolve: (exit: ContainerExit) => void, exitCode: number): void {
    this.hasEnded = true;
    log.close();
    resolve({ exitCode, isOutOfMemory: this.isOutOfMemory });
  }

  private killGroup(): void {
    if (this.isolation === "host" && this.child.pid !== undefined) send(-this.child.pid, "SIGKILL");
  }

  /** By looking: what is taken and given back between two looks is not seen. */
  private async watchMemory(limitBytes: number): Promise<void> {
    while (!this.hasEnded) {
      if (this.memoryBytes() > limitBytes) {
        this.isOutOfMemory = true;
        this.kill();
        return;
      }
      await sleep(MEMORY_LOOK_MS, undefined, { ref: false });
    }
  }
}

/**
 * Waits outside for the namespace's first process, and ends with its code: `unshare --fork` of util-linux 2.38 says 1
 * for one that a signal ended, with a complaint of its own.
 */
const WAIT = 'sh=$1; shift; "$sh" -c "$@" & exec >/dev/null 2>&1; wait "$!"';

function namespaceWords({ words, root, user }: ContainerCommand): readonly string[] {
  const sh = tool("sh");
  return [
    ...[tool("setpriv"), "--pdeathsig=KILL", "--", tool("unshare")],
    ...["--mount", "--pid", "--ipc", "--uts", "--propagation=private"],
    ...["--", sh, "-c", WAIT, "sh", sh, renderRootScript(root, user), "sh", ...words],
  ];
}

function hostWords({ words, root }: ContainerCommand): readonly string[] {
  const mapped = words.map((word) => mapPaths(word, root.mounts));
  return mapped[0] === "node" ? [root.node, ...mapped.slice(1)] : mapped;
}

function tool(name: string): string {
  const path = findTool(name);
  if (path === null) throw new Error(`${name} is not on PATH: install util-linux.`);
  return path;
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
