import type { BlobProofRules } from "./blob-proofs";
import type { FindingKind, Reason } from "./contract";
import type { ProvenBlobs } from "./proven-blobs";
import type { Finding, Undetermined } from "./report";
import type { WalkClient } from "./walk-client";

/** What every part of one walk shares. */
export interface WalkContext extends BlobProofRules {
  readonly client: WalkClient;
  /** Asked wherever an answer is in doubt: the registry itself, whatever stands before `client`. */
  readonly registry: WalkClient;
  /** What the walk has proven of blobs that several repositories share. */
  readonly proven: ProvenBlobs;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Unguessable 32 bits for hash tables keyed by what a registry sends. */
  readonly seed: number;
  readonly limits: WalkLimits;
  /** Where the tags of the repository begin: a share of them, 0 up to 1. */
  readonly firstTag: number;
  /** From then on second looks go first, in epoch ms: what is not confirmed when the time is over is no finding. */
  readonly settleFromMs: number;
}

export interface WalkLimits {
  /** Indexes within indexes. */
  readonly depth: number;
  /** Distinct objects of one repository. */
  readonly objects: number;
  /** Findings and undetermined references that are listed; beyond it they are counted. */
  readonly listed: number;
}

export const WALK_LIMITS: WalkLimits = { depth: 16, objects: 2_000_000, listed: 10_000 };

/** A finding before severity and repair, which follow from its kind. */
export type FindingDraft = Omit<Finding, "severity" | "repair" | "kind"> & {
  readonly kind: FindingKind;
  /** A blob of the slice whose turn it is: the next run, which has another slice, may not see that it is broken. */
  readonly isInTurn?: boolean;
};

/** What the walk has seen so far: counters, findings, and what could not be determined. */
export class Ledger {
  repositories = 0;
  tags = 0;
  indexes = 0;
  manifests = 0;
  blobs = 0;
  /** Objects and tags whose state is known, whole or broken. */
  determined = 0;
  readonly findings: FindingDraft[] = [];
  readonly undetermined: Undetermined[] = [];
  readonly undeterminedByReason = new Map<Reason, number>();
  /** Damage that had no place in the list. */
  unlistedDamage = 0;
  /** Share of each repository that was determined, summed. */
  coverageSum = 0;
  /** A manifest that answered whole: the neighbour to ask when another answers 5xx. */
  witness: { readonly repository: string; readonly reference: string } | null = null;

  constructor(private readonly limits: WalkLimits) {}

  find(draft: FindingDraft, isDamage: boolean): void {
    if (this.findings.length < this.limits.listed) this.findings.push(draft);
    else if (isDamage) this.unlistedDamage++;
  }

  /** Puts a finding in the place of one of the same object, which knew less of who reaches it. */
  replace(known: FindingDraft, draft: FindingDraft): void {
    const at = this.findings.indexOf(known);
    if (at >= 0) this.findings[at] = draft;
  }

  /** @param count how many references the entry stands for */
  doubt(entry: Undetermined, count = 1): void {
    if (this.undetermined.length < this.limits.listed) this.undetermined.push(entry);
    this.undeterminedByReason.set(entry.reason, (this.undeterminedByReason.get(entry.reason) ?? 0) + count);
  }

  get undeterminedCount(): number {
    let sum = 0;
    for (const count of this.undeterminedByReason.values()) sum += count;
    return sum;
  }
}
