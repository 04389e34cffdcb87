import { type Acceptance, acceptanceOf } from "./accept";
import { FINDING_SEVERITY, type Reason } from "./contract";
import { repairFor } from "./repair";
import { type Finding, REPORT_SCHEMA, type Report } from "./report";
import { formatShard, type Shard } from "./shard";
import type { WalkResult } from "./walk";
import type { FindingDraft } from "./walk-context";

/** A report with what only the metrics and the exit code need beside it. */
export interface Assessment {
  readonly report: Report;
  readonly catalogueAccessible: boolean;
  /** Distinct repository and digest with damage that is not accepted. */
  readonly failures: number;
  readonly acceptedFailures: number;
  readonly undeterminedByReason: ReadonlyMap<Reason, number>;
  readonly throttledResponses: number;
}

export interface AssessmentInput {
  readonly result: WalkResult;
  readonly registry: string;
  readonly instance: string;
  /** The part of the repositories that was walked. @default all of them */
  readonly shard?: Shard | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly stats: { readonly requests: number; readonly throttled: number; readonly bytes: number };
  readonly acceptances: readonly Acceptance[];
  /** null: walked without a memory. */
  readonly remembered: number | null;
}

/** Makes the report of a walk that has ended. */
export function assess(input: AssessmentInput): Assessment {
  const { result, stats, shard = null } = input;
  const { ledger } = result;
  let acceptedFailures = 0;
  let failures = ledger.unlistedDamage;
  const findings = ledger.findings.map((draft): Finding => {
    const finding = withSeverity(draft);
    if (finding.severity !== "damage") return finding;
    const acceptance = acceptanceOf(finding, input.acceptances, input.endedAtMs);
    if (acceptance === null) {
      failures++;
      return finding;
    }
    acceptedFailures++;
    const detail = `accepted until ${acceptance.until} (${acceptance.reason}): ${finding.detail}`;
    return { ...finding, severity: "warning", detail };
  });
  const complete = ledger.undeterminedByReason.size === 0;
  const report: Report = {
    schema: REPORT_SCHEMA,
    registry: input.registry,
    instance: input.instance,
    shard: shard === null ? null : formatShard(shard),
    startedAt: new Date(input.startedAtMs).toISOString(),
    durationMs: Math.round(input.endedAtMs - input.startedAtMs),
    complete,
    checked: {
      repositories: ledger.repositories,
      tags: ledger.tags,
      indexes: ledger.indexes,
      manifests: ledger.manifests,
      blobs: ledger.blobs,
      bytes: stats.bytes,
      requests: stats.requests,
      remembered: input.remembered,
    },
    coverage: roundedDown(complete ? result.coverage : Math.min(result.coverage, 0.9999)),
    findings: findings.sort(byPlace),
    undetermined: ledger.undetermined,
  };
  return {
    report,
    catalogueAccessible: result.catalogueAccessible,
    failures,
    acceptedFailures,
    undeterminedByReason: ledger.undeterminedByReason,
    throttledResponses: stats.throttled,
  };
}

/** Damage first: 1; then what could not be determined: 2; else 0. */
export function exitCode(assessment: Assessment): 0 | 1 | 2 {
  if (assessment.failures > 0) return 1;
  return assessment.report.complete ? 0 : 2;
}

function withSeverity(draft: FindingDraft): Finding {
  return {
    kind: draft.kind,
    severity: FINDING_SEVERITY[draft.kind],
    repository: draft.repository,
    tags: draft.tags,
    digest: draft.digest,
    path: draft.path,
    platform: draft.platform,
    detail: draft.detail,
    repair: repairFor(draft.kind),
  };
}

/** Never up: a coverage of 1 must mean that nothing is missing. */
function roundedDown(ratio: number): number {
  return ratio >= 1 ? 1 : Math.min(0.9999, Math.floor(ratio * 10_000 + 1e-9) / 10_000);
}

const RANK = { damage: 0, warning: 1, information: 2 } as const;

function byPlace(a: Finding, b: Finding): number {
  return (
    RANK[a.severity] - RANK[b.severity] ||
    compareText(a.repository, b.repository) ||
    compareText(a.tags[0] ?? "", b.tags[0] ?? "") ||
    compareText(a.digest ?? "", b.digest ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
