import { Digest } from "../../oci/digest";
import { RegistryError } from "../../registry-client/answers";
import type { RegistryClient } from "../../registry-client/registry-client";

/** What a tag resolves to now; null where it does not. */
export async function tagDigest(
  client: RegistryClient,
  repository: string,
  tag: string,
): Promise<string | null> {
  try {
    const answer = await client.manifest(repository, tag);
    if (answer.kind !== "present") return null;
    return answer.contentDigest ?? Digest.sha256(answer.body).toString();
  } catch (error) {
    // A tag whose link is broken answers 500 for ever.
    if (error instanceof RegistryError && error.code === "server_error") return null;
    throw error;
  }
}
