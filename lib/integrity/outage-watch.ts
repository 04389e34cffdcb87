import type { Reason } from "./contract";
import type { Ledger } from "./walk-context";

/** So many references that no connection could be had for, one after the other, end the walk. */
const OUTAGE_AFTER = 12;
const OUTAGE_REASONS = ["unreachable", "timeout", "tls"] as const satisfies readonly Reason[];

/** Tells a registry that is gone from references that fail. */
export class OutageWatch {
  private determinedBefore = 0;
  private failuresBefore = 0;

  constructor(private readonly ledger: Ledger) {}

  /** To be called after every request's work. @returns why nothing can be had any more; null while something can */
  look(): Reason | null {
    const counts = OUTAGE_REASONS.map((reason) => this.ledger.undeterminedByReason.get(reason) ?? 0);
    const failures = counts.reduce((sum, count) => sum + count, 0);
    if (this.ledger.determined !== this.determinedBefore) {
      this.determinedBefore = this.ledger.determined;
      this.failuresBefore = failures;
    }
    if (failures - this.failuresBefore < OUTAGE_AFTER) return null;
    return OUTAGE_REASONS[counts.indexOf(Math.max(...counts))] ?? "unreachable";
  }
}
