import { FINDING_SEVERITY } from "../../integrity/contract";
import { type Ledger, WALK_LIMITS } from "../../integrity/walk-context";

/** What a walk says against deleting anything. */
export interface Blocks {
  /** Against the registry as a whole. */
  readonly all: readonly string[];
  readonly byRepository: ReadonlyMap<string, readonly string[]>;
}

const MAX_REASONS = 20;

/** Damage, lost attestations and doubt: retention there would hide evidence, or act on half the truth. */
export function blocksOf(ledger: Ledger): Blocks {
  const all: string[] = [];
  const byRepository = new Map<string, string[]>();
  const block = (repository: string | null, reason: string): void => {
    if (repository === null) {
      all.push(reason);
      return;
    }
    const reasons = byRepository.get(repository) ?? [];
    if (reasons.length < MAX_REASONS) reasons.push(reason);
    byRepository.set(repository, reasons);
  };
  for (const { kind, repository, digest, tags, detail } of ledger.findings) {
    if (FINDING_SEVERITY[kind] !== "damage" && kind !== "attestation_missing") continue;
    block(repository, `${kind} ${digest ?? tags.join(", ")}: ${detail}`);
  }
  for (const { reason, repository, reference, detail } of ledger.undetermined) {
    block(repository, `${reason}${reference === null ? "" : ` ${reference}`}: ${detail}`);
  }
  // A full list may hide more, of any repository.
  const isFull = [ledger.findings, ledger.undetermined].some((list) => list.length >= WALK_LIMITS.listed);
  if (isFull || ledger.unlistedDamage > 0) all.push("more is broken or undetermined than the walk lists");
  return { all, byRepository };
}
