import { basename, join, resolve } from "node:path";
import { quoted, UsageError } from "../arguments";
import { type Git, GitError } from "./git";
import { removeTree } from "./remove-tree";

/** A commit, under the word that names it and the side that it stands for. */
export interface Revision {
  readonly side: "base" | "head";
  readonly name: string;
  readonly commit: string;
}

/** The repository around the current folder, and the worktrees that this run has added to it. */
export class Repository {
  private readonly trees: { readonly path: string; readonly record: string }[] = [];

  private constructor(
    private readonly git: Git,
    /** The checkout's root. */
    readonly root: string,
    /** The current folder below the root, "" for the root itself. */
    readonly project: string,
    private readonly commonDir: string,
    /** Of this run alone: its name tells its worktrees from all others. */
    private readonly folder: string,
  ) {}

  /** @throws GitError */
  static async open(git: Git, cwd: string, folder: string): Promise<Repository> {
    const root = await git.run(["rev-parse", "--show-toplevel"]);
    const project = await git.run(["rev-parse", "--show-prefix"]);
    const commonDir = await git.run(["rev-parse", "--git-common-dir"]);
    const line = (text: string): string => text.replace(/\n$/, "");
    return new Repository(
      git,
      line(root),
      line(project).replace(/\/$/, ""),
      resolve(cwd, line(commonDir)),
      folder,
    );
  }

  /** @throws UsageError */
  async resolve(side: Revision["side"], name: string): Promise<Revision> {
    try {
      const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
      return { side, name, commit: (await this.git.run(args)).trim() };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new UsageError(
        `${quoted(name)} is neither a synthesized output (a folder with manifest.json or stacks) nor a revision here. A shallow clone has few: fetch it`,
      );
    }
  }

  /** @returns its path. @throws GitError */
  async addWorktree({ side, commit }: Revision): Promise<string> {
    const path = join(this.folder, `${basename(this.folder)}-${side}`);
    // Noted first: git may be killed half-way. Git names its own record after the folder's last part.
    this.trees.push({ path, record: join(this.commonDir, "worktrees", basename(path)) });
    await this.git.run(["worktree", "add", "--quiet", "--detach", path, commit]);
    return path;
  }

  /**
   * Takes the worktrees away, and git's records of them. At once and without git: a process that was asked to end has
   * no time, and a synthesis may have left a worktree that git would no longer know.
   */
  removeWorktrees(): void {
    for (const { path, record } of this.trees.splice(0)) {
      for (const one of [path, record]) removeTree(one);
    }
  }
}
