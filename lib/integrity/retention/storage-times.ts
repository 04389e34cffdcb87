import type { Digest } from "../../oci/digest";
import { RegistryError } from "../../registry-client/answers";
import { revisionLinkPath } from "../disk/layout";
import { writtenAtMs } from "../disk/storage-files";

/** Epoch milliseconds at which a repository was last sent a manifest; null: not known. */
export type UploadTime = (repository: string, digest: Digest) => number | null;

export const NO_UPLOAD_TIME: UploadTime = () => null;

/**
 * From the storage on disk: every PUT of a manifest writes its revision link again, even where the manifest was there.
 * A copy that loses the times makes everything young, and so keeps more. What cannot be looked at throws
 * `RegistryError`: it might have been uploaded just now.
 *
 * @param root the folder that holds docker/registry/v2
 */
export function uploadTimesOf(root: string): UploadTime {
  return (repository, digest) => {
    const path = revisionLinkPath(repository, digest);
    const time = writtenAtMs(`${root}/${path}`);
    if (time.kind === "there") return time.value;
    const why = time.kind === "unknown" ? time.detail : "is not there";
    throw new RegistryError(
      "bad_response",
      `the storage does not tell when ${digest} was uploaded: ${path} ${why}`,
    );
  };
}
