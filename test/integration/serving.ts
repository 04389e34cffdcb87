import { type CliEnvironment, processEnvironment } from "../../lib/cli/environment";
import { runProgram } from "../../lib/cli/run-program";
import { rawHttp } from "../support/raw-http";

/** A wait for the next walk, as the default interval makes it, and not one within a walk. */
const LONG_MS = 60_000;

/** A `tallyman serve` in this process, whose walks begin when the test says so. */
export class Serving {
  private output = { stdout: "", stderr: "" };
  private readonly waiting: (() => void)[] = [];
  private stopListener: (() => void) | null = null;
  private readonly exit: Promise<number>;

  private constructor(words: readonly string[], overrides: Partial<CliEnvironment>) {
    const own = processEnvironment();
    this.exit = runProgram(["serve", ...words, "--listen", "127.0.0.1:0", "--rate", "0"], {
      ...own,
      env: {},
      isTerminal: false,
      write: (text) => {
        this.output.stdout += text;
      },
      writeError: (text) => {
        this.output.stderr += text;
      },
      sleep: (ms, signal) => (ms < LONG_MS ? own.sleep(ms, signal) : this.hold(signal)),
      onStop: (listener) => {
        this.stopListener = listener;
        return () => {
          this.stopListener = null;
        };
      },
      ...overrides,
    });
  }

  /** Resolves when it listens; its first walks are under way. */
  static async start(words: readonly string[], overrides: Partial<CliEnvironment> = {}): Promise<Serving> {
    const serving = new Serving(words, overrides);
    await serving.until(() => serving.port !== 0);
    return serving;
  }

  get stdout(): string {
    return this.output.stdout;
  }

  get stderr(): string {
    return this.output.stderr;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async get(path: string): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
    const { status, body, headers } = await rawHttp(`${this.url}${path}`);
    return { status, text: body.toString("utf8"), headers };
  }

  /** The metrics as `metric{labels}` to value, without prefix. */
  async metrics(): Promise<Record<string, number>> {
    const { text } = await this.get("/metrics");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return Object.fromEntries(
      lines.map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice("registry_manifest_integrity_".length, at), Number(line.slice(at + 1))];
      }),
    );
  }

  /** Resolves when so many registries have ended their walk and wait for the next. */
  walked(registries = 1): Promise<void> {
    return this.until(() => this.waiting.length === registries);
  }

  /** Begins the next walk of every registry. */
  begin(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  async walk(registries = 1): Promise<void> {
    await this.walked(registries);
    this.begin();
    await this.walked(registries);
  }

  /** As SIGTERM would. @returns the exit code */
  stop(): Promise<number> {
    this.stopListener?.();
    return this.exit;
  }

  private hold(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      signal?.addEventListener("abort", () => resolve());
      this.waiting.push(resolve);
    });
  }

  private get port(): number {
    return Number(/serving on 127\.0\.0\.1:(\d+)/.exec(this.stderr)?.[1] ?? 0);
  }

  private async until(isSo: () => boolean): Promise<void> {
    let code: number | null = null;
    void this.exit.then((ended) => {
      code = ended;
    });
    for (const end = performance.now() + 10_000; !isSo(); ) {
      if (code !== null) throw new Error(`serve ended with ${code}: ${this.stderr}`);
      if (performance.now() > end) throw new Error(`serve did not come so far: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
