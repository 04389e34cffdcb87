/**
 * One field of a cron expression, in the dialect of Kubernetes.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import type { Problem } from "./problem";

export interface CronFieldKind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Lower-case names that stand for numbers; the first stands for `min`. */
  readonly names: readonly string[];
}

export const MINUTE: CronFieldKind = { name: "minute", min: 0, max: 59, names: [] };
export const HOUR: CronFieldKind = { name: "hour", min: 0, max: 23, names: [] };
export const DAY_OF_MONTH: CronFieldKind = { name: "day of month", min: 1, max: 31, names: [] };
export const MONTH: CronFieldKind = {
  name: "month",
  min: 1,
  max: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/** Sunday is 0 alone: Kubernetes refuses 7. */
export const DAY_OF_WEEK: CronFieldKind = {
  name: "day of week",
  min: 0,
  max: 6,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

export interface CronField {
  readonly values: ReadonlySet<number>;
  /** Whether the field has a `*` or `?` without a step: the two day fields are then joined by "and", else by "or". */
  readonly isStar: boolean;
}

/** Reads a field, or says what is wrong with it. */
export function parseCronField(text: string, kind: CronFieldKind, path: string): CronField | Problem {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(",")) {
    const range = parsePart(part, kind);
    if (typeof range === "string") return problemOf(part, kind, path, range);
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
    isStar ||= range.isStar && range.step === 1;
  }
  return { values, isStar };
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly isStar: boolean;
}

function parsePart(part: string, kind: CronFieldKind): Range | string {
  const match = /^([^/-]+)(?:-([^/-]+))?(?:\/([0-9]{1,3}))?$/.exec(part);
  if (match === null) return "Write a number, a range a-b, or * and, where needed, a step /n.";
  const [, from = "", to, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1) return "Write a step of 1 or more.";
  const isStar = from === "*" || from === "?";
  if (isStar) {
    if (to !== undefined) return "Write * alone or a range of numbers.";
    return { first: kind.min, last: kind.max, step, isStar };
  }
  const first = numberOf(from, kind);
  // A single number with a step runs to the end of the field, as 5/15 does for 5, 20, 35 and 50.
  const openEnd = stepText === undefined ? first : kind.max;
  const last = to === undefined ? openEnd : numberOf(to, kind);
  if (first === null || last === null) return boundsHint(kind);
  if (first > last)
    return `Write two parts, ${from}-${kind.max},${kind.min}-${to ?? from}: a range cannot wrap.`;
  return { first, last, step, isStar };
}

function numberOf(text: string, kind: CronFieldKind): number | null {
  const named = kind.names.indexOf(text.toLowerCase());
  if (named >= 0) return kind.min + named;
  if (!/^[0-9]{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= kind.min && value <= kind.max ? value : null;
}

function boundsHint(kind: CronFieldKind): string {
  const names = kind.names.length === 0 ? "" : ` or ${kind.names[0]} to ${kind.names[kind.names.length - 1]}`;
  const sunday = kind === DAY_OF_WEEK ? " Sunday is 0: Kubernetes refuses 7." : "";
  return `Write ${kind.min} to ${kind.max}${names}.${sunday}`;
}

function problemOf(part: string, kind: CronFieldKind, path: string, fix: string): Problem {
  return { path, rule: `have a valid ${kind.name}`, value: part, fix };
}
