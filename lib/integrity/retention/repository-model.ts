/** Something that a manifest names. */
export interface Reference {
  readonly digest: string;
  readonly sizeBytes: number;
  /** `child`: a manifest; `blob`: a config, a layer, or a plain blob in an index. */
  readonly role: "child" | "blob";
}

/** One manifest of a repository, as far as retention looks into it. */
export interface ManifestNode {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly references: readonly Reference[];
  /** Digest of the manifest that it is about; it need not exist. */
  readonly subject: string | null;
  /** Epoch milliseconds by config or annotation, for an index its newest child's; null where nothing believable is said. */
  readonly createdMs: number | null;
  /** Epoch milliseconds of the upload, null where the registry does not tell. */
  readonly uploadedMs: number | null;
}

export interface TagReading {
  readonly name: string;
  readonly digest: string;
}

/** What was read of one repository. */
export interface RepositoryModel {
  readonly repository: string;
  /** Sorted by name. */
  readonly tags: readonly TagReading[];
  /** All that a tag reaches, and what else was found by digest: untagged subjects, images in use. */
  readonly manifests: ReadonlyMap<string, ManifestNode>;
  /** Why the reading is not whole; empty when it is. */
  readonly trouble: readonly string[];
}
