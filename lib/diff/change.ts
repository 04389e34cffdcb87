/** How much a change asks of who reviews it, from least to most. */
export const GRADES = ["none", "info", "notice", "risk", "danger"] as const;
export type Grade = (typeof GRADES)[number];

/** The version of the JSON form. A field is only ever added. */
export const DIFF_SCHEMA = "tallyman.diff/1";

/** One thing that a pull request changes. No secret's value ever stands in it. */
export interface Change {
  readonly grade: Grade;
  /** A closed, stable word: `alert_removed`, `resource_replaced`, `value_changed`. */
  readonly kind: string;
  /** `<stack>/<type>.<logical id>` or `artifacts/<path>`, with the path inside behind a space: `spec.schedule`. */
  readonly where: string;
  /** As a person reads it; null where there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
  /** One sentence without markup: what it means, with both values. */
  readonly text: string;
}

export interface OutputDiff {
  readonly schema: typeof DIFF_SCHEMA;
  /** The worst of the changes; `none` without any. */
  readonly grade: Grade;
  /** Worst first, then by where and kind: the same two outputs always give the same order. */
  readonly changes: readonly Change[];
}

export function isAtLeast(grade: Grade, limit: Grade): boolean {
  return GRADES.indexOf(grade) >= GRADES.indexOf(limit);
}

export function worstGrade(changes: readonly Pick<Change, "grade">[]): Grade {
  return changes.reduce<Grade>((worst, { grade }) => (isAtLeast(grade, worst) ? grade : worst), "none");
}
