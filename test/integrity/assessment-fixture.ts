import type { Acceptance } from "../../lib/integrity/accept";
import { type Assessment, assess } from "../../lib/integrity/assess";
import { FINDING_SEVERITY } from "../../lib/integrity/contract";
import type { Finding } from "../../lib/integrity/report";
import { type FindingDraft, Ledger, WALK_LIMITS } from "../../lib/integrity/walk-context";

const DIGEST = `sha256:${"d".repeat(64)}`;

export function draft(fields: Partial<FindingDraft> = {}): FindingDraft {
  const place = {
    repository: "team/app",
    tags: ["latest"],
    digest: DIGEST,
    path: ["latest", DIGEST],
    platform: null,
  };
  return { kind: "index_child_missing", ...place, detail: "answers 404", ...fields };
}

export function finding(fields: Partial<Finding> = {}): Finding {
  return { ...draft(), severity: "damage", repair: "push it again", ...fields };
}

export interface WalkFacts {
  readonly findings?: readonly FindingDraft[];
  readonly doubts?: Parameters<Ledger["doubt"]>[];
  readonly coverage?: number;
  readonly catalogueAccessible?: boolean;
  readonly acceptances?: readonly Acceptance[];
  readonly endedAtMs?: number;
  readonly instance?: string;
  /** Findings and doubts listed at most. */
  readonly listed?: number;
}

export const STARTED_AT_MS = Date.UTC(2026, 3, 19, 12);

/** The assessment of a walk that saw just this. */
export function assessmentOf(facts: WalkFacts = {}): Assessment {
  const ledger = new Ledger({ ...WALK_LIMITS, listed: facts.listed ?? WALK_LIMITS.listed });
  Object.assign(ledger, { repositories: 3, tags: 20, indexes: 6, manifests: 18, blobs: 40 });
  for (const each of facts.findings ?? []) ledger.find(each, FINDING_SEVERITY[each.kind] === "damage");
  for (const doubt of facts.doubts ?? []) ledger.doubt(...doubt);
  return assess({
    result: { ledger, catalogueAccessible: facts.catalogueAccessible ?? true, coverage: facts.coverage ?? 1 },
    registry: "registry.example.com",
    instance: facts.instance ?? "registry.example.com",
    startedAtMs: STARTED_AT_MS,
    endedAtMs: facts.endedAtMs ?? STARTED_AT_MS + 1_500,
    stats: { requests: 90, throttled: 2, bytes: 12_345 },
    acceptances: facts.acceptances ?? [],
    remembered: null,
  });
}
