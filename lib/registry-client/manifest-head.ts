/**
 * Whether a manifest is there, without its bytes.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#checking-if-content-exists-in-the-registry
 */
import { MANIFEST_ACCEPT } from "../oci/media-type";
import type { Absent } from "./answers";
import { encodePath } from "./encode-path";
import { contentLength, DROP_BODY, type HttpRequest } from "./http-message";
import { absentOf, refusal } from "./refusal";
import type { RegistrySession } from "./registry-session";
import { pullScope } from "./repository-paths";

/** What a registry says of a manifest that it has; every part is its word, none is proven. */
export interface ManifestHead {
  readonly kind: "present";
  /** Content-Type, or null. */
  readonly contentType: string | null;
  /** Docker-Content-Digest as sent, or null. */
  readonly contentDigest: string | null;
  /** Content-Length, or null. */
  readonly length: number | null;
}

// No If-None-Match: the distribution registry answers it with 304 without looking for the manifest.
const HEAD: HttpRequest = {
  method: "HEAD",
  headers: [
    ...["Accept-Encoding", "identity", "User-Agent", "tallyman"],
    ...["Accept", MANIFEST_ACCEPT.join(", ")],
  ],
  body: null,
  // Whoever asks has the GET to ask after it, with all its tries.
  isOnce: true,
  planBody: () => DROP_BODY,
};

/** Asked once, without further tries. @throws RegistryError when there is no answer */
export async function manifestHead(
  session: RegistrySession,
  repository: string,
  reference: string,
): Promise<ManifestHead | Absent> {
  const path = `/v2/${encodePath(repository)}/manifests/${encodePath(reference)}`;
  const reply = await session.request(path, HEAD, pullScope(repository), "tell");
  const absent = absentOf(reply);
  if (absent !== null) return absent;
  if (reply.status !== 200) throw refusal(reply);
  return {
    kind: "present",
    contentType: reply.headers["content-type"] ?? null,
    contentDigest: textOf(reply.headers["docker-content-digest"]),
    length: contentLength(reply),
  };
}

function textOf(value: string | readonly string[] | undefined): string | null {
  return typeof value === "string" ? value : null;
}
