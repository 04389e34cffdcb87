import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../core/problem";
import { HOST_PROGRAM, sha256 } from "./release";

/** The bundle that `npm run build` lays beside the compiled library. */
export function defaultHostProgram(): string {
  return join(__dirname, "..", "..", "cli", HOST_PROGRAM);
}

/** Why the program cannot be carried to a host. */
export function checkHostProgram(file: string): readonly Problem[] {
  const stats = existsSync(file) ? statSync(file) : null;
  if (stats?.isFile() && stats.size > 0) return [];
  const fix = "Run `npm run build` first: it writes that file.";
  return [{ path: "programFile", rule: "be the bundled program", value: file, fix }];
}

/** SHA-256 of the bytes, in hexadecimal. */
export function fileHash(file: string): string {
  return sha256(readFileSync(file));
}
