import { ORDER } from "../delta";
import { isJsonObject, type Json, type JsonObject } from "../json";
import { alignLists } from "./align-lists";
import { canonicalJson, sortedKeys } from "./canonical-json";

export interface ValueDelta {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Deeper down a value is compared as a whole: what people write stays far above. */
const MAX_DEPTH = 200;

/** Every difference of two values, each as deep down as it goes; documents inside strings are walked through. */
export function compareValues(before: Json, after: Json): readonly ValueDelta[] {
  const found: ValueDelta[] = [];
  compare(before, after, [], found);
  return found;
}

function compare(before: Json, after: Json, path: readonly string[], found: ValueDelta[]): void {
  const isDeep = path.length >= MAX_DEPTH;
  if (!isDeep && Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, found);
  else if (!isDeep && isJsonObject(before) && isJsonObject(after)) compareObjects(before, after, path, found);
  else if (before !== after && canonicalJson(before) !== canonicalJson(after))
    found.push({ path, before, after });
}

function compareObjects(
  before: JsonObject,
  after: JsonObject,
  path: readonly string[],
  found: ValueDelta[],
): void {
  for (const key of sortedKeys({ ...before, ...after })) {
    // A key may be called as something that every object inherits.
    const older = Object.hasOwn(before, key) ? before[key] : undefined;
    const newer = Object.hasOwn(after, key) ? after[key] : undefined;
    if (older !== undefined && newer !== undefined) compare(older, newer, [...path, key], found);
    else found.push({ path: [...path, key], before: older, after: newer });
  }
}

function compareLists(
  before: readonly Json[],
  after: readonly Json[],
  path: readonly string[],
  found: ValueDelta[],
): void {
  const { pairs, removed, added, order } = alignLists(path.at(-1), before, after);
  for (const { segment, value } of removed)
    found.push({ path: [...path, segment], before: value, after: undefined });
  for (const { segment, value } of added)
    found.push({ path: [...path, segment], before: undefined, after: value });
  for (const pair of pairs) compare(pair.before, pair.after, [...path, pair.segment], found);
  if (order !== null) found.push({ path: [...path, ORDER], before: order.before, after: order.after });
}
