import { printable } from "../../../core/printable";
import { type Change, type Grade, isAtLeast } from "../../change";
import { type Delta, type Place, placeName } from "../../delta";
import type { Json } from "../../json";
import { maskSecrets, SECRET } from "../../secret-values";
import { showText, showWhere } from "../../wording/show-value";
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
  /** Whole texts of which only a part is said, as of a script: what else differs in them is told behind it. */
  readonly touches?: readonly Delta[];
}

const MAX_VALUE = 200;
const MAX_TEXT = 600;
/** How many further places a sentence names. */
const MAX_PLACES = 3;

/** One change per fact, where Terraform applies it if it does, with the differences of all places. */
export function judged(statements: readonly Statement[]): readonly Judged[] {
  const byFact = new Map<string, Statement[]>();
  for (const one of statements) {
    const key = JSON.stringify([one.kind, one.subject, one.before, one.after]);
    const known = byFact.get(key);
    if (known === undefined) byFact.set(key, [one]);
    else known.push(one);
  }
  return [...byFact.values()].flatMap((same) => {
    const sorted = [...same].sort(inOrder);
    const [first] = sorted;
    if (first === undefined) return [];
    return [
      {
        change: changeOf(first, othersOf(sorted)),
        covers: [...new Set(same.flatMap(({ covers }) => covers))],
        touches: [...new Set(same.flatMap(({ touches = [] }) => touches))],
      },
    ];
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

function changeOf(statement: Statement, others: readonly string[]): Change {
  const { grade, kind, place, before, after, text } = statement;
  const safe = (one: string, maxLength: number): string => {
    const masked = maskSecrets(withoutCredentials(one), { place });
    return showText(typeof masked === "string" ? masked : SECRET, maxLength);
  };
  const more = others.length - MAX_PLACES;
  const named = `${others.slice(0, MAX_PLACES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return {
    grade,
    kind,
    where: whereTold(statement),
    before: before === null ? null : safe(before, MAX_VALUE),
    after: after === null ? null : safe(after, MAX_VALUE),
    text: `${safe(text, MAX_TEXT)}${others.length === 0 ? "" : ` Also at ${named}.`}`,
  };
}

/** The other resources alone: an artifact repeats what one of them carries. */
function othersOf([first, ...rest]: readonly Statement[]): readonly string[] {
  const own = first === undefined ? "" : placeName(first.place);
  const resources = rest
    .filter(({ place }) => place.kind !== "artifact")
    .map(({ place }) => placeName(place));
  return [...new Set(resources)].filter((name) => name !== own);
}

function whereTold({ place, steps }: Statement): string {
  return showWhere({ place, path: steps.map(({ name }) => name) });
}

function inOrder(a: Statement, b: Statement): number {
  const worst = Number(isAtLeast(b.grade, a.grade)) - Number(isAtLeast(a.grade, b.grade));
  const applied = Number(a.place.kind === "artifact") - Number(b.place.kind === "artifact");
  const [first, second] = [whereTold(a), whereTold(b)];
  // Of a file and its variants (config-x.yml, config-x.read-only.yml) the shorter name is the one that people know.
  return worst || applied || first.length - second.length || (first < second ? -1 : 1);
}
