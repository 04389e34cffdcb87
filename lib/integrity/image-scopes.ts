import type { Digest } from "../oci/digest";
import type { ImageReference } from "../oci/reference";
import type { RepositoryScope } from "./repository-scope";

/** An image reference that a walk begins at. */
export interface ImageRoot extends ImageReference {
  /** The tag, or the digest where there is none. */
  readonly reference: string;
}

/** By `scheme://host[:port]`, each registry's images in the order given. */
export function imagesByOrigin(images: readonly ImageReference[]): ReadonlyMap<string, readonly ImageRoot[]> {
  const origins = new Map<string, ImageRoot[]>();
  for (const image of images) {
    const origin = `${image.scheme}://${image.registry}`;
    const reference = image.tag ?? image.digest?.toString() ?? "latest";
    origins.set(origin, [...(origins.get(origin) ?? []), { ...image, reference }]);
  }
  return origins;
}

/** What of each repository is walked: the tags and digests that the images name, each once. */
export function scopesOf(images: readonly ImageReference[]): RepositoryScope[] {
  const scopes = new Map<string, { tags: Set<string>; digests: Map<string, Digest> }>();
  for (const { repository, tag, digest } of images) {
    const scope = scopes.get(repository) ?? { tags: new Set(), digests: new Map() };
    if (tag !== null) scope.tags.add(tag);
    if (digest !== null) scope.digests.set(digest.toString(), digest);
    scopes.set(repository, scope);
  }
  return [...scopes].map(([repository, { tags, digests }]) => ({
    repository,
    source: "given",
    tags: [...tags],
    digests: [...digests.values()],
    newest: null,
  }));
}
