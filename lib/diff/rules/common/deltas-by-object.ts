import { alignLists } from "../../compare/align-lists";
import { type Delta, ORDER } from "../../delta";
import { isJsonObject, type Json } from "../../json";
import { EMBEDDED } from "../../output";
import type { RuleInput } from "../domain-rule";
import { keyOf, placePairs } from "./place-pairs";

/** The same value in both outputs; undefined where there is none. */
interface Both {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

type List = readonly Json[];

const NOTHING: Both = { before: undefined, after: undefined };

/** The deltas that concern an object of either output, by the object itself. */
export class DeltasByObject {
  private readonly passing = new Map<object, Delta[]>();
  private readonly ending = new Map<object, Delta[]>();
  private readonly elements = elementsOnce();

  constructor(input: RuleInput) {
    const roots = new Map(
      placePairs(input).map(({ place, base, head }) => [keyOf(place), { before: base, after: head }]),
    );
    for (const delta of input.deltas) {
      // One that adds or removes the whole place is said of the place, not of what it holds.
      if (delta.path.length > 0) this.add(delta, roots.get(keyOf(delta.place)) ?? NOTHING);
    }
  }

  within(value: object): readonly Delta[] {
    return this.passing.get(value) ?? [];
  }

  ofWhole(value: object): readonly Delta[] {
    return this.ending.get(value) ?? [];
  }

  private add(delta: Delta, root: Both): void {
    let both = root;
    const passed = new Set(objectsOf(both));
    delta.path.forEach((segment, at) => {
      both = step(both, segment, delta.path[at - 1], this.elements);
      if (at < delta.path.length - 1) for (const one of objectsOf(both)) passed.add(one);
    });
    const ends = new Set(endsOf(delta, both));
    for (const one of new Set([...passed, ...ends])) append(this.passing, one, delta);
    for (const one of ends) append(this.ending, one, delta);
  }
}

/** What the delta itself holds, as an index may call one element that went and another that came. */
function endsOf({ before, after }: Delta, found: Both): readonly object[] {
  const own = objectsOf({ before, after });
  // A renamed resource's older value is compared as a copy: then the delta holds none of the output's own objects.
  if (after === undefined && found.after !== undefined) return own;
  if (before === undefined && found.before !== undefined) return own;
  return [...own, ...objectsOf(found)];
}

function objectsOf({ before, after }: Both): readonly object[] {
  return [before, after].filter((one) => typeof one === "object" && one !== null);
}

function step(both: Both, segment: string, key: string | undefined, elements: ElementsOf): Both {
  if (segment === EMBEDDED) return childOfBoth(both, EMBEDDED);
  const before = withoutEmbedding(both.before);
  const after = withoutEmbedding(both.after);
  if (segment === ORDER) return { before, after };
  if (isList(before) && isList(after)) return elements(before, after, key).get(segment) ?? NOTHING;
  // Only what the two have in common is a step: below a list that is in one output alone no delta goes.
  return childOfBoth({ before, after }, segment);
}

type ElementsOf = (before: List, after: List, key: string | undefined) => ReadonlyMap<string, Both>;

/** The elements of two lists by a delta's names of them, worked out once for each pair of lists. */
function elementsOnce(): ElementsOf {
  const known = new WeakMap<object, { readonly after: List; readonly elements: ReadonlyMap<string, Both> }>();
  return (before, after, key) => {
    const found = known.get(before);
    if (found?.after === after) return found.elements;
    const { pairs, removed, added } = alignLists(key, before, after);
    const elements = new Map<string, Both>(pairs.map((pair) => [pair.segment, pair]));
    for (const { segment, value } of removed) {
      if (!elements.has(segment)) elements.set(segment, { before: value, after: undefined });
    }
    for (const { segment, value } of added) {
      if (!elements.has(segment)) elements.set(segment, { before: undefined, after: value });
    }
    known.set(before, { after, elements });
    return elements;
  };
}

function childOfBoth({ before, after }: Both, key: string): Both {
  return { before: child(before, key), after: child(after, key) };
}

function child(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function withoutEmbedding(value: Json | undefined): Json | undefined {
  return child(value, EMBEDDED) ?? value;
}

function isList(value: Json | undefined): value is List {
  return Array.isArray(value);
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
