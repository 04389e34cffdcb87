import type { Assessment } from "../../integrity/assess";
import type { RepairResult } from "../../integrity/repair/apply-repairs";
import type { RepairItem, RepairStep } from "../../integrity/repair/repair-plan";
import type { Undetermined } from "../../integrity/report";

export const REPAIR_SCHEMA = "tallyman.repair/1";

/** All that a run knows when it ends; `results` and `after` are null for a plan. */
export interface RepairRun {
  readonly before: Assessment;
  readonly items: readonly RepairItem[];
  readonly results: ReadonlyMap<RepairItem, RepairResult> | null;
  readonly after: Assessment | null;
}

interface StepReport {
  readonly do: RepairStep["do"];
  readonly digest: string;
  readonly size: number;
  readonly source: string;
  readonly tag: string | null;
}

/** `tallyman.repair/1`: every key is always there, null when unknown. */
export function repairReport({ before, items, results, after }: RepairRun): object {
  return {
    schema: REPAIR_SCHEMA,
    registry: before.report.registry,
    mode: results === null ? "plan" : "apply",
    startedAt: before.report.startedAt,
    complete: (after ?? before).report.complete,
    damage: (after ?? before).failures,
    items: items.map((item) => {
      const { finding } = item;
      const result = results?.get(item) ?? null;
      return {
        kind: finding.kind,
        severity: finding.severity,
        repository: finding.repository,
        tags: finding.tags,
        digest: finding.digest,
        path: finding.path,
        platform: finding.platform,
        action: item.action,
        detail: item.detail,
        steps: item.steps.map(stepReport),
        removeFiles: item.removeFiles,
        rebuild: item.rebuild,
        outcome: result?.outcome ?? null,
        problem: result?.problem ?? null,
      };
    }),
    undetermined: undeterminedOf(before, after),
    remaining: after === null ? null : after.report.findings,
  };
}

function undeterminedOf(before: Assessment, after: Assessment | null): readonly Undetermined[] {
  return (after ?? before).report.undetermined;
}

function stepReport(step: RepairStep): StepReport {
  const digest = step.digest.toString();
  const common = { do: step.do, digest };
  if (step.do === "put_manifest") {
    return { ...common, size: step.body.length, source: step.source, tag: step.tag };
  }
  const source = step.do === "mount_blob" ? `repository ${step.from}` : step.found.source;
  return { ...common, size: step.size, source, tag: null };
}

/** A step for people, in one line. */
export function stepLine(step: RepairStep): string {
  const { digest, size, source, tag } = stepReport(step);
  if (step.do === "mount_blob") return `mount ${digest} (${size} bytes) from ${source}`;
  if (step.do === "upload_blob") return `upload ${digest} (${size} bytes) from ${source}`;
  const where = tag === null ? digest : `${digest} as ${tag}`;
  return `put manifest ${where} (${size} bytes) from ${source}`;
}
