import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface OwnPackage {
  /** Of package.json. */
  readonly folder: string;
  readonly version: string;
}

/** The nearest folder above this file that has a package.json: the source and the build are at different depths. */
export function ownPackage(): OwnPackage {
  let folder = dirname(__dirname);
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  const { version }: { version?: unknown } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return { folder, version: typeof version === "string" ? version : "unknown" };
}
