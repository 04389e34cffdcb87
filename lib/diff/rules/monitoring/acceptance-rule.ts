import { parseUntil } from "../../../core/until";
import { isJsonObject, type JsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { type Carrier, changedCarriers, documentAround, textOf, visitObjects } from "./carriers";
import { type Finding, judge } from "./finding";

/** Damage that is accepted until a date, and so pages nobody until then. */
export const acceptanceRule: DomainRule = { name: "acceptance", judge: judgeAcceptances };

interface AcceptedView {
  readonly carrier: Carrier;
  /** `team/app@sha256:…` or `team/app:tag`. */
  readonly name: string;
  readonly until: string;
  readonly reason: string;
  readonly entry: JsonObject;
  readonly owned: readonly object[];
}

function judgeAcceptances(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const [before, after] = [base.flatMap(acceptedIn), head.flatMap(acceptedIn)];
  if (before.length === 0 && after.length === 0) return [];
  const index = DeltaIndex.of(input);
  const find = (views: readonly AcceptedView[], one: AcceptedView) =>
    views.find((view) => view.name === one.name && view.carrier.scope === one.carrier.scope);
  return judge([
    ...before.filter((one) => find(after, one) === undefined).map((one) => ended(one, index)),
    ...after.flatMap((one) => {
      const known = find(before, one);
      return known === undefined ? [begun(one, index)] : changed(known, one, index);
    }),
  ]);
}

/** The form that `--accept-file` reads: an object with a list `accept`. */
function acceptedIn(carrier: Carrier): readonly AcceptedView[] {
  const found: AcceptedView[] = [];
  visitObjects(carrier.value, (object, around) => {
    const entries = Object.hasOwn(object, "accept") ? object.accept : undefined;
    if (!Array.isArray(entries)) return;
    const objects: readonly JsonObject[] = entries.filter(isJsonObject);
    for (const entry of objects) {
      const [repository, until] = [textOf(entry, "repository"), textOf(entry, "until")];
      if (repository === undefined || until === undefined) continue;
      const digest = textOf(entry, "digest");
      const name =
        digest === undefined ? `${repository}:${textOf(entry, "tag") ?? ""}` : `${repository}@${digest}`;
      const owned = [entry, entries, object, ...documentAround(around)];
      found.push({ carrier, name, until, reason: textOf(entry, "reason") ?? "", entry, owned });
    }
  });
  return found;
}

function begun(one: AcceptedView, index: DeltaIndex): Finding {
  const text = `${one.name}: damage accepted until ${one.until} (${one.reason}), it pages nobody until then`;
  return {
    ...common(one, index),
    grade: "notice",
    kind: "damage_accepted",
    before: null,
    after: one.until,
    text,
  };
}

function ended(one: AcceptedView, index: DeltaIndex): Finding {
  const text = `${one.name}: damage no longer accepted (was until ${one.until}), it pages again`;
  return {
    ...common(one, index),
    grade: "info",
    kind: "damage_no_longer_accepted",
    before: one.until,
    after: null,
    text,
  };
}

function changed(before: AcceptedView, after: AcceptedView, index: DeltaIndex): readonly Finding[] {
  const covers = [...common(before, index).covers, ...common(after, index).covers];
  const base = { ...common(after, index), covers };
  if (before.until !== after.until) {
    const [old, now] = [parseUntil(before.until), parseUntil(after.until)];
    const isLonger = old === null || now === null || now > old;
    const text = `${after.name}: damage accepted until ${before.until} → ${after.until}`;
    const grade = isLonger ? "notice" : "info";
    return [{ ...base, grade, kind: "damage_accepted", before: before.until, after: after.until, text }];
  }
  if (before.reason === after.reason) return [];
  const text = `${after.name}: reason of the accepted damage reworded`;
  return [
    { ...base, grade: "info", kind: "text_reworded", before: before.reason, after: after.reason, text },
  ];
}

function common({ carrier, name, entry, owned }: AcceptedView, index: DeltaIndex) {
  const covers = [...index.within(entry), ...index.ofWhole(owned)];
  return { place: carrier.place, subject: name, covers };
}
