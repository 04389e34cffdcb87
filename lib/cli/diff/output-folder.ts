import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whether a synthesis wrote the folder, as far as a look tells. */
export function isOutputFolder(path: string): boolean {
  return (
    existsSync(join(path, "manifest.json")) ||
    statSync(join(path, "stacks"), { throwIfNoEntry: false })?.isDirectory() === true
  );
}
