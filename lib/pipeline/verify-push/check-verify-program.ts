import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../core/problem";
import type { VerifyProgram } from "./verify-push-spec";

/**
 * Linux gives a program no single string of the environment beyond 128 KiB, name and final NUL included.
 * https://man7.org/linux/man-pages/man2/execve.2.html (MAX_ARG_STRLEN)
 */
export const MAX_ENVIRONMENT_STRING_BYTES = 131_072;

/** The compressed program that `npm run build` lays beside the compiled library. */
export function defaultVerifyProgramFile(): string {
  return join(__dirname, "..", "..", "cli", "tallyman-verify.mjs.zlib");
}

/** Why a step could not carry or fetch its program. */
export function checkVerifyProgram(program: VerifyProgram | undefined): readonly Problem[] {
  return program?.kind === "url" ? checkUrl(program.url, program.sha256) : checkFile(program?.file);
}

function checkFile(file: string = defaultVerifyProgramFile()): readonly Problem[] {
  const path = "program.file";
  const stats = existsSync(file) ? statSync(file) : null;
  if (stats === null || !stats.isFile()) {
    const fix = "Run `npm run build` first: it writes that file.";
    return [{ path, rule: "be the compressed program", value: file, fix }];
  }
  // As base64, with room for the variable's name.
  const maxBytes = Math.floor(((MAX_ENVIRONMENT_STRING_BYTES - 64) / 4) * 3);
  if (stats.size > 0 && stats.size <= maxBytes) return [];
  const fix = "Run `npm run build` anew, or give the program by its URL.";
  return [
    { path, rule: `have 1 to ${maxBytes} bytes, as an environment variable holds`, value: stats.size, fix },
  ];
}

function checkUrl(url: string, sha256: string): readonly Problem[] {
  const hash = /^[0-9a-f]{64}$/.test(sha256)
    ? []
    : [
        {
          path: "program.sha256",
          rule: "be 64 lower-case hexadecimal digits",
          value: sha256,
          fix: "Run sha256sum on the file.",
        },
      ];
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === "https:" && parsed.username === "" && parsed.password === "") return hash;
  const fix = "Write an https URL without credentials: it stands in the pipeline's file.";
  const shown = parsed === null ? "…" : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  return [{ path: "program.url", rule: "be an https URL", value: shown, fix }, ...hash];
}
