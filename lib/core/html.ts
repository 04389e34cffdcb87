import { printable } from "./printable";

/** Markup that is safe as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = string | number | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Longer than any name, summary or detail that somebody reads. */
const MAX_TEXT_LENGTH = 2_000;

/**
 * Markup whose values are escaped, in elements and quoted attributes alike; only `Html` goes in as it is. What is read
 * is cut where it is too long; an attribute is never cut, as links and data would then be others.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = "";
  let isInTag = false;
  parts.forEach((part, i) => {
    text += part;
    const edge = Math.max(part.lastIndexOf("<"), part.lastIndexOf(">"));
    if (edge >= 0) isInTag = part[edge] === "<";
    const value = values[i];
    if (value !== undefined) text += markupOf(value, isInTag ? Number.POSITIVE_INFINITY : MAX_TEXT_LENGTH);
  });
  return new Html(text);
}

/** For an attribute that a script parses: JSON in ASCII, which neither the escaping nor the browser rewrites. */
export function jsonData(value: string | readonly string[]): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export const NOTHING = new Html("");

/** With the words between each two. */
export function joined(items: readonly Html[], separator: string): Html {
  return new Html(items.map(({ text }) => text).join(separator));
}

function markupOf(value: Value, maxLength: number): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(value, maxLength);
  return value.map((one) => one.text).join("");
}

function escapeHtml(text: string, maxLength: number): string {
  return printable(text, maxLength).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}
