import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const ROOT = join(__dirname, "../..");

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Below the repository. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A repository in a temporary folder, and the command as a process of its own beside it. */
export class DiffWorld {
  private constructor(
    readonly folder: string,
    private readonly program: string,
  ) {}

  static async create(): Promise<DiffWorld> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "tallyman-diff-e2e-")));
    const world = new DiffWorld(folder, join(folder, "tallyman.js"));
    await build({
      absWorkingDir: ROOT,
      entryPoints: ["lib/cli/main.ts"],
      outfile: world.program,
      bundle: true,
      platform: "node",
      logLevel: "error",
      plugins: [MARKDOWN_BUNDLE],
    });
    for (const one of ["repository", "tmp", "home"]) mkdirSync(join(folder, one));
    world.git("init", "--quiet", "--initial-branch=main");
    return world;
  }

  /** The repository. */
  get root(): string {
    return join(this.folder, "repository");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  git(...args: string[]): string {
    const own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    const env = { PATH: process.env.PATH, HOME: join(this.folder, "home") };
    return execFileSync("git", [...own, ...args], { cwd: this.root, env, encoding: "utf8" }).trim();
  }

  write(path: string, content: unknown): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** @returns its id */
  commit(files: Readonly<Record<string, unknown>>): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message=a");
    return this.git("rev-parse", "HEAD");
  }

  start(words: readonly string[], { cwd = "", env = {} }: RunOptions = {}): ChildProcess {
    return spawn(process.execPath, [this.program, "diff", ...words], {
      cwd: join(this.root, cwd),
      env: {
        PATH: process.env.PATH,
        HOME: join(this.folder, "home"),
        TMPDIR: join(this.folder, "tmp"),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async diff(words: readonly string[], options: RunOptions = {}): Promise<Run> {
    return finish(this.start(words, options));
  }

  /** What runs have left in the folder of temporary files, and git's records of worktrees but the checkout's. */
  leftovers(): readonly string[] {
    const worktrees = this.git("worktree", "list", "--porcelain").match(/^worktree .*/gm) ?? [];
    return [...readdirSync(join(this.folder, "tmp")), ...worktrees.slice(1)];
  }
}

export async function finish(child: ChildProcess): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

/** The build has made one file of the Markdown packages. */
const MARKDOWN_BUNDLE: import("esbuild").Plugin = {
  name: "markdown",
  setup(build) {
    const path = join(ROOT, "dist/lib/text/markdown/mdast-bundle.js");
    build.onResolve({ filter: /^\.\/mdast-bundle$/ }, () => ({ path }));
  },
};
