import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(__dirname, "../..");

/** What `npm pack` makes of the built checkout, packed and unpacked, in a folder of its own. */
export class Tarball {
  private constructor(
    readonly folder: string,
    /** The .tgz. */
    readonly file: string,
    /** Where it is unpacked: what would be node_modules/tallyman. */
    readonly unpacked: string,
  ) {}

  /** Without the scripts, which would build once more; and without the registry. */
  static pack(): Tarball {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-package-"));
    try {
      const args = [
        "pack",
        "--ignore-scripts",
        "--pack-destination",
        folder,
        "--cache",
        join(folder, "cache"),
      ];
      // The last line is the file's name; warnings go to standard error.
      const output = execFileSync("npm", [...args, "--offline", "--loglevel", "error"], {
        cwd: ROOT,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 60_000,
      });
      const file = join(folder, output.trim().split("\n").at(-1) ?? "");
      const unpacked = join(folder, "package");
      mkdirSync(unpacked);
      execFileSync("tar", ["-xzf", file, "-C", folder], { timeout: 30_000 });
      return new Tarball(folder, file, unpacked);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
