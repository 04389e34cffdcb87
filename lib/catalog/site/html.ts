import { printable } from "../../core/printable";

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
/** Longer than any name or summary that somebody reads. */
const MAX_TEXT_LENGTH = 2_000;

/** Markup whose values are escaped, in elements and quoted attributes alike; only `Html` goes in as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = parts[0] ?? "";
  values.forEach((value, i) => {
    text += markupOf(value) + (parts[i + 1] ?? "");
  });
  return new Html(text);
}

export const NOTHING = new Html("");

/** With the words between each two. */
export function joined(items: readonly Html[], separator: string): Html {
  return new Html(items.map(({ text }) => text).join(separator));
}

function markupOf(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(value);
  return value.map((one) => one.text).join("");
}

function escapeHtml(text: string): string {
  return printable(text, MAX_TEXT_LENGTH).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}
