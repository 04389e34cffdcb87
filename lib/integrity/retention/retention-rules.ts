import type { InUse } from "./in-use";

/** What keeps a tag; a tag that none of these keeps goes. */
export interface RetentionRules {
  /** The newest images of a repository by creation time, counted by digest; null: the rule is not there. */
  readonly keepLast: number | null;
  /** Regular expressions, found anywhere in a tag. */
  readonly keep: readonly string[];
  /** Younger images stay. */
  readonly minAgeMs: number;
  /** null: nobody said what runs. */
  readonly inUse: InUse | null;
}
