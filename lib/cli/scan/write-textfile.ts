import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes beside the file and renames, so that a reader sees the old text or the new one, whole. The name in between
 * has another ending than what the node exporter collects.
 *
 * @throws a system error
 */
export function writeTextfile(path: string, text: string, suffix: string): void {
  const beside = join(dirname(path), `.${basename(path)}.${suffix}`);
  try {
    writeFileSync(beside, text, { mode: 0o644, flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
