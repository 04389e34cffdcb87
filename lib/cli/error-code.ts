import { isObject } from "../oci/descriptor";

/**
 * The code of a system error, such as `ENOENT`; by shape, as a test runner's realm has another Error than Node's
 * own modules.
 */
export function errorCode(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "unknown error";
}
