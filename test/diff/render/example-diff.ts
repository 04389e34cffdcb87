import { type Change, DIFF_SCHEMA, type Grade, type OutputDiff, worstGrade } from "../../../lib/diff/change";

export function change(grade: Grade, own: Partial<Change> = {}): Change {
  return {
    grade,
    kind: "value_changed",
    where: "monitoring/kubernetes_cron_job_v1.probe spec.schedule",
    before: "*/15 * * * *",
    after: "0 * * * *",
    text: "The probe runs every hour instead of every 15 minutes.",
    ...own,
  };
}

export function diffOf(...changes: readonly Change[]): OutputDiff {
  return { schema: DIFF_SCHEMA, grade: worstGrade(changes), changes };
}
