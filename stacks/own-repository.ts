import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder above this file that has a package.json: stacks and dist/stacks are at different depths. */
export function ownRepository(): string {
  let folder = dirname(__dirname);
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
