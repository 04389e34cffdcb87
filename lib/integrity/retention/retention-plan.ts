/** Why a tag is kept, stays or goes. Closed. */
export type RetentionReason =
  | "blocked"
  | "in_use"
  | "pattern"
  | "newest"
  | "young"
  | "unknown_age"
  | "companion_kept"
  | "untagged_subject"
  | "shared"
  | "last_images"
  | "no_rule"
  | "companion_dropped"
  | "orphan";

/** `stay`: the rules drop the tag, and its digest is needed; without deletion by tag the tag stays with it. */
export type TagAction = "keep" | "stay" | "drop";

export interface TagDecision {
  readonly tag: string;
  readonly digest: string;
  /** Epoch milliseconds; null where it is unknown. */
  readonly createdMs: number | null;
  readonly action: TagAction;
  readonly why: RetentionReason;
  /** For people: who needs it, or since when. */
  readonly detail: string;
}

export interface Deletion {
  readonly digest: string;
  /** The tags that go with it; empty for what only others list. */
  readonly tags: readonly string[];
}

export interface RepositoryPlan {
  readonly repository: string;
  /** `blocked`: could not be read whole, or is damaged. `spared`: the rules would have emptied it. */
  readonly state: "planned" | "blocked" | "spared";
  /** Why it is blocked or spared. */
  readonly reasons: readonly string[];
  readonly tags: readonly TagDecision[];
  /** In the order in which it is safe. */
  readonly deletions: readonly Deletion[];
  /** Bytes that nothing staying in a walked repository reaches: at most so many are freed by garbage collection. */
  readonly bytesFreed: number;
}
