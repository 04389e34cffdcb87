import { DETECTION_TIMES_SCHEMA } from "../../../monitoring/detection-times";
import { type Delta, placeName } from "../../delta";
import { isJsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { type Aspect, aspectsOf, isCritical } from "./alert-aspects";
import { alertSubjects } from "./alert-subject";
import { type AlertView, alertsIn } from "./alert-view";
import { type Carrier, changedCarriers, textOf, visitObjects } from "./carriers";
import { type Finding, judge } from "./finding";
import { inhibitionsThatFollow } from "./inhibitions";
import { matchAlerts } from "./match-alerts";

/** Alerts removed, added and changed, each told once however many places carry it. */
export const alertsRule: DomainRule = { name: "alerts", judge: judgeAlerts };

interface Seen {
  readonly view: AlertView;
  readonly aspect: Aspect;
  readonly covers: readonly Delta[];
}

function judgeAlerts(input: RuleInput): readonly Judged[] {
  if (input.deltas.length === 0) return [];
  const carriers = changedCarriers(input);
  const base = carriers.base.flatMap(alertsIn);
  const head = carriers.head.flatMap(alertsIn);
  if (base.length === 0 && head.length === 0) return [];
  const index = DeltaIndex.of(input);
  const { pairs, removed, added } = matchAlerts(base, head);
  const seen = [
    ...removed.map((view) => ({ view, aspect: removal(view), covers: coversOf(view, index) })),
    ...added.map((view) => ({ view, aspect: addition(view), covers: coversOf(view, index) })),
    ...pairs.flatMap(({ before, after }): Seen[] => {
      const ofGroup = [...index.within(before.group), ...index.within(after.group)].filter(
        ({ path }) => path[path.length - 1] === "interval",
      );
      const covers = [...index.within(before.rule), ...index.within(after.rule), ...ofGroup];
      return aspectsOf({ before, after }).map((aspect) => ({ view: after, aspect, covers }));
    }),
  ];
  const derived = derivedDeltas([...carriers.base, ...carriers.head], index);
  const subjectOf = alertSubjects(base, head);
  // Of an alert that came or went other rules may speak.
  const inhibitions = inhibitionsThatFollow(carriers, [...removed, ...added], index);
  return judge(
    alike(seen).map((group) => {
      const finding = findingOf(group, subjectOf, derived);
      const isWhole = finding.before === null || finding.after === null;
      return isWhole ? { ...finding, covers: [...finding.covers, ...inhibitions] } : finding;
    }),
  );
}

/** Of several alerts that change in the same way one sentence is enough; one that went has a sentence of its own. */
const JOINED = ["for_lengthened", "for_shortened", "keep_firing_changed", "runbook_changed"];

/** Rules that change in the same way at the same place, as those of several registries do. */
function alike(seen: readonly Seen[]): readonly (readonly Seen[])[] {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) {
    const { view, aspect } = one;
    const name = JOINED.includes(aspect.kind) ? "" : view.name;
    const key = JSON.stringify([name, placeName(view.place), aspect]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()];
}

function findingOf(
  group: readonly Seen[],
  subjectOf: (views: readonly AlertView[]) => string,
  derived: ReadonlyMap<string, readonly Delta[]>,
): Finding {
  const [first] = group;
  if (first === undefined) throw new TypeError("a group of no alerts");
  const { view, aspect } = first;
  const views = group.map((one) => one.view);
  const subject = subjectOf(views);
  const names = [...new Set(views.map(({ name }) => name))];
  const covers = [...group.flatMap((one) => one.covers), ...names.flatMap((name) => derived.get(name) ?? [])];
  return { ...aspect, place: view.place, subject, text: `${subject}: ${aspect.text}`, covers };
}

function removal(view: AlertView): Aspect {
  return {
    grade: isCritical(view.severity) ? "danger" : "risk",
    kind: "alert_removed",
    before: `${view.severity ?? "no severity"}, for ${view.for}`,
    after: null,
    text: `${view.severity ?? "an"} alert removed, nothing tells of it any more`,
  };
}

function addition(view: AlertView): Aspect {
  return {
    grade: "info",
    kind: "alert_added",
    before: null,
    after: `${view.severity ?? "no severity"}, for ${view.for}`,
    text: `${view.severity ?? "an"} alert added, for ${view.for}`,
  };
}

function coversOf(view: AlertView, index: DeltaIndex): readonly Delta[] {
  return [...index.within(view.rule), ...index.ofWhole(view.owned)];
}

/**
 * By alert, the deltas in what is only derived from the rules: the proofs of a rule's test file, the entry among the
 * detection times.
 */
function derivedDeltas(
  carriers: readonly Carrier[],
  index: DeltaIndex,
): ReadonlyMap<string, readonly Delta[]> {
  const found = new Map<string, Set<Delta>>();
  const add = (alert: string, deltas: readonly Delta[]): void => {
    found.set(alert, new Set([...(found.get(alert) ?? []), ...deltas]));
  };
  for (const { value } of carriers) {
    if (!isJsonObject(value)) continue;
    if (Array.isArray(value.tests)) {
      visitObjects(value.tests, (test) => {
        const [, alert] = /^([A-Za-z_]\w*)\b/.exec(textOf(test, "name") ?? "") ?? [];
        if (alert !== undefined && "input_series" in test)
          add(alert, [...index.within(test), ...index.ofWhole([test])]);
      });
    }
    if (value.schema === DETECTION_TIMES_SCHEMA) {
      visitObjects(value, (entry) => {
        const alert = textOf(entry, "alert");
        if (alert !== undefined) add(alert, [...index.within(entry), ...index.ofWhole([entry])]);
      });
    }
  }
  return new Map([...found].map(([alert, deltas]) => [alert, [...deltas]]));
}
