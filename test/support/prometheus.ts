import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTool } from "./require-tool";

export interface PromtoolResult {
  readonly ok: boolean;
  /** Both streams. */
  readonly output: string;
}

const TIMEOUT_MS = 30_000;

/**
 * Runs promtool in a folder that holds `files` (name to content), which is removed afterwards.
 * @param args as `["test", "rules", "rules.test.yml"]`
 * @param binary default Debian's, which knows no Kubernetes service discovery
 */
export function promtool(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
  binary = requireTool("promtool"),
): PromtoolResult {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-promtool-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const { status, stdout, stderr } = spawnSync(binary, args, {
      cwd: folder,
      encoding: "utf8",
      timeout: TIMEOUT_MS,
    });
    return { ok: status === 0, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
