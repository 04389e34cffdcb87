import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { documentKind } from "../../registry-host/audit/document-kind";
import type { AuditFile } from "../../registry-host/audit/material";
import { errorCode } from "../error-code";

export interface WalkedFolder {
  readonly files: readonly AuditFile[];
  readonly skipped: SkippedCounts;
  /** Could not be read, with the reason as one word. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

export interface SkippedCounts {
  readonly binary: number;
  /** Above `MAX_FILE_BYTES`. */
  readonly large: number;
  readonly symlinks: number;
}

export const MAX_FILE_BYTES = 1_048_576;
const PASSED_OVER = new Set([
  ".git",
  "node_modules",
  ".terraform",
  ".terragrunt-cache",
  ".venv",
  "__pycache__",
]);

/** Every text file below a folder, by name; follows no symbolic link. @throws where the folder itself is unreadable */
export async function walkFolder(root: string): Promise<WalkedFolder> {
  const files: AuditFile[] = [];
  const unreadable: { path: string; code: string }[] = [];
  const skipped = { binary: 0, large: 0, symlinks: 0 };
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      try {
        if (entry.isSymbolicLink()) skipped.symlinks += 1;
        else if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) await visit(path);
        else if (entry.isFile()) await read(path);
      } catch (error) {
        unreadable.push({ path, code: errorCode(error) });
      }
    }
  };
  const read = async (path: string): Promise<void> => {
    const { size } = await stat(join(root, path));
    if (size > MAX_FILE_BYTES) {
      skipped.large += 1;
      return;
    }
    const bytes = await readFile(join(root, path));
    if (bytes.subarray(0, 8_000).includes(0)) skipped.binary += 1;
    else {
      const text = bytes.toString("utf8");
      // The name alone matters of what no rule reads.
      files.push({ path, text: documentKind(path, text) === null ? "" : text });
    }
  };
  await visit("");
  return { files, skipped, unreadable };
}
