import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 15;
const START_TRIES = 5;
const MAX_LOG_LENGTH = 64 * 1024;

/**
 * A shell that waits for the end of its input, which comes when this process ends in whatever way (a test runner
 * fires no exit event in its sandbox, and SIGKILL leaves no time for one), then kills the server and removes its
 * folder. $1 is the server's pid, $2 the folder or nothing.
 */
const GUARD = 'read -r _; kill -9 "$1"; [ -z "$2" ] || rm -rf -- "$2"';

export interface ServerSpec {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the server on that port answers as it should. */
  readonly isReady: (port: number) => Promise<boolean>;
  /** Removed when this process dies before the server is stopped; null to leave everything. */
  readonly folder: string | null;
  /** @default a free one */
  readonly port?: number;
  /** @default 15 s */
  readonly readyTimeoutMs?: number;
}

/** A server on a loopback port, which dies with this process. */
export class ServerProcess {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly guard: ChildProcess,
    private readonly output: { text: string },
  ) {}

  /** Resolves when the server answers; tries another port where the one chosen was taken meanwhile. */
  static async start(spec: ServerSpec): Promise<ServerProcess> {
    let last = "";
    for (let i = 0; i < START_TRIES; i++) {
      const server = ServerProcess.spawn(spec, spec.port ?? (await freePort()));
      if (await server.becomesReady(spec)) return server;
      await server.stop();
      last = server.log();
      if (!/address already in use/.test(last)) break;
    }
    throw new Error(`${spec.command} did not start: ${last.trim() || "no answer and no output"}`);
  }

  private static spawn(spec: ServerSpec, port: number): ServerProcess {
    const child = spawn(spec.command, spec.args(port), {
      stdio: ["ignore", "pipe", "pipe"],
      env: spec.env ?? process.env,
    });
    const output = { text: "" };
    const collect = (chunk: Buffer): void => {
      output.text = (output.text + chunk.toString("utf8")).slice(-MAX_LOG_LENGTH);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => collect(Buffer.from(error.message)));
    const guard = spawn("sh", ["-c", GUARD, "guard", `${child.pid}`, spec.folder ?? ""], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    return new ServerProcess(port, child, guard, output);
  }

  /** The process id; 0 where the program could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The last 64 Ki characters of what the server wrote. */
  log(): string {
    return this.output.text;
  }

  /** Resolves when the process is gone: by SIGTERM, after five seconds by SIGKILL. */
  async stop(): Promise<void> {
    if (this.isRunning()) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const force = setTimeout(() => this.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await gone;
      clearTimeout(force);
    }
    // The guard goes after the server and before its pid can belong to another.
    this.guard.kill("SIGKILL");
    this.guard.stdin?.destroy();
  }

  /** As a power cut would: no signal that it could answer. */
  async kill(): Promise<void> {
    if (this.isRunning()) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await gone;
    }
    await this.stop();
  }

  private isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private async becomesReady(spec: ServerSpec): Promise<boolean> {
    const end = performance.now() + (spec.readyTimeoutMs ?? READY_TIMEOUT_MS);
    while (performance.now() < end && this.isRunning()) {
      // Whoever holds the port may answer in the place of a server that could not get it and is about to exit.
      if ((await spec.isReady(this.port)) && this.isRunning()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }
}

/** A port of loopback that nobody holds at this moment. */
export function freePort(): Promise<number> {
  return portOf(0);
}

/**
 * A free port that the kernel gives to nobody who connects: for a server that is down now and then, as whoever asks
 * for it meanwhile may else be given its port, and be connected to itself.
 */
export async function portOutsideEphemeral(): Promise<number> {
  const [first = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split("\t").map(Number);
  // Somewhere below it, and then the next that is free.
  for (let port = first - 1 - (process.pid % 8_192); port > 1_024; port--) {
    const free = await portOf(port).catch(() => null);
    if (free !== null) return free;
  }
  throw new Error(`no port below ${first} is free`);
}

async function portOf(wished: number): Promise<number> {
  const server = createServer().listen(wished, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}
