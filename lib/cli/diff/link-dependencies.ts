import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const LOCKS = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"];
const MODULES = "node_modules";

/**
 * Lends a worktree the checkout's dependencies: nothing is installed for a revision, as that would run its code with
 * a network and take minutes.
 *
 * @param project the project's folder in the repository, "" for its root
 * @returns what whoever reads the diff should know: where the dependencies are not those that the revision locks
 */
export function linkDependencies(checkout: string, worktree: string, project: string): readonly string[] {
  const notes: string[] = [];
  let isThere = false;
  for (const folder of foldersDownTo(project)) {
    const from = join(checkout, folder, MODULES);
    const to = join(worktree, folder, MODULES);
    if (existsSync(to)) isThere = true;
    else if (existsSync(from)) {
      isThere = true;
      mkdirSync(join(worktree, folder), { recursive: true });
      symlinkSync(from, to);
      const differing = LOCKS.map((name) => join(folder, name)).filter(
        (name) => textOf(join(checkout, name)) !== textOf(join(worktree, name)),
      );
      for (const name of differing) {
        notes.push(`its ${name} differs from this checkout's, whose ${MODULES} it was synthesized with`);
      }
    }
  }
  if (!isThere && existsSync(join(worktree, project, "package.json"))) {
    notes.push(`this checkout has no ${MODULES} that it could be synthesized with`);
  }
  return notes;
}

/** `a/b` as "", `a`, `a/b`: a module is looked for in each. */
function foldersDownTo(project: string): readonly string[] {
  const parts = project.split("/").filter((part) => part !== "");
  return ["", ...parts.map((_, at) => parts.slice(0, at + 1).join("/"))];
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
