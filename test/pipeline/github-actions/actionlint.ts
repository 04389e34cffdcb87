import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { recordMissingTool } from "../../support/require-terraform";
import { findTool, requireTool } from "../../support/require-tool";

/**
 * What actionlint, with shellcheck for each script, says of a repository's workflows; empty where all is well.
 * @param files by path: `.github/workflows/build.yml`, and actions that they use by `./`
 */
export function actionlint(files: Readonly<Record<string, string | Buffer>>): string {
  if (isWithoutActionlint()) {
    recordMissingTool("actionlint", expect.getState().currentTestName ?? "a workflow");
    return "";
  }
  const folder = mkdtempSync(join(tmpdir(), "tallyman-actionlint-"));
  try {
    // Where it looks for the repository's root.
    mkdirSync(join(folder, ".git"));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const words = ["-no-color", "-oneline", `-shellcheck=${requireTool("shellcheck")}`, "-pyflakes="];
    const workflows = Object.keys(files).filter((path) => path.startsWith(".github/workflows/"));
    const { status, stdout, stderr } = spawnSync(requireTool("actionlint"), [...words, ...workflows], {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
    });
    if (status !== 0 && stdout === "") throw new Error(`actionlint did not run: ${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Go builds it, which not everybody has; in CI it has to be there. */
export function isWithoutActionlint(): boolean {
  return findTool("actionlint") === null && process.env.CI !== "true";
}
