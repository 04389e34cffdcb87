import { isJsonObject, type JsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { type Carrier, changedCarriers, documentAround, textOf, visitObjects } from "./carriers";
import { type Finding, judge } from "./finding";

/** A Grafana dashboard, told once: nobody reads the differences of its JSON. */
export const dashboardRule: DomainRule = { name: "dashboard", judge: judgeDashboards };

interface DashboardView {
  readonly carrier: Carrier;
  readonly title: string;
  readonly uid: string;
  readonly value: JsonObject;
  readonly owned: readonly object[];
}

function judgeDashboards(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const [before, after] = [base.flatMap(dashboardsIn), head.flatMap(dashboardsIn)];
  if (before.length === 0 && after.length === 0) return [];
  const index = DeltaIndex.of(input);
  const twinOf = (views: readonly DashboardView[], one: DashboardView) =>
    views.find((view) => view.uid === one.uid && sameScope(view, one));
  const findings = [
    ...before.filter((one) => twinOf(after, one) === undefined).map((one) => gone(one, index)),
    ...after.flatMap((one) => {
      const known = twinOf(before, one);
      if (known === undefined) return [come(one, index)];
      const covers = [...index.within(known.value), ...index.within(one.value)];
      const differs = JSON.stringify(known.value) !== JSON.stringify(one.value);
      return covers.length === 0 && !differs ? [] : [changed(known, one, covers)];
    }),
  ];
  return judge(findings);
}

function dashboardsIn(carrier: Carrier): readonly DashboardView[] {
  const found: DashboardView[] = [];
  visitObjects(carrier.value, (value, around) => {
    const title = textOf(value, "title");
    if (title === undefined || !Array.isArray(value.panels) || !Object.hasOwn(value, "schemaVersion")) return;
    const owned = [value, ...documentAround(around)];
    found.push({ carrier, title, uid: textOf(value, "uid") ?? title, value, owned });
  });
  return found;
}

function sameScope(one: DashboardView, other: DashboardView): boolean {
  return one.carrier.scope === other.carrier.scope;
}

function changed(before: DashboardView, after: DashboardView, covers: Finding["covers"]): Finding {
  const panels = changedPanels(before.value, after.value);
  const where = panels.length === 0 ? "" : ` (${panels.join(", ")})`;
  const text = `Dashboard ${after.title} changed${where}`;
  const { place } = after.carrier;
  return {
    grade: "info",
    kind: "dashboard_changed",
    place,
    subject: after.title,
    before: null,
    after: null,
    text,
    covers,
  };
}

/** Titles of those that differ, at most five. */
function changedPanels(before: JsonObject, after: JsonObject): readonly string[] {
  const [old, now] = [panelsByTitle(before), panelsByTitle(after)];
  const titles = [...new Set([...old.keys(), ...now.keys()])].filter(
    (title) => old.get(title) !== now.get(title),
  );
  return titles.length > 5 ? [...titles.slice(0, 5), `${titles.length - 5} more panels`] : titles;
}

function panelsByTitle({ panels }: JsonObject): ReadonlyMap<string, string> {
  const objects: readonly JsonObject[] = Array.isArray(panels) ? panels.filter(isJsonObject) : [];
  return new Map(objects.map((panel) => [textOf(panel, "title") ?? "a panel", JSON.stringify(panel)]));
}

function gone({ carrier, title, owned, value }: DashboardView, index: DeltaIndex): Finding {
  const covers = [...index.within(value), ...index.ofWhole(owned)];
  const text = `Dashboard ${title} removed`;
  const { place } = carrier;
  return {
    grade: "notice",
    kind: "dashboard_removed",
    place,
    subject: title,
    before: title,
    after: null,
    text,
    covers,
  };
}

function come({ carrier, title, owned, value }: DashboardView, index: DeltaIndex): Finding {
  const covers = [...index.within(value), ...index.ofWhole(owned)];
  const text = `Dashboard ${title} added`;
  const { place } = carrier;
  return {
    grade: "info",
    kind: "dashboard_added",
    place,
    subject: title,
    before: null,
    after: title,
    text,
    covers,
  };
}
