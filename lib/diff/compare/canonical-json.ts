import { isJsonObject, type Json } from "../json";

/** JSON text with sorted keys and no spaces: equal for two values that mean the same. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = sortedKeys(value).map(
    (key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`,
  );
  return `{${members.join(",")}}`;
}

/** By code unit, the same in every locale. */
export function sortedKeys(object: object): string[] {
  return Object.keys(object).sort(byCodeUnit);
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
