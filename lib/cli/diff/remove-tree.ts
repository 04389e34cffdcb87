import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/**
 * Removes a folder with all in it, without following links: also folders without write permission, as caches of
 * modules are. At once, as a process that was asked to end has no time.
 *
 * @throws a system error
 */
export function removeTree(path: string): void {
  const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    remove();
  } catch {
    spawnSync("chmod", ["-R", "u+rwX", path], { stdio: "ignore" });
    remove();
  }
}
