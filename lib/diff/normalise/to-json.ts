import type { Json } from "../json";

/** Deeper than any honest document, and no danger to the stack. */
export const MAX_NESTING = 200;

/**
 * A parsed value as plain JSON with sorted keys. What JSON lacks (`.nan`, `.inf`, a date) becomes text.
 *
 * @throws RangeError below MAX_NESTING
 */
export function toJson(value: unknown, depth = 0): Json {
  if (depth > MAX_NESTING) throw new RangeError(`nested deeper than ${MAX_NESTING}`);
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((item: unknown) => toJson(item, depth + 1));
  if (typeof value !== "object") return String(value);
  if (value instanceof Date) return value.toISOString();
  // fromEntries defines keys, where an assignment to `__proto__` would not.
  return Object.fromEntries(sortedEntries(value).map(([key, item]) => [key, toJson(item, depth + 1)]));
}

/** By code unit, so that no locale plays a part. */
export function sortedEntries<T>(object: Readonly<Record<string, T>> | object): [string, T][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}
