import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const CHECKOUT = resolve(__dirname, "../../..");
/** What the build and the stacks of this repository read. */
const SOURCES = [
  "lib",
  "stacks",
  "scripts",
  "docs",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "images.lock.json",
];
const STEP_TIMEOUT_MS = 170_000;

/** The commit before this one; null where there is no history, as in a shallow clone. */
export function previousCommit(): string | null {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--verify", "--quiet", "HEAD~1^{commit}"], {
    cwd: CHECKOUT,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : null;
}

/** This repository as it was or is, built in a folder of its own with the checkout's node_modules. */
export class BuiltTree {
  private constructor(private readonly folder: string) {}

  /** @param folder that is not there yet */
  static ofCommit(commit: string, folder: string): BuiltTree {
    mkdirSync(folder);
    const archive = execFileSync("git", ["archive", commit], {
      cwd: CHECKOUT,
      maxBuffer: 512 * 1024 * 1024,
    });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    return BuiltTree.build(folder);
  }

  /** With what is not committed yet. @param folder that is not there yet */
  static ofCheckout(folder: string): BuiltTree {
    mkdirSync(folder);
    for (const name of SOURCES) cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true });
    return BuiltTree.build(folder);
  }

  private static build(folder: string): BuiltTree {
    symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
    const run = (...args: readonly string[]) =>
      execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe", timeout: STEP_TIMEOUT_MS });
    // The types are checked elsewhere.
    run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck");
    run("scripts/bundle.js");
    return new BuiltTree(folder);
  }

  /** Synthesizes the estate; the folder of its output, with states in `stateFolder`. */
  synthesize(stateFolder: string): string {
    const outdir = join(this.folder, "cdktf.out");
    execFileSync(process.execPath, ["dist/stacks/main.js"], {
      cwd: this.folder,
      stdio: "pipe",
      timeout: STEP_TIMEOUT_MS,
      env: { ...process.env, CDKTF_OUTDIR: outdir, TALLYMAN_STATE_DIR: stateFolder },
    });
    return outdir;
  }
}
