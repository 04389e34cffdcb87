import type { Digest } from "../oci/digest";
import type { RegistryClient } from "../registry-client/registry-client";

/** What a walk asks of a registry; whatever stands before the client, as a memory, answers in its place. */
export type WalkClient = Pick<
  RegistryClient,
  "catalogue" | "tags" | "manifest" | "blob" | "readBlob" | "stats"
> &
  Recollection;

/** What an earlier walk read, without a request: content, and nothing about the registry. */
interface Recollection {
  /** The bytes of the digest, or null. */
  recall?(digest: Digest): Promise<Buffer | null>;
  /** Whether they were served as a manifest. */
  wasManifest?(digest: Digest): boolean;
}
