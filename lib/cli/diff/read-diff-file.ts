import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { OutputDiff } from "../../diff/change";
import { DiffFormatError, parseDiff } from "../../diff/render/parse-diff";
import { quoted, UsageError } from "../arguments";
import { errorCode } from "../error-code";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads a diff that untrusted code may have put there: no symbolic link, as it could lead to what only this process
 * may read, and no content in an error but values of JSON.
 *
 * @throws UsageError
 */
export function readDiffFile(path: string): OutputDiff {
  try {
    return parseDiff(read(path));
  } catch (error) {
    if (!(error instanceof DiffFormatError)) throw error;
    throw new UsageError(`${quoted(path)} is no diff: ${error.message}`);
  }
}

function read(path: string): string {
  let file: number | null = null;
  try {
    // Without waiting for who would write to a pipe.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new UsageError(`${quoted(path)} is no file. Give what --format json wrote`);
    if (stat.size > MAX_BYTES) {
      throw new UsageError(`${quoted(path)} must be at most ${MAX_BYTES} bytes, got ${stat.size}`);
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = errorCode(error);
    const why = code === "ELOOP" ? "it is a symbolic link" : code;
    throw new UsageError(`${quoted(path)} cannot be read: ${why}. Give what --format json wrote`);
  } finally {
    if (file !== null) closeSync(file);
  }
}
