import { groupBy } from "../../../core/group-by";
import { placeName } from "../../delta";
import type { AlertView } from "./alert-view";

export interface AlertPair {
  readonly before: AlertView;
  readonly after: AlertView;
}

export interface MatchedAlerts {
  readonly pairs: readonly AlertPair[];
  readonly removed: readonly AlertView[];
  readonly added: readonly AlertView[];
}

/** Labels that say what a rule is about: two rules that differ in one are two rules. */
export const SUBJECT_LABELS = ["instance", "registry"];

/**
 * Which rule became which: at one place first, then within a stack or an artifacts' folder, then anywhere of the same
 * sort, so that a rule that only moved was not removed.
 */
export function matchAlerts(base: readonly AlertView[], head: readonly AlertView[]): MatchedAlerts {
  const pairs: AlertPair[] = [];
  let removed = base;
  let added = head;
  const ways: readonly ((view: AlertView) => string)[] = [
    ({ name, expr, labels, place }) => JSON.stringify([name, placeName(place), expr, [...labels].sort()]),
    ({ name, place }) => JSON.stringify([name, placeName(place)]),
    ({ name, scope }) => JSON.stringify([name, scope]),
    ({ name, place }) => JSON.stringify([name, place.kind]),
  ];
  for (const keyOf of ways) {
    const byKey = new Map(groupBy(added, (view) => [keyOf(view)]));
    const left: AlertView[] = [];
    for (const [key, before] of groupBy(removed, (view) => [keyOf(view)])) {
      const matched = pairUp(before, byKey.get(key) ?? []);
      pairs.push(...matched.pairs);
      left.push(...matched.removed);
      byKey.set(key, matched.added);
    }
    removed = left;
    added = [...byKey.values()].flat();
  }
  return { pairs, removed, added };
}

/** Of one name: the likest first, so that where several rules share it each finds its own. */
function pairUp(before: readonly AlertView[], after: readonly AlertView[]): MatchedAlerts {
  const hasTwins = before.length > 1 || after.length > 1;
  const rivals = rivalsOf(after, hasTwins);
  const candidates = before
    .flatMap((one, i) => rivals(one).map(([j, other]) => ({ i, j, score: likeness(one, other, hasTwins) })))
    .filter(({ score }) => score >= 0)
    .sort((a, b) => b.score - a.score || a.i - b.i || a.j - b.j);
  const pairs: AlertPair[] = [];
  const [takenBefore, takenAfter] = [new Set<number>(), new Set<number>()];
  for (const { i, j } of candidates) {
    const [one, other] = [before[i], after[j]];
    if (takenBefore.has(i) || takenAfter.has(j) || one === undefined || other === undefined) continue;
    takenBefore.add(i);
    takenAfter.add(j);
    pairs.push({ before: one, after: other });
  }
  return {
    pairs,
    removed: before.filter((_, i) => !takenBefore.has(i)),
    added: after.filter((_, j) => !takenAfter.has(j)),
  };
}

/** Those that an older rule is compared with: of the many that share a name, not those that say they are about others. */
function rivalsOf(
  after: readonly AlertView[],
  hasTwins: boolean,
): (before: AlertView) => readonly (readonly [number, AlertView])[] {
  const all = [...after.entries()];
  const telling = [...SUBJECT_LABELS, ...(hasTwins ? ["reason"] : [])];
  const label = telling.find((one) => after.some(({ labels }) => labels.has(one)));
  if (label === undefined) return () => all;
  const byValue = groupBy(all, ([, { labels }]) => [labels.get(label)]);
  return ({ labels }) => {
    const value = labels.get(label);
    return value === undefined ? all : [...(byValue.get(value) ?? []), ...(byValue.get(undefined) ?? [])];
  };
}

/** Negative where they are two rules. */
function likeness(before: AlertView, after: AlertView, hasTwins: boolean): number {
  const differs = (label: string): boolean => {
    const [one, other] = [before.labels.get(label), after.labels.get(label)];
    return one !== undefined && other !== undefined && one !== other;
  };
  if (SUBJECT_LABELS.some(differs) || (hasTwins && differs("reason"))) return -1;
  const same = [...before.labels].filter(([key, value]) => after.labels.get(key) === value).length;
  return (before.expr === after.expr ? 100 : 0) + (before.severity === after.severity ? 10 : 0) + same;
}
