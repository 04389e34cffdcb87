import { join } from "node:path";

export * from "../../lib/integrity/disk/layout";

/** A path of the layout inside a storage folder of this machine. */
export function inStorage(root: string, path: string): string {
  return join(root, path);
}
