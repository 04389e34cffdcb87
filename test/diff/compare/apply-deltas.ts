import type { ValueDelta } from "../../../lib/diff/compare/compare-values";
import { identities } from "../../../lib/diff/compare/list-identity";
import { ORDER } from "../../../lib/diff/delta";
import { isJsonObject, type Json, type JsonObject } from "../../../lib/diff/json";

/** Makes the newer value of the older one and what differs; named elements that were added stand last. */
export function applyDeltas(before: Json, deltas: readonly ValueDelta[], key?: string): Json {
  const [own] = deltas;
  if (own === undefined) return before;
  if (own.path.length === 0) return own.after ?? null;
  const inside = new Map<string, ValueDelta[]>();
  for (const delta of deltas) {
    const [segment = "", ...path] = delta.path;
    inside.set(segment, [...(inside.get(segment) ?? []), { ...delta, path }]);
  }
  if (isJsonObject(before)) return applyToObject(before, inside);
  if (!Array.isArray(before)) throw new Error("a delta inside a scalar");
  const isNamed = [...inside.keys()].every((segment) => !/^[0-9]+$/.test(segment));
  return isNamed ? applyToNamed(before, inside, key) : applyToOrdered(before, inside);
}

function applyToObject(before: JsonObject, inside: ReadonlyMap<string, ValueDelta[]>): Json {
  const after = new Map(Object.entries(before));
  for (const [key, deltas] of inside) {
    const [own] = deltas;
    if (own?.path.length === 0 && own.after === undefined) after.delete(key);
    else after.set(key, applyDeltas(before[key] ?? null, deltas, key));
  }
  return Object.fromEntries(after);
}

function applyToNamed(
  before: readonly Json[],
  inside: ReadonlyMap<string, ValueDelta[]>,
  key?: string,
): Json {
  const comes = [...inside.values()].flatMap(([delta]) =>
    delta?.path.length === 0 && delta.before === undefined ? [delta.after ?? null] : [],
  );
  const names = identities(key, before, comes);
  if (names === null) throw new Error("a named delta in a list without names");
  const elements = new Map<string, Json>();
  for (const [at, name] of names.before.entries()) elements.set(name, before[at] ?? null);
  for (const [segment, deltas] of inside) {
    const [own] = deltas;
    if (segment === ORDER) continue;
    if (own?.path.length === 0 && own.after === undefined) elements.delete(segment);
    else elements.set(segment, applyDeltas(elements.get(segment) ?? null, deltas, segment));
  }
  const order = inside.get(ORDER)?.[0]?.after;
  const stand = Array.isArray(order) ? order.map(String) : [];
  const rest = [...elements.keys()].filter((name) => !stand.includes(name));
  return [...stand, ...rest].map((name) => elements.get(name) ?? null);
}

/** A removed element is told by its older index, all else by the newer one. */
function applyToOrdered(before: readonly Json[], inside: ReadonlyMap<string, ValueDelta[]>): Json {
  const removed = new Set<number>();
  const added = new Map<number, Json>();
  const changed = new Map<number, ValueDelta[]>();
  for (const [segment, deltas] of inside) {
    const at = Number(segment);
    for (const delta of deltas) {
      if (delta.path.length === 0 && delta.after === undefined) removed.add(at);
      else if (delta.path.length === 0 && delta.before === undefined) added.set(at, delta.after ?? null);
      else changed.set(at, [...(changed.get(at) ?? []), delta]);
    }
  }
  const kept = before.filter((_, at) => !removed.has(at));
  const length = kept.length + added.size;
  const after: Json[] = [];
  for (let at = 0; at < length; at++) {
    const element = added.get(at) ?? (added.has(at) ? null : kept.shift());
    after.push(added.has(at) ? (element ?? null) : applyDeltas(element ?? null, changed.get(at) ?? []));
  }
  return after;
}
