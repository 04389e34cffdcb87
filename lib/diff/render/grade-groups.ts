import { type Change, GRADES, type Grade, type OutputDiff } from "../change";

export interface GradeGroup {
  readonly grade: Grade;
  readonly changes: readonly Change[];
}

/** Worst first, without empty ones; inside each, the order stays. */
export function gradeGroups({ changes }: OutputDiff): readonly GradeGroup[] {
  return [...GRADES]
    .reverse()
    .map((grade) => ({ grade, changes: changes.filter((change) => change.grade === grade) }))
    .filter((group) => group.changes.length > 0);
}

/** `1 danger, 2 risks, 12 info`; `no change` without any. */
export function countsText(diff: OutputDiff): string {
  const counts = gradeGroups(diff).map(({ grade, changes }) => gradeCount(grade, changes.length));
  return counts.length === 0 ? "no change" : counts.join(", ");
}

const PLURALS: Readonly<Record<Grade, string>> = {
  danger: "dangers",
  risk: "risks",
  notice: "notices",
  info: "info",
  none: "without grade",
};

export function gradeCount(grade: Grade, count: number): string {
  return `${count} ${count === 1 && grade !== "none" ? grade : PLURALS[grade]}`;
}
