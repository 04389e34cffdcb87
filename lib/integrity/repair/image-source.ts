import type { Digest } from "../../oci/digest";
import type { BodySource } from "../../registry-client/http-message";

/** Larger ones are refused, whoever offers them: manifests of up to 4 MiB are legal. */
export const MAX_MANIFEST_BYTES = 10 * 1024 * 1024;

/** Bytes that somebody offers as a manifest; nobody vouches for them. */
export interface OfferedManifest {
  readonly body: Buffer;
  /** What the source says of its type, or null. */
  readonly contentType: string | null;
}

/** What a source takes a tag to mean. */
export interface OfferedTag {
  readonly digest: Digest;
  /** The registry's own record of the tag, and not the word of another registry. */
  readonly isOwnRecord: boolean;
}

/**
 * Where lost bytes may be had. Nothing that a source gives is trusted: whoever takes it holds it to its digest.
 * Methods throw `RegistryError` or `SourceError` where they cannot tell.
 */
export interface ImageSource {
  /** As people know it: `disk /srv/registry`, `registry mirror:5000`. */
  readonly name: string;
  manifest(repository: string, digest: Digest): Promise<OfferedManifest | null>;
  /** The blob if all of `size` bytes seem to be there; null otherwise. */
  blob(repository: string, digest: Digest, size: number): Promise<BodySource | null>;
  tag(repository: string, tag: string): Promise<OfferedTag | null>;
}

/** A source cannot be read: which, what, why. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}
