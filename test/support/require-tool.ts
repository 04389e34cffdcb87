import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** Two levels below the root, as this file is, or the benchmark's bundle in dist/bench. */
const INSTALL_SCRIPT = resolve(__dirname, "../../scripts/install-test-servers.sh");

/** Where programs built by Go are kept, outside the checkout. */
export function toolsDirectory(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return process.env.TALLYMAN_TOOLS || join(cache, "tallyman", "bin");
}

/** The path of an executable, of the tools directory or else of PATH; null where there is none. */
export function findTool(name: string): string | null {
  const directories = [
    toolsDirectory(),
    ...(process.env.PATH ?? "").split(delimiter).filter((part) => part !== ""),
  ];
  return directories.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}

/**
 * The path of an executable that the tests cannot do without.
 * @throws Error with the one line that the installation script prints where something is missing
 */
export function requireTool(name: string): string {
  const path = findTool(name);
  if (path !== null) return path;
  const { stdout } = spawnSync("sh", [INSTALL_SCRIPT, "--check"], { encoding: "utf8" });
  throw new Error(stdout.trim() || `missing for the tests: ${name}. Install it and have it on PATH.`);
}

let distribution3: string | null | undefined;

/** Distribution 3's `registry`, which the tests run against where it is there; null where it is not. */
export function findDistribution3(): string | null {
  if (distribution3 === undefined) {
    const path = findTool("registry");
    distribution3 = path !== null && / v3\./.test(versionOf(path)) ? path : null;
  }
  return distribution3;
}

function versionOf(path: string): string {
  try {
    return execFileSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  } catch {
    return "";
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
