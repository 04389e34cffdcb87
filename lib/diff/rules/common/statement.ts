import { printable } from "../../../core/printable";
import { type Change, type Grade, isAtLeast } from "../../change";
import type { Delta, Place } from "../../delta";
import type { Json } from "../../json";
import { showWhere } from "../../wording/show-value";
import type { Judged } from "../domain-rule";
import type { Step } from "./spot";

/** What a rule saw at one place. The same fact at several places is told once, by its key. */
export interface Statement {
  readonly grade: Grade;
  readonly kind: string;
  /** What the fact is about, beyond its kind and its values: `registry-private`. */
  readonly subject: string;
  readonly place: Place;
  readonly steps: readonly Step[];
  readonly before: string | null;
  readonly after: string | null;
  /** One sentence; it is made fit to be shown. */
  readonly text: string;
  readonly covers: readonly Delta[];
}

const MAX_TEXT = 600;

/** One change per fact, where Terraform applies it if it does, with the differences of all places. */
export function judged(statements: readonly Statement[]): readonly Judged[] {
  const byFact = new Map<string, Statement[]>();
  for (const one of statements) {
    const key = JSON.stringify([one.kind, one.subject, one.before, one.after]);
    byFact.set(key, [...(byFact.get(key) ?? []), one]);
  }
  return [...byFact.values()].flatMap((same) => {
    const [first] = [...same].sort(inOrder);
    if (first === undefined) return [];
    return [{ change: changeOf(first), covers: [...new Set(same.flatMap(({ covers }) => covers))] }];
  });
}

/** A value as a sentence shows it: no user or password of a URL, nothing that moves a terminal, cut at 120. */
export function shown(value: Json | undefined): string {
  const text = typeof value === "string" ? value : value === undefined ? "nothing" : JSON.stringify(value);
  return printable(withoutCredentials(text), 120);
}

function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, "$1…@");
}

function changeOf(statement: Statement): Change {
  const { grade, kind, place, steps, before, after, text } = statement;
  const where = showWhere({ place, path: steps.map(({ name }) => name) });
  return { grade, kind, where, before, after, text: printable(withoutCredentials(text), MAX_TEXT) };
}

function inOrder(a: Statement, b: Statement): number {
  const worst = Number(isAtLeast(b.grade, a.grade)) - Number(isAtLeast(a.grade, b.grade));
  const applied = Number(a.place.kind === "artifact") - Number(b.place.kind === "artifact");
  const [first, second] = [a, b].map((one) =>
    showWhere({ place: one.place, path: one.steps.map(({ name }) => name) }),
  );
  // Of a file and its variants (config-x.yml, config-x.read-only.yml) the shorter name is the one that people know.
  const shorter = (first ?? "").length - (second ?? "").length;
  return worst || applied || shorter || ((first ?? "") < (second ?? "") ? -1 : 1);
}
