import type { Rename } from "../delta";
import { isJsonObject, type Json } from "../json";

const ADDRESS = /(?<![\w.-])(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*/g;

/**
 * Rewrites an older value of a stack as if its renamed resources had always been called as they are now: a template or a
 * `depends_on` that names one still means the same.
 */
export function referencesFollowed(stack: string, renames: readonly Rename[]): (value: Json) => Json {
  const newer = new Map(
    renames.filter(({ from }) => from.stack === stack).map(({ from, to }) => [from.address, to.address]),
  );
  return newer.size === 0 ? (value) => value : (value) => rewrite(value, newer);
}

function rewrite(value: Json, newer: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return value.replace(ADDRESS, (address) => newer.get(address) ?? address);
  if (Array.isArray(value)) return value.map((element) => rewrite(element, newer));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rewrite(member, newer)]));
}
