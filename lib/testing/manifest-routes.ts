/**
 * Manifests, with the status codes and texts of the distribution registry 2.8.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
 */
import { isObject } from "../oci/descriptor";
import { Digest } from "../oci/digest";
import { parseManifest } from "../oci/manifest";
import { essence, isImageType, isIndexType, MediaType } from "../oci/media-type";
import { isTag } from "../oci/reference";
import { manifestReferences } from "./manifest-references";
import type { RegistryRequest } from "./registry-request";
import { API_VERSION, emptyReply, errorReply, jsonReply, type Reply, unroutedReply } from "./reply";
import type { Storage } from "./storage";

export interface ManifestBehaviour {
  /** An OCI manifest or index is 404 to a client whose Accept does not name its type. */
  readonly acceptRule: boolean;
  /** 2.8 refuses DELETE by tag with 400, later versions untag. */
  readonly deleteByTag: "refuse" | "untag";
}

export async function manifestRoute(
  request: RegistryRequest,
  repository: string,
  reference: string,
  storage: Storage,
  behaviour: ManifestBehaviour,
): Promise<Reply> {
  const digest = Digest.parse(reference);
  if (digest === null && !isTag(reference)) return unroutedReply();
  switch (request.method) {
    case "GET":
    case "HEAD":
      return readManifest(request, repository, digest ?? reference, storage, behaviour);
    case "PUT":
      return writeManifest(request, repository, digest ?? reference, storage);
    case "DELETE":
      return deleteManifest(repository, digest ?? reference, storage, behaviour);
    default:
      return errorReply(405, "UNSUPPORTED", "The operation is unsupported.");
  }
}

function readManifest(
  request: RegistryRequest,
  repository: string,
  reference: Digest | string,
  storage: Storage,
  behaviour: ManifestBehaviour,
): Reply {
  let digest: Digest | null;
  if (typeof reference === "string") {
    const link = storage.tagLink(repository, reference);
    if (link === undefined || link === null) return manifestUnknown({ Tag: reference });
    digest = Digest.parse(link);
  } else {
    digest = reference;
  }
  // The tag's link holds no digest.
  if (digest === null) return errorReply(500, "UNKNOWN", "unknown error", {});
  const mediaType = storage.revision(repository, digest);
  const body = storage.data(digest);
  if (body === null || (mediaType === null && !storage.hasBlobLink(repository, digest))) {
    return manifestUnknown({ Name: repository, Revision: `${digest}` });
  }
  if (mediaType === null) return unreadableBlob(body);
  const failure = unreadable(digest, body, mediaType);
  if (failure !== null) return failure;
  const unaccepted = behaviour.acceptRule ? unacceptedType(request, mediaType) : null;
  if (unaccepted !== null) {
    const message = `${unaccepted} found, but accept header does not support ${unaccepted === "OCI index" ? "OCI indexes" : "OCI manifests"}`;
    return errorReply(404, "MANIFEST_UNKNOWN", message);
  }
  return {
    status: 200,
    headers: {
      "content-type": mediaType,
      "docker-content-digest": `${digest}`,
      etag: `"${digest}"`,
      ...API_VERSION,
    },
    body,
  };
}

/** 2.8 does not hash what it serves, but it reads it: damaged data is served while it is JSON of a type that it knows. */
function unreadable(digest: Digest, body: Buffer, mediaType: string): Reply | null {
  if (digest.verifies(body)) return null;
  const bodyType = declaredType(body);
  if (bodyType === null || bodyType === mediaType) return null;
  const detail = bodyType === undefined ? { Offset: failedAt(body) } : [{}];
  return errorReply(500, "UNKNOWN", "unknown error", detail);
}

/** The body's own media type; null where it names none, undefined where it is not JSON. */
function declaredType(body: Buffer): string | null | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    return isObject(json) && typeof json.mediaType === "string" ? json.mediaType : null;
  } catch {
    return undefined;
  }
}

function unacceptedType(request: RegistryRequest, mediaType: string): "OCI index" | "OCI manifest" | null {
  if (mediaType !== MediaType.ociIndex && mediaType !== MediaType.ociManifest) return null;
  const accepted = (request.headers.accept ?? "").split(",").map(essence);
  if (accepted.includes(mediaType)) return null;
  return mediaType === MediaType.ociIndex ? "OCI index" : "OCI manifest";
}

async function writeManifest(
  request: RegistryRequest,
  repository: string,
  reference: Digest | string,
  storage: Storage,
): Promise<Reply> {
  const body = await request.body();
  const digest = typeof reference === "string" ? Digest.sha256(body) : reference;
  if (!digest.verifies(body)) return digestInvalid();
  const mediaType = essence(request.headers["content-type"] ?? "") || parsedType(body);
  if (mediaType === null || !(isIndexType(mediaType) || isImageType(mediaType))) return manifestInvalid();
  let references: readonly string[];
  try {
    references = manifestReferences(body, mediaType);
  } catch {
    return manifestInvalid();
  }
  const missing = references.filter(
    (wanted) =>
      storage.statBlob(repository, wanted) === null &&
      (storage.revision(repository, wanted) === null || storage.data(wanted) === null),
  );
  if (missing.length > 0) return jsonReply(400, { errors: missing.map(blobUnknown) });
  storage.putManifest(repository, digest, mediaType, body);
  if (typeof reference === "string") storage.moveTag(repository, reference, digest);
  return emptyReply(201, {
    location: `${request.origin}/v2/${repository}/manifests/${digest}`,
    "docker-content-digest": `${digest}`,
  });
}

function parsedType(body: Buffer): string | null {
  try {
    return parseManifest(body, null).mediaType;
  } catch {
    return null;
  }
}

function deleteManifest(
  repository: string,
  reference: Digest | string,
  storage: Storage,
  behaviour: ManifestBehaviour,
): Reply {
  if (typeof reference === "string") {
    if (behaviour.deleteByTag === "refuse") return digestInvalid();
    if (storage.tagLink(repository, reference) === undefined) return manifestUnknown({ Tag: reference });
    storage.deleteTag(repository, reference);
    return emptyReply(202);
  }
  if (storage.revision(repository, reference) === null) return manifestUnknown();
  storage.deleteManifest(repository, reference);
  return emptyReply(202);
}

function manifestUnknown(detail?: object): Reply {
  return errorReply(404, "MANIFEST_UNKNOWN", "manifest unknown", detail);
}

/** 2.8 takes a layer's link for a manifest's too, and then fails to read the layer, or config, as one. */
function unreadableBlob(body: Buffer): Reply {
  return errorReply(
    500,
    "UNKNOWN",
    "unknown error",
    declaredType(body) === undefined ? { Offset: failedAt(body) } : {},
  );
}

/** Bytes read until its JSON reader gave up: all of what is cut short, one of what is no object. */
function failedAt(body: Buffer): number {
  return body.length > 0 && body[0] !== 0x7b ? 1 : body.length;
}

function blobUnknown(digest: string): object {
  return { code: "MANIFEST_BLOB_UNKNOWN", message: "blob unknown to registry", detail: digest };
}

function manifestInvalid(): Reply {
  return errorReply(400, "MANIFEST_INVALID", "manifest invalid", {});
}

function digestInvalid(): Reply {
  return errorReply(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
}
