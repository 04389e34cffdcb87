import { type AlertDetectionTime, readDetectionTimes } from "../../../monitoring/detection-times";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { isCritical } from "./alert-aspects";
import { type Carrier, changedCarriers } from "./carriers";
import { type Finding, judge } from "./finding";
import { formatSeconds } from "./format-seconds";

/** How many alerts a sentence names that grow by the same. */
const MAX_NAMES = 3;

interface Shift {
  readonly before: AlertDetectionTime;
  readonly after: AlertDetectionTime;
}

/** The worst case from a loss to its page, by the artifact that holds it for every alert. */
export const timeToPageRule: DomainRule = { name: "time-to-page", judge: judgeTimes };

function judgeTimes(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const findings = head.filter(isArtifact).flatMap((carrier) => {
    const { place } = carrier;
    const before = base.find((one) => isArtifact(one) && one.place.path === carrier.place.path);
    const [old, now] = [readDetectionTimes(before?.value), readDetectionTimes(carrier.value)];
    if (old === null || now === null) return [];
    const covers = DeltaIndex.of(input).inside(place);
    return alike(shiftsOf(old, now)).map((shifts): Finding => ({ ...wording(shifts, now), place, covers }));
  });
  return judge(findings);
}

type ArtifactCarrier = Carrier & { readonly place: { readonly kind: "artifact"; readonly path: string } };

function isArtifact(carrier: Carrier): carrier is ArtifactCarrier {
  return carrier.place.kind === "artifact";
}

/** Every rule whose total differs. */
function shiftsOf(old: readonly AlertDetectionTime[], now: readonly AlertDetectionTime[]): readonly Shift[] {
  const before = new Map(old.map((one) => [keyOf(one), one]));
  return now.flatMap((after) => {
    const known = before.get(keyOf(after));
    return known === undefined || known.totalSeconds === after.totalSeconds ? [] : [{ before: known, after }];
  });
}

function keyOf({ alert, instance, reason }: AlertDetectionTime): string {
  return JSON.stringify([alert, instance, reason]);
}

/** Pages that take longer by the same parts are one sentence; all that nobody is paged by, or sooner, is one more. */
function alike(shifts: readonly Shift[]): readonly (readonly Shift[])[] {
  const groups = new Map<string, Shift[]>();
  for (const shift of shifts) {
    const { before, after } = shift;
    const key = isRisk(shift)
      ? JSON.stringify([before.totalSeconds, after.totalSeconds, partsOf(shift)])
      : `${isGrown(shift)}`;
    groups.set(key, [...(groups.get(key) ?? []), shift]);
  }
  return [...groups.values()];
}

/** Names, each once; with registries or reasons where only some of an alert's rules are meant. */
function namesOf(shifts: readonly Shift[], all: readonly AlertDetectionTime[]): readonly string[] {
  const meant = shifts.map(({ after }) => after);
  return [...new Set(meant.map(({ alert }) => alert))].map((alert) => {
    const [own, every] = [meant, all].map((list) => list.filter((one) => one.alert === alert));
    if (own === undefined || every === undefined || own.length === every.length) return alert;
    const key = new Set(every.map(({ instance }) => instance)).size > 1 ? "instance" : "reason";
    return `${alert} (${[...new Set(own.map((one) => one[key]))].join(", ")})`;
  });
}

function isGrown({ before, after }: Shift): boolean {
  return after.totalSeconds > before.totalSeconds;
}

/** Nobody is paged by what is not critical. */
function isRisk(shift: Shift): boolean {
  return isGrown(shift) && isCritical(shift.after.severity);
}

type Words = Omit<Finding, "place" | "covers">;

function wording(shifts: readonly Shift[], all: readonly AlertDetectionTime[]): Words {
  const byTimes = new Map<string, Shift[]>();
  // The one that changes most comes first.
  for (const shift of [...shifts].sort((a, b) => changeOf(b) - changeOf(a))) {
    const { both } = timesOf(shift);
    byTimes.set(both, [...(byTimes.get(both) ?? []), shift]);
  }
  const [most] = [...byTimes.values()];
  const [first] = most ?? [];
  if (most === undefined || first === undefined) throw new TypeError("a group of no alerts");
  const { before, after, both } = timesOf(first);
  const isLonger = isGrown(first);
  const what = shifts.every((one) => isCritical(one.after.severity)) ? "page" : "alert";
  const parts = partsOf(first);
  const each = [...byTimes].map(([times, alike]) => `${times} (${listed(namesOf(alike, all))})`);
  return {
    grade: isRisk(first) ? "risk" : isLonger ? "notice" : "info",
    kind: isLonger ? "time_to_page_grown" : "time_to_page_shrunk",
    subject: namesOf(most, all)[0] ?? "",
    before,
    after,
    text:
      each.length > 1
        ? `Worst-case time to ${what} ${isLonger ? "grows" : "shrinks"}: ${each.join(", ")}`
        : `${listed(namesOf(most, all))}: worst-case time to ${what} ${both}${parts === "" ? "" : ` (${parts})`}`,
  };
}

function timesOf({ before, after }: Shift) {
  return formatTimes(before.totalSeconds, after.totalSeconds);
}

function changeOf({ before, after }: Shift): number {
  return Math.abs(after.totalSeconds - before.totalSeconds);
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function partsOf({ before, after }: Shift): string {
  const secondsOf = (time: AlertDetectionTime, name: string): number =>
    time.parts.find((part) => part.name === name)?.seconds ?? 0;
  const names = [...new Set([...before.parts, ...after.parts].map(({ name }) => name))];
  return names
    .filter((name) => secondsOf(before, name) !== secondsOf(after, name))
    .map(
      (name) =>
        `${name} ${formatSeconds(secondsOf(before, name))} → ${formatSeconds(secondsOf(after, name))}`,
    )
    .join(", ");
}

/** In whole minutes, as people speak of them; in seconds too where minutes would show no difference. */
function formatTimes(beforeSeconds: number, afterSeconds: number) {
  const [before, after] = [Math.floor(beforeSeconds / 60), Math.floor(afterSeconds / 60)];
  if (before !== after)
    return { before: `${before} min`, after: `${after} min`, both: `${before} → ${after} min` };
  const [exactBefore, exactAfter] = [formatSeconds(beforeSeconds), formatSeconds(afterSeconds)];
  return { before: exactBefore, after: exactAfter, both: `${exactBefore} → ${exactAfter}` };
}
