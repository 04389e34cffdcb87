import type { Digest } from "../../oci/digest";

/** A manifest with what is needed to judge it; its bytes have been held against its digest. */
export interface TargetManifest {
  readonly digest: Digest;
  readonly body: Buffer;
  /** Content-Type, or null. */
  readonly contentType: string | null;
  /** Epoch milliseconds of the upload; null where the registry does not tell, as the distribution registry. */
  readonly uploadedAtMs: number | null;
}

/**
 * What retention asks of a registry, whichever API it speaks. Every method answers definitely, or throws
 * `RegistryError`.
 */
export interface RetentionTarget {
  /** @throws RegistryError catalog_unsupported where there is no list */
  repositories(): Promise<readonly string[]>;
  /** Every tag; empty for a repository that the registry does not know. */
  tags(repository: string): Promise<readonly string[]>;
  /** By tag or digest; null: the registry says that it is not there. */
  manifest(repository: string, reference: string): Promise<TargetManifest | null>;
  /** A config's bytes, held against the digest; null: not there. */
  config(repository: string, digest: Digest): Promise<Buffer | null>;
  /** Whether the repository holds it as a blob: an index may list plain blobs. */
  hasBlob(repository: string, digest: Digest, sizeBytes: number): Promise<boolean>;
  /** Deletes a manifest, and with it every tag that points to it. */
  delete(repository: string, digest: Digest): Promise<"deleted" | "absent">;
}
