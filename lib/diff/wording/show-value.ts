import { printable } from "../../core/printable";
import { type Delta, whereOf, withoutDocuments } from "../delta";
import { isJsonObject, type Json } from "../json";
import { EMBEDDED } from "../output";

/** A value on one line, at most so many characters and `…`: a string as it is, anything else as JSON. */
export function showValue(value: Json, maxLength: number): string {
  return showText(typeof value === "string" ? value : JSON.stringify(withoutEmbedding(value)), maxLength);
}

/** Line ends as ⏎; what a terminal or a page would act on, as escapes. */
export function showText(text: string, maxLength: number): string {
  const shown = printable(text.replace(/\r?\n/g, " ⏎ "), maxLength);
  // Escapes are longer than what they stand for; no pair of surrogates is cut in two.
  return shown.length <= maxLength + 1
    ? shown
    : `${shown.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** A path as people write it. */
export function showPath(path: readonly string[]): string {
  return showText(withoutDocuments(path).join("."), 200);
}

/** As `whereOf`, without what a page or a terminal would act on. */
export function showWhere({ place, path }: Pick<Delta, "place" | "path">): string {
  return showText(whereOf({ place, path }), 400);
}

function withoutEmbedding(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmbedding);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value);
  const [only] = members;
  if (members.length === 1 && only?.[0] === EMBEDDED) return withoutEmbedding(only[1]);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutEmbedding(member)]));
}
