import { groupBy } from "../../../core/group-by";
import { placeName } from "../../delta";
import type { AlertView } from "./alert-view";
import { SUBJECT_LABELS } from "./match-alerts";

/** How many alerts a sentence names, and how many rules of one it tells apart. */
const MAX_NAMES = 5;

/**
 * What a sentence calls rules that it speaks of: their alerts, with registries or reasons where only some of an alert's
 * rules are meant.
 */
export function alertSubjects(
  base: readonly AlertView[],
  head: readonly AlertView[],
): (views: readonly AlertView[]) => string {
  const telling = new Map(
    [...groupBy([...base, ...head], ({ name }) => [name])].map(([name, all]) => [name, tellingLabels(all)]),
  );
  const detailOf = (view: AlertView): string =>
    (telling.get(view.name) ?? []).flatMap((label) => view.labels.get(label) ?? []).join(" ");
  const atPlace = new Map(
    [...groupBy([...base, ...head], (view) => [placeKey(view)])].map(([key, all]) => [
      key,
      new Set(all.map(detailOf)).size,
    ]),
  );
  const nameOf = ([name, views]: readonly [string, readonly AlertView[]]): string => {
    const [first] = views;
    const told = [...new Set(views.map(detailOf))].sort();
    if (first === undefined || atPlace.get(placeKey(first)) === told.length) return name;
    return `${name} (${listed(told.filter((detail) => detail !== ""))})`;
  };
  return (views) => listed([...groupBy(views, ({ name }) => [name])].map(nameOf).sort());
}

function placeKey({ name, place }: AlertView): string {
  return `${name} ${placeName(place)}`;
}

function tellingLabels(views: readonly AlertView[]): readonly string[] {
  return [...SUBJECT_LABELS, "reason"].filter(
    (label) => new Set(views.map((view) => view.labels.get(label))).size > 1,
  );
}

function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES;
  return [...names.slice(0, MAX_NAMES), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}
