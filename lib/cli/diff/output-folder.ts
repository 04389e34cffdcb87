import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whether a synthesis wrote the folder, as far as a look tells; false for a file, too. */
export function isOutputFolder(path: string): boolean {
  const stacks = join(path, "stacks");
  return existsSync(join(path, "manifest.json")) || (existsSync(stacks) && statSync(stacks).isDirectory());
}
