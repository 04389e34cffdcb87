import { type Change, worstGrade } from "../change";
import { type Delta, type Place, placeName } from "../delta";
import { placeLabel } from "./place-label";
import { showPath, showWhere } from "./show-value";
import { isBackend, wordBackend } from "./word-backend";
import { valueGrade, valueKind, wordValue } from "./word-value";
import { wordWhole } from "./word-whole";
import type { WordingContext } from "./wording-context";

/** So many differences of one place are told one by one; beyond, those below a common path are told together. */
const MAX_SINGLE = 12;
const MAX_EXAMPLES = 3;
const MAX_GROUP_DEPTH = 8;

/** Plain words for what no rule of the domain accounts for. No secret is shown. */
export function wordDeltas(deltas: readonly Delta[], context: WordingContext): readonly Change[] {
  const changes: Change[] = [];
  const stacks = deltas.flatMap(({ place }) => (place.kind === "stack" ? [place.stack] : []));
  for (const [place, all] of byPlace(deltas)) {
    if (isFileOf(place, stacks)) continue;
    const backend = all.filter(isBackend);
    if (backend.length > 0 && place.kind === "settings")
      changes.push(wordBackend(place.stack, backend, context));
    const inside: Delta[] = [];
    for (const delta of all) {
      const whole = wordWhole(delta, context);
      if (whole !== null) changes.push(whole);
      else if (!backend.includes(delta)) inside.push(delta);
    }
    for (const group of grouped(inside)) changes.push(wordGroup(place, group, context));
  }
  return changes;
}

/** A stack's own files come and go with it. */
function isFileOf(place: Place, stacks: readonly string[]): boolean {
  return place.kind === "artifact" && stacks.some((stack) => place.path.startsWith(`stacks/${stack}/`));
}

function byPlace(deltas: readonly Delta[]): Iterable<readonly [Place, readonly Delta[]]> {
  const places = new Map<string, { place: Place; deltas: Delta[] }>();
  for (const delta of deltas) {
    const name = placeName(delta.place);
    const known = places.get(name);
    if (known === undefined) places.set(name, { place: delta.place, deltas: [delta] });
    else known.deltas.push(delta);
  }
  return [...places.values()].map(({ place, deltas: own }) => [place, own] as const);
}

interface Group {
  /** What their paths begin with. */
  readonly prefix: readonly string[];
  readonly deltas: readonly Delta[];
}

/** As deep down as there are few groups. */
function grouped(deltas: readonly Delta[]): readonly Group[] {
  if (deltas.length <= MAX_SINGLE) return deltas.map((delta) => ({ prefix: delta.path, deltas: [delta] }));
  let groups: readonly Group[] = [{ prefix: [], deltas }];
  for (let depth = 1; depth <= MAX_GROUP_DEPTH; depth++) {
    const finer = atDepth(deltas, depth);
    if (finer.length > MAX_SINGLE) break;
    groups = finer;
  }
  return groups;
}

function atDepth(deltas: readonly Delta[], depth: number): readonly Group[] {
  const groups = new Map<string, { prefix: readonly string[]; deltas: Delta[] }>();
  for (const delta of deltas) {
    const prefix = delta.path.slice(0, depth);
    const key = JSON.stringify(prefix);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { prefix, deltas: [delta] });
    else known.deltas.push(delta);
  }
  return [...groups.values()];
}

function wordGroup(place: Place, { prefix, deltas }: Group, context: WordingContext): Change {
  const [only] = deltas;
  if (only !== undefined && deltas.length === 1) return wordValue(only, context);
  const kinds = new Set(deltas.map(valueKind));
  const examples = deltas.slice(0, MAX_EXAMPLES).map((delta) => showPath(delta.path.slice(prefix.length)));
  const rest = deltas.length - examples.length;
  const below = prefix.length === 0 ? "" : ` below ${showPath(prefix)}`;
  const counts = countKinds(deltas);
  return {
    grade: worstGrade(deltas.map((delta) => ({ grade: valueGrade(delta) }))),
    kind: kinds.size === 1 ? ([...kinds][0] ?? "value_changed") : "value_changed",
    where: showWhere({ place, path: prefix }),
    before: null,
    after: null,
    text: `${placeLabel(place, context)}: ${deltas.length} values differ${below} (${counts}): ${examples.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`,
  };
}

function countKinds(deltas: readonly Delta[]): string {
  const added = deltas.filter(({ before }) => before === undefined).length;
  const removed = deltas.filter(({ after }) => after === undefined).length;
  const changed = deltas.length - added - removed;
  return [`${added} added`, `${removed} removed`, `${changed} changed`]
    .filter((part) => !part.startsWith("0 "))
    .join(", ");
}
