import { DETECTION_TIMES_SCHEMA } from "../../../monitoring/detection-times";
import { type Delta, placeName } from "../../delta";
import { isJsonObject } from "../../json";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { type Aspect, aspectsOf, isCritical } from "./alert-aspects";
import { type AlertView, alertsIn } from "./alert-view";
import { type Carrier, changedCarriers, textOf, visitObjects } from "./carriers";
import { DeltaIndex } from "./delta-index";
import { type Finding, judge } from "./finding";
import { alertDetails, matchAlerts } from "./match-alerts";

/** How many rules of one alert a sentence tells apart. */
const MAX_DETAILS = 5;

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
  const index = new DeltaIndex(input);
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
  const details = alertDetails([...base, ...head]);
  return judge(alike(seen).map((group) => findingOf(group, details, derived)));
}

/** The rules of one alert that change in the same way at the same place, as those of several registries do. */
function alike(seen: readonly Seen[]): readonly (readonly Seen[])[] {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) {
    const key = JSON.stringify([one.view.name, placeName(one.view.place), one.aspect]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function findingOf(
  group: readonly Seen[],
  details: (view: AlertView) => string,
  derived: ReadonlyMap<string, readonly Delta[]>,
): Finding {
  const [first] = group;
  if (first === undefined) throw new TypeError("a group of no alerts");
  const { view, aspect } = first;
  const told = [...new Set(group.map((one) => details(one.view)).filter((detail) => detail !== ""))].sort();
  const rest = told.length - MAX_DETAILS;
  const shown = [...told.slice(0, MAX_DETAILS), ...(rest > 0 ? [`${rest} more`] : [])];
  const subject = shown.length === 0 ? view.name : `${view.name} (${shown.join(", ")})`;
  const covers = [...group.flatMap((one) => one.covers), ...(derived.get(view.name) ?? [])];
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
  return [...index.within(view.rule), ...index.of(view.owned)];
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
          add(alert, [...index.within(test), ...index.of([test])]);
      });
    }
    if (value.schema === DETECTION_TIMES_SCHEMA) {
      visitObjects(value, (entry) => {
        const alert = textOf(entry, "alert");
        if (alert !== undefined) add(alert, [...index.within(entry), ...index.of([entry])]);
      });
    }
  }
  return new Map([...found].map(([alert, deltas]) => [alert, [...deltas]]));
}
