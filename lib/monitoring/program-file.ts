import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../core/problem";

/** A ConfigMap holds 1 MiB at most, its names and labels included. */
const MAX_PROGRAM_BYTES = 1_000_000;

/** The bundle that `npm run build` lays beside the compiled library. */
export function defaultProgramFile(): string {
  return join(__dirname, "..", "cli", "tallyman.mjs");
}

/** Why the program cannot be carried into a cluster. */
export function checkProgramFile(file: string): readonly Problem[] {
  const path = "programFile";
  const stats = existsSync(file) ? statSync(file) : null;
  if (stats === null || !stats.isFile()) {
    return [
      {
        path,
        rule: "be the bundled program",
        value: file,
        fix: "Run `npm run build` first: it writes that file.",
      },
    ];
  }
  if (stats.size > 0 && stats.size <= MAX_PROGRAM_BYTES) return [];
  const rule = `have 1 to ${MAX_PROGRAM_BYTES} bytes, as a ConfigMap holds`;
  return [{ path, rule, value: stats.size, fix: "Run `npm run build` anew." }];
}

/** SHA-256 of the file, in hexadecimal: a plan says by it that the program changed. */
export function programHash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
