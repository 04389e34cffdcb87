import { Digest } from "../../oci/digest";
import { parseManifest } from "../../oci/manifest";
import { isImageType, isIndexType, MediaType } from "../../oci/media-type";
import { type ManifestPresent, RegistryError, type RegistryErrorCode } from "../../registry-client/answers";
import type { RegistryClient } from "../../registry-client/registry-client";

/** What a tag stands for at the moment, or why that is not known. */
export type Resolution =
  | { readonly kind: "resolved"; readonly digest: Digest; readonly mediaType: string }
  | { readonly kind: "unresolved"; readonly reason: UnresolvedReason; readonly message: string };

export type UnresolvedReason = RegistryErrorCode | "not_found" | "truncated" | "digest_mismatch";

/** Reads the tag and hashes what came: a header's word, or a platform's manifest below an index, is no pin. */
export async function resolveImage(
  client: RegistryClient,
  repository: string,
  tag: string,
): Promise<Resolution> {
  try {
    const answer = await client.manifest(repository, tag);
    if (answer.kind === "absent") return unresolved("not_found", "the registry has no such tag");
    if (answer.kind === "truncated") {
      return unresolved("truncated", `${answer.actual} of ${answer.expected} bytes arrived`);
    }
    return resolutionOf(answer);
  } catch (error) {
    if (error instanceof RegistryError) return unresolved(error.code, error.message);
    throw error;
  }
}

function resolutionOf({ body, contentType, contentDigest }: ManifestPresent): Resolution {
  const said = Digest.parse(contentDigest);
  const digest = Digest.of(said?.algorithm ?? "sha256", body);
  if (said !== null && said.toString() !== digest.toString()) {
    return unresolved("digest_mismatch", `the registry says ${said} and sends the bytes of ${digest}`);
  }
  let kind: string;
  let mediaType: string;
  try {
    const manifest = parseManifest(body, contentType);
    kind = manifest.kind;
    ({ mediaType } = manifest);
  } catch {
    return unresolved("bad_response", "what came is no manifest");
  }
  if (kind !== "index" && kind !== "image") return unresolved("bad_response", `a manifest of kind ${kind}`);
  // Told by its shape alone, as an OCI manifest may be.
  const byShape = kind === "index" ? MediaType.ociIndex : MediaType.ociManifest;
  const isNamed = kind === "index" ? isIndexType(mediaType) : isImageType(mediaType);
  return { kind: "resolved", digest, mediaType: isNamed ? mediaType : byShape };
}

function unresolved(reason: UnresolvedReason, message: string): Resolution {
  return { kind: "unresolved", reason, message };
}
