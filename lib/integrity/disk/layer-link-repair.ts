import { mkdirSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../oci/descriptor";
import type { Digest } from "../../oci/digest";
import { blobDataPath, layerLinkPath } from "./layout";
import { sizeOfFile, writtenAtMs } from "./storage-files";

/** A layer link whose data is gone, and that no tag reaches. */
export interface DanglingLink {
  readonly registry: string;
  /** Holds docker/registry/v2. */
  readonly root: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** What became of one link; `young` and `served` ones are left alone. */
export type LinkOutcome =
  | { readonly kind: "removed" }
  | { readonly kind: "young" }
  | { readonly kind: "served" }
  | { readonly kind: "failed"; readonly detail: string };

/** A link younger than this may belong to a push that is under way. */
export const LEAST_LINK_AGE_MS = 3_600_000;

/**
 * Removes the link and its folder, and nothing else. A push may bring the data at any moment: it writes the data
 * first and the link after it, so that a link removed in between is written again here.
 *
 * @param isDryRun says what would happen
 */
export function removeDanglingLink(link: DanglingLink, nowMs: number, isDryRun: boolean): LinkOutcome {
  const path = join(link.root, layerLinkPath(link.repository, link.digest));
  const data = join(link.root, blobDataPath(link.digest));
  const written = writtenAtMs(path);
  if (written.kind === "absent") return { kind: "removed" };
  if (written.kind === "unknown") return { kind: "failed", detail: `the link ${written.detail}` };
  if (nowMs - written.value < LEAST_LINK_AGE_MS) return { kind: "young" };
  const before = sizeOfFile(data);
  if (before.kind === "unknown") return { kind: "failed", detail: `its data ${before.detail}` };
  if (before.kind === "there") return { kind: "served" };
  if (isDryRun) return { kind: "removed" };
  try {
    unlinkSync(path);
    removeEmptyFolder(dirname(path));
    if (sizeOfFile(data).kind === "absent") return { kind: "removed" };
    mkdirSync(dirname(path), { recursive: true });
    writeAgain(path, link.digest);
    return { kind: "served" };
  } catch (error) {
    return { kind: "failed", detail: `the link cannot be removed (${codeOf(error)})` };
  }
}

/** What a push has written meanwhile is left as it is. */
function writeAgain(path: string, digest: Digest): void {
  try {
    writeFileSync(path, digest.toString(), { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    // A push has put a link into it again, or somebody keeps more there: it stays.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "unknown error";
}
