import type { Digest } from "../oci/digest";

/** What of a repository is walked. */
export interface RepositoryScope {
  readonly repository: string;
  /** `catalogue`: a repository without a tags list is no error of whoever asked. */
  readonly source: "catalogue" | "given";
  /** Tags to walk; null: all that the registry lists. */
  readonly tags: readonly string[] | null;
  /** Roots asked for by digest. */
  readonly digests: readonly Digest[];
  /** Only so many tags, the newest by creation time; null: all. */
  readonly newest: number | null;
}
