import type { FindingKind, Reason, Severity } from "./contract";

export const REPORT_SCHEMA = "tallyman.report/1";

/** One broken object of one repository. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly repository: string;
  /** Every tag that reaches the object, sorted; empty for what no tag names. */
  readonly tags: readonly string[];
  /** Digest of the broken object itself; null when a tag does not resolve. */
  readonly digest: string | null;
  /** From the tag to the object: `latest`, then each digest on the way, the object last. */
  readonly path: readonly string[];
  /** `os/architecture[/variant]` of the image that it breaks, where an index says so. */
  readonly platform: string | null;
  readonly detail: string;
  /** The cheapest safe repair. */
  readonly repair: string;
}

/** One reference, or list, of which nothing could be proven. */
export interface Undetermined {
  readonly reason: Reason;
  /** null when it is the registry as a whole. */
  readonly repository: string | null;
  /** A tag or a digest; null when it is the repository as a whole. */
  readonly reference: string | null;
  readonly detail: string;
}

export interface Checked {
  readonly repositories: number;
  readonly tags: number;
  readonly indexes: number;
  readonly manifests: number;
  readonly blobs: number;
  /** Body bytes read. */
  readonly bytes: number;
  /** Requests sent, retries and token requests included. */
  readonly requests: number;
  /** Of indexes and manifests: asked for by existence alone, as an earlier walk read them; null without a memory. */
  readonly remembered: number | null;
}

/** `tallyman.report/1`: every key is always there, null when unknown. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  /** `host` or `host:port`. */
  readonly registry: string;
  readonly instance: string;
  /** `i/n` where the walk took the i-th of n parts of the repositories; null where it took all. */
  readonly shard: string | null;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** False as soon as one reference is undetermined. */
  readonly complete: boolean;
  readonly checked: Checked;
  /** 0 to 1. */
  readonly coverage: number;
  readonly findings: readonly Finding[];
  readonly undetermined: readonly Undetermined[];
}
