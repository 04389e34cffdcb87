import type { ByteSlice } from "../byte-slice";
import type { FindingKind, Severity } from "../contract";
import type { Undetermined } from "../report";

export const SCAN_SCHEMA = "tallyman.scan/1";

/**
 * `authoritative`: the only copy, so that whatever a tag leads to must be there. `cache`: holds what somebody pulled,
 * so that anything may be missing, but what is there must be right.
 */
export type StorageRole = "authoritative" | "cache";

export interface ScanSlice {
  /** Blobs of this slice are read whole and hashed; null: none. */
  readonly slice: ByteSlice | null;
}

/** One thing wrong on disk; one per repository and digest, or one per tag where the tag does not resolve. */
export interface ScanFinding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** The folder's name under the scanned root. */
  readonly registry: string;
  /** null for what belongs to no repository: `blob_unreferenced`. */
  readonly repository: string | null;
  /** Every tag that reaches the object, sorted; empty for what no tag reaches. */
  readonly tags: readonly string[];
  /** null when a tag does not resolve, and for findings that sum up many. */
  readonly digest: string | null;
  /** From the tag to the object, the object last. */
  readonly path: readonly string[];
  readonly detail: string;
}

export type ScanDraft = Omit<ScanFinding, "severity" | "registry">;

export interface ScanCounts {
  readonly repositories: number;
  readonly tags: number;
  readonly indexes: number;
  readonly manifests: number;
  /** Configs and layers that a tag reaches, counted per repository. */
  readonly blobs: number;
  readonly layerLinks: number;
  /** Bytes read and hashed: all manifests, and the blobs of the slice. */
  readonly bytesRead: number;
  /** Data files, manifests among them. */
  readonly storedBlobs: number;
  readonly storedBytes: number;
}

export interface ScanUndetermined extends Undetermined {
  readonly registry: string;
}

export interface RegistryScan {
  readonly registry: string;
  readonly role: StorageRole;
  /** False as soon as one thing is undetermined. */
  readonly complete: boolean;
  /** Distinct manifests under tags whose index lost a child. */
  readonly orphanedImages: number;
  /** Of all findings, also those that had no place in the list. */
  readonly findings: Readonly<Record<Severity, number>>;
  readonly checked: ScanCounts;
}

/** `tallyman.scan/1`: every key is always there. */
export interface ScanReport {
  readonly schema: typeof SCAN_SCHEMA;
  readonly root: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly complete: boolean;
  readonly registries: readonly RegistryScan[];
  /** Over all registries. */
  readonly checked: ScanCounts;
  readonly findings: readonly ScanFinding[];
  /** Findings beyond the 10,000 of a registry that are listed. */
  readonly findingsTruncated: number;
  readonly undetermined: readonly ScanUndetermined[];
}

export const NO_COUNTS: ScanCounts = {
  repositories: 0,
  tags: 0,
  indexes: 0,
  manifests: 0,
  blobs: 0,
  layerLinks: 0,
  bytesRead: 0,
  storedBlobs: 0,
  storedBytes: 0,
};

export function addCounts(a: ScanCounts, b: ScanCounts): ScanCounts {
  return {
    repositories: a.repositories + b.repositories,
    tags: a.tags + b.tags,
    indexes: a.indexes + b.indexes,
    manifests: a.manifests + b.manifests,
    blobs: a.blobs + b.blobs,
    layerLinks: a.layerLinks + b.layerLinks,
    bytesRead: a.bytesRead + b.bytesRead,
    storedBlobs: a.storedBlobs + b.storedBlobs,
    storedBytes: a.storedBytes + b.storedBytes,
  };
}
