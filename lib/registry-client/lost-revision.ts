/**
 * What the distribution registry says of a tag whose manifest it has lost: 2.8 as `detail: {Name, Revision}`, 3.1 as
 * a text. https://github.com/distribution/distribution/blob/v2.8.2/errors.go (ErrManifestUnknownRevision)
 */
import { isObject } from "../oci/descriptor";
import { Digest } from "../oci/digest";
import { MANIFEST_ACCEPT } from "../oci/media-type";
import { encodePath } from "./encode-path";
import { DROP_BODY, type HttpRequest } from "./http-message";
import { parseJsonReply } from "./json-reply";
import { absentOf } from "./refusal";
import type { RegistrySession } from "./registry-session";
import { pullScope } from "./repository-paths";

const GET: HttpRequest = {
  method: "GET",
  headers: [
    ...["Accept-Encoding", "identity", "User-Agent", "tallyman"],
    ...["Accept", MANIFEST_ACCEPT.join(", ")],
  ],
  body: null,
  planBody: () => DROP_BODY,
};

/**
 * The digest that the tag's link names though the registry has no such manifest any more; null where it says none.
 * @throws RegistryError when there is no answer
 */
export async function lostRevision(
  session: RegistrySession,
  repository: string,
  tag: string,
): Promise<Digest | null> {
  const path = `/v2/${encodePath(repository)}/manifests/${encodePath(tag)}`;
  const reply = await session.request(path, GET, pullScope(repository), "tell");
  if (absentOf(reply) === null) return null;
  const json = parseJsonReply(reply);
  const errors: readonly unknown[] = isObject(json) && Array.isArray(json.errors) ? json.errors : [];
  for (const error of errors) {
    const digest = isObject(error) && error.code === "MANIFEST_UNKNOWN" ? revisionIn(error.detail) : null;
    if (digest !== null) return digest;
  }
  return null;
}

function revisionIn(detail: unknown): Digest | null {
  if (isObject(detail)) return Digest.parse(detail.Revision);
  if (typeof detail !== "string" || detail.length > 1000) return null;
  return Digest.parse(/ revision=([a-z0-9]+:[0-9a-f]+)$/.exec(detail)?.[1]);
}
