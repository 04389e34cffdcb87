import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM_NODE_FLAGS } from "../../lib/integrity/contract";

/** What a process says of itself after its garbage was collected. */
export interface Inside {
  readonly heapUsed: number;
  /** How many of each kind keep the event loop busy: TCPSocketWrap, Timeout … */
  readonly resources: Readonly<Record<string, number>>;
}

/** `tallyman serve` as a pod runs it, with a window into it. */
export class ExporterProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly output: { stderr: string },
  ) {}

  /** Resolves when it listens. */
  static async start(program: string, words: readonly string[]): Promise<ExporterProcess> {
    const child = spawn(
      process.execPath,
      [
        ...PROGRAM_NODE_FLAGS,
        "--expose-gc",
        "--require",
        join(__dirname, "inside.cjs"),
        program,
        "serve",
        ...words,
        "--listen",
        "127.0.0.1:0",
      ],
      { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { PATH: process.env.PATH } },
    );
    const output = { stderr: "" };
    const port = await new Promise<number>((resolve, reject) => {
      child.on("exit", () => reject(new Error(`serve ended: ${output.stderr}`)));
      child.stderr?.on("data", (chunk: Buffer) => {
        // What came last tells most.
        output.stderr = (output.stderr + chunk.toString("utf8")).slice(-20_000);
        const found = /serving on 127\.0\.0\.1:(\d+)/.exec(output.stderr)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    return new ExporterProcess(child, port, output);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get stderr(): string {
    return this.output.stderr;
  }

  async inside(): Promise<Inside> {
    const answer = once(this.child, "message");
    this.child.send("report");
    const [inside] = await answer;
    return inside as Inside;
  }

  /** Memory of its own: pages of files, as of Node's own program, are not what a limit ends a process for. */
  anonymousBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/^RssAnon:\s+([0-9]+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** What it holds open, by the kernel: all of it, and the sockets of any kind among that. */
  open(): { readonly descriptors: number; readonly sockets: number } {
    const folder = `/proc/${this.child.pid}/fd`;
    const targets = readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(join(folder, name))];
      } catch {
        return []; // closed meanwhile
      }
    });
    return {
      descriptors: targets.length,
      sockets: targets.filter((target) => target.startsWith("socket:")).length,
    };
  }

  /** SIGTERM. @returns exit code and how long the end took */
  async stop(): Promise<{ readonly code: number | null; readonly tookMs: number }> {
    const ended = once(this.child, "exit");
    const began = performance.now();
    this.child.kill("SIGTERM");
    const [code] = await ended;
    return { code: code as number | null, tookMs: performance.now() - began };
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
