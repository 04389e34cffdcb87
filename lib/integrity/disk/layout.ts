/**
 * Where distribution's filesystem driver keeps what: paths relative to the storage folder.
 * https://github.com/distribution/distribution/blob/v2.8.2/registry/storage/paths.go
 */
import type { Digest } from "../../oci/digest";

/** Relative to the storage folder. */
export const LAYOUT_ROOT = "docker/registry/v2";

export function repositoryPath(repository: string): string {
  return `${LAYOUT_ROOT}/repositories/${repository}`;
}

/** The content of a blob, or of a manifest, whichever repositories link it. */
export function blobDataPath(digest: Digest): string {
  return `${LAYOUT_ROOT}/blobs/${digest.algorithm}/${digest.hex.slice(0, 2)}/${digest.hex}/data`;
}

/** What makes a manifest a manifest of the repository. */
export function revisionLinkPath(repository: string, digest: Digest): string {
  return `${repositoryPath(repository)}/_manifests/revisions/${digest.algorithm}/${digest.hex}/link`;
}

/** What makes a blob (a config too) a blob of the repository. */
export function layerLinkPath(repository: string, digest: Digest): string {
  return `${repositoryPath(repository)}/_layers/${digest.algorithm}/${digest.hex}/link`;
}

/** The folder of all tags of a repository. */
export function tagsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests/tags`;
}

export function tagPath(repository: string, tag: string): string {
  return `${tagsPath(repository)}/${tag}`;
}

/** What a tag points to now. */
export function tagLinkPath(repository: string, tag: string): string {
  return `${tagPath(repository, tag)}/current/link`;
}

/** What a tag has ever pointed to. */
export function tagHistoryLinkPath(repository: string, tag: string, digest: Digest): string {
  return `${tagPath(repository, tag)}/index/${digest.algorithm}/${digest.hex}/link`;
}
