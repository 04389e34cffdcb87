import type { Json } from "../json";
import { byCodeUnit, canonicalJson } from "./canonical-json";
import { commonSubsequence } from "./common-subsequence";
import { identities } from "./list-identity";
import { featuresOf, similarity } from "./similarity";

/** Which elements of two lists are one; a segment is what a delta's path calls the element. */
export interface Alignment {
  /** Each is in both, and may differ. The segment is of the newer list. */
  readonly pairs: readonly { readonly segment: string; readonly before: Json; readonly after: Json }[];
  /** The segment is of the older list. */
  readonly removed: readonly { readonly segment: string; readonly value: Json }[];
  readonly added: readonly { readonly segment: string; readonly value: Json }[];
  /** Of elements with names that are in both: how they stood, where they stand in another order now. */
  readonly order: { readonly before: readonly string[]; readonly after: readonly string[] } | null;
}

/** Beyond so many pairs of a stretch that differs, none is looked at as one element that changed. */
const MAX_PAIRS = 2_500;
/** Below, two elements are another one rather than a changed one. */
const MIN_SIMILARITY = 0.5;

/**
 * By name where the elements have one, else by their longest common subsequence, so that an insertion is one difference.
 * The lists changed round give the same pairs.
 *
 * @param key under which the lists stand; undefined for a list inside a list
 */
export function alignLists(
  key: string | undefined,
  before: readonly Json[],
  after: readonly Json[],
): Alignment {
  const named = identities(key, before, after);
  if (named !== null) return alignByName(before, after, named.before, named.after);
  const pairs = alignByOrder(before, after);
  const [inBefore, inAfter] = [new Set(pairs.map(([i]) => i)), new Set(pairs.map(([, j]) => j))];
  return {
    pairs: pairs.map(([i, j]) => ({
      segment: String(j),
      before: before[i] ?? null,
      after: after[j] ?? null,
    })),
    removed: unpaired(before, inBefore),
    added: unpaired(after, inAfter),
    order: null,
  };
}

function unpaired(list: readonly Json[], paired: ReadonlySet<number>): { segment: string; value: Json }[] {
  return list.flatMap((value, at) => (paired.has(at) ? [] : [{ segment: String(at), value }]));
}

function alignByName(
  before: readonly Json[],
  after: readonly Json[],
  namesBefore: readonly string[],
  namesAfter: readonly string[],
): Alignment {
  const older = new Map(namesBefore.map((segment, at) => [segment, before[at] ?? null]));
  const newer = new Map(namesAfter.map((segment, at) => [segment, after[at] ?? null]));
  const inBoth = namesAfter.filter((segment) => older.has(segment));
  const stood = namesBefore.filter((segment) => newer.has(segment));
  const only = (from: ReadonlyMap<string, Json>, other: ReadonlyMap<string, Json>) =>
    [...from].flatMap(([segment, value]) => (other.has(segment) ? [] : [{ segment, value }]));
  return {
    pairs: inBoth.map((segment) => ({
      segment,
      before: older.get(segment) ?? null,
      after: newer.get(segment) ?? null,
    })),
    removed: only(older, newer),
    added: only(newer, older),
    order: stood.every((segment, at) => segment === inBoth[at]) ? null : { before: stood, after: inBoth },
  };
}

type Indices = readonly [before: number, after: number];

function alignByOrder(before: readonly Json[], after: readonly Json[]): readonly Indices[] {
  const a = before.map(canonicalJson);
  const b = after.map(canonicalJson);
  // Where several alignments are equally long, which one is found depends on what comes first.
  if (!isAfter(a, b)) return withGapsPaired(before, after, commonSubsequence(a, b));
  return withGapsPaired(after, before, commonSubsequence(b, a)).map(([j, i]) => [i, j]);
}

function isAfter(a: readonly string[], b: readonly string[]): boolean {
  const at = a.findIndex((element, index) => element !== b[index]);
  return at >= 0 && byCodeUnit(a[at] ?? "", b[at] ?? "") > 0;
}

function withGapsPaired(
  a: readonly Json[],
  b: readonly Json[],
  matches: readonly Indices[],
): readonly Indices[] {
  const all: Indices[] = [];
  let [fromA, fromB] = [0, 0];
  for (const [atA, atB] of [...matches, [a.length, b.length] as const]) {
    for (const [i, j] of pairGap(a.slice(fromA, atA), b.slice(fromB, atB))) all.push([fromA + i, fromB + j]);
    if (atA < a.length || atB < b.length) all.push([atA, atB]);
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  return all;
}

/** Between two equal elements: which of what went and what came is one element that changed, in order. */
function pairGap(a: readonly Json[], b: readonly Json[]): readonly Indices[] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_PAIRS) return [];
  if (a.length === 1 && b.length === 1) return [[0, 0]];
  const likeness = likenessTable(a, b);
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const bestAt = (i: number, j: number) => best[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const paired = (likeness[i]?.[j] ?? 0) + bestAt(i + 1, j + 1);
      best[i * width + j] = Math.max(paired, bestAt(i + 1, j), bestAt(i, j + 1));
    }
  }
  const pairs: Indices[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const like = likeness[i]?.[j] ?? 0;
    if (like > 0 && bestAt(i, j) === like + bestAt(i + 1, j + 1)) pairs.push([i++, j++]);
    else if (bestAt(i + 1, j) >= bestAt(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function likenessTable(a: readonly Json[], b: readonly Json[]): number[][] {
  const features = b.map((value) => (isFlat(value) ? null : featuresOf(value)));
  return a.map((value) => {
    const own = isFlat(value) ? null : featuresOf(value);
    return b.map((other, at) => {
      const others = features[at] ?? null;
      const like =
        own !== null && others !== null ? similarity(own, others) : isSameOption(value, other) ? 1 : 0;
      return like < MIN_SIMILARITY ? 0 : like;
    });
  });
}

function isFlat(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

/** `--interval=15m` and `--interval=1h`; `TZ=UTC` and `TZ=Europe/Sofia`. */
function isSameOption(a: Json, b: Json): boolean {
  if (typeof a !== "string" || typeof b !== "string") return false;
  const name = /^[^=\s]+=/.exec(a)?.[0];
  return name !== undefined && b.startsWith(name);
}
