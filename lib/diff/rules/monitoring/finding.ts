import { printable } from "../../../core/printable";
import type { Change, Grade } from "../../change";
import { type Delta, type Place, placeName, whereOf } from "../../delta";
import { maskSecrets, SECRET } from "../../secret-values";
import type { Judged } from "../domain-rule";

/** How many further places a sentence names. */
const MAX_PLACES = 3;
const MAX_SUBJECT = 120;
const MAX_VALUE = 200;
const MAX_TEXT = 600;

/** What a rule found at one place, before the same thing at other places is joined to it. */
export interface Finding {
  readonly grade: Grade;
  readonly kind: string;
  readonly place: Place;
  /** What stands behind the place in `where`. */
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  /** One sentence, without the place and without a full stop. */
  readonly text: string;
  readonly covers: readonly Delta[];
}

/** One change for each fact, however many places carry it: the first resource names it, an artifact where there is none. */
export function judge(findings: readonly Finding[]): readonly Judged[] {
  const facts = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { kind, subject, before, after, text } = finding;
    const key = JSON.stringify([kind, subject, before, after, text]);
    facts.set(key, [...(facts.get(key) ?? []), finding]);
  }
  return [...facts.values()].flatMap(join);
}

function join(findings: readonly Finding[]): readonly Judged[] {
  const sorted = [...findings].sort((a, b) => compare(sortKey(a.place), sortKey(b.place)));
  const [first] = sorted;
  if (first === undefined) return [];
  const { grade, kind, place, subject, before, after } = first;
  const resources = sorted.filter((one) => one.place.kind !== "artifact").map((one) => placeName(one.place));
  const others = [...new Set(resources)].filter((name) => name !== placeName(place));
  const change: Change = {
    grade,
    kind,
    where: whereOf({ place, path: subject === "" ? [] : [printable(subject, MAX_SUBJECT)] }),
    before: before === null ? null : shown(before, place, MAX_VALUE),
    after: after === null ? null : shown(after, place, MAX_VALUE),
    text: `${shown(first.text, place, MAX_TEXT)}${alsoIn(others)}.`,
  };
  return [{ change, covers: [...new Set(findings.flatMap((one) => one.covers))] }];
}

/** Without secrets, as an expression or an option may hold one, and without what moves a terminal. */
function shown(text: string, place: Place, maxLength: number): string {
  const masked = maskSecrets(text, { place });
  return printable(typeof masked === "string" ? masked : SECRET, maxLength);
}

function alsoIn(others: readonly string[]): string {
  if (others.length === 0) return "";
  const rest = others.length - MAX_PLACES;
  return `, also in ${others.slice(0, MAX_PLACES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function sortKey(place: Place): string {
  return `${place.kind === "artifact" ? 1 : 0} ${placeName(place)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
