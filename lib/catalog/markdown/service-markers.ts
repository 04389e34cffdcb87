import { parseInline } from "../../text/markdown/parse-markdown";
import { inlineOf, plainText } from "../../text/markdown/plain-text";
import type { CatalogService, ServiceStatus } from "../catalog";

/** What a description's end says in parentheses, as `(GPU)` or `(disabled, replaced by phpipam)`. */
export type ServiceMarks = Pick<
  CatalogService,
  "description" | "tier" | "status" | "replacedBy" | "statusNote" | "tags"
>;

/** Tags with parentheses of their own; any other stands in `(Tags: …)`. */
const PLAIN_TAGS: readonly string[] = ["GPU", "factory pattern"];

interface Mark {
  readonly tags?: readonly string[];
  readonly tier?: string;
  readonly status?: ServiceStatus;
  readonly replacedBy?: string | null;
  readonly statusNote?: string | null;
}

/** Everything behind the description, each with a space before it; "" where there is nothing to say. */
export function renderMarks(marks: Omit<ServiceMarks, "description">): string {
  const { tags, tier, status, replacedBy, statusNote } = marks;
  const all: string[] = tags.every((tag) => PLAIN_TAGS.includes(tag))
    ? [...tags]
    : [`Tags: ${tags.map(word).join(", ")}`];
  if (tier !== null) all.push(`Tier: ${word(tier)}`);
  const replaced = replacedBy === null ? [] : [`replaced by ${word(replacedBy)}`];
  const note = statusNote === null ? null : closed(statusNote);
  if (status === "disabled") {
    const words = note !== null && /^(?:replaced by|note:) /.test(note) ? `note: ${note}` : note;
    all.push(["disabled", ...replaced, ...(words === null ? [] : [words])].join(", "));
  } else {
    all.push(...replaced);
    if (status === "planned_merge") all.push(mergeNote(note));
    else if (note !== null) all.push(`Note: ${note}`);
  }
  return all.map((text) => ` (${text})`).join("");
}

function mergeNote(note: string | null): string {
  if (note === null) return "planned merge";
  return /^may be merged\b/.test(note) ? note : `planned merge: ${note}`;
}

/** The source of a description whose end nobody would take for a mark. */
export function guardEnd(description: string): string {
  const last = lastParentheses(description);
  if (last === null || readMark(last.inside) === null) return description;
  return `${last.before}${last.space}\\(${last.inside}\\)`;
}

/** Takes the marks off the end of a description's source. */
export function readMarks(source: string): { readonly description: string; readonly mark: Mark } {
  let description = source.trim();
  let mark: Mark = {};
  const tags: (readonly string[])[] = [];
  for (;;) {
    const last = lastParentheses(description);
    const read = last === null ? null : readMark(last.inside);
    // A second mark of one kind is part of the description.
    if (last === null || read === null || Object.keys(read).some((key) => key !== "tags" && key in mark))
      break;
    mark = { ...mark, ...read };
    if (read.tags !== undefined) tags.push(read.tags);
    description = last.before;
  }
  const all = tags.reverse().flat();
  return { description: unguardEnd(description), mark: tags.length === 0 ? mark : { ...mark, tags: all } };
}

/** The inverse of `guardEnd`: of the last escaped parenthesis, or of the first where those inside are escaped too. */
function unguardEnd(description: string): string {
  if (!description.endsWith("\\)")) return description;
  for (const at of [description.lastIndexOf("\\("), description.indexOf("\\(")]) {
    const inside = at < 0 ? "" : description.slice(at + 2, -2);
    if (readMark(inside) !== null) return `${description.slice(0, at)}(${inside})`;
  }
  return description;
}

/** The words of one pair of parentheses; null where they mean nothing here. */
function readMark(inside: string): Mark | null {
  if (PLAIN_TAGS.includes(inside)) return { tags: [inside] };
  if (inside === "planned merge") return { status: "planned_merge" };
  if (/^may be merged\b/.test(inside)) return { status: "planned_merge", statusNote: opened(inside) };
  const [, name, rest = ""] = /^(Tags|Tier|Note|planned merge): (.+)$/.exec(inside) ?? [];
  if (name === "Tags") return { tags: splitWords(rest).map(unword) };
  if (name === "Tier") return { tier: unword(rest) };
  if (name === "Note") return { statusNote: opened(rest) };
  if (name === "planned merge") return { status: "planned_merge", statusNote: opened(rest) };
  const replaced = /^replaced by (.+)$/.exec(inside)?.[1];
  if (replaced !== undefined) return { replacedBy: unword(replaced) };
  const [first, ...others] = splitWords(inside);
  if (first !== "disabled") return null;
  const replacedBy = /^replaced by (.+)$/.exec(others[0] ?? "")?.[1];
  const words = (replacedBy === undefined ? others : others.slice(1)).join(", ");
  return {
    status: "disabled",
    replacedBy: replacedBy === undefined ? null : unword(replacedBy),
    statusNote: words === "" ? null : opened(words.replace(/^note: /, "")),
  };
}

/** The parentheses that end the text, with what they hold; null where it ends otherwise, or the last is escaped. */
function lastParentheses(text: string) {
  if (!text.endsWith(")") || isEscaped(text, text.length - 1)) return null;
  let open = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text[at];
    if ((char !== "(" && char !== ")") || isEscaped(text, at)) continue;
    open += char === ")" ? 1 : -1;
    if (open > 0) continue;
    const before = text.slice(0, at);
    const trimmed = before.trimEnd();
    return before !== "" && trimmed === before
      ? null
      : { before: trimmed, space: before.slice(trimmed.length), inside: text.slice(at + 1, -1) };
  }
  return null;
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}

/** A name as inline Markdown without a comma or parentheses of its own. */
function word(text: string): string {
  return inlineOf(text, (source) => !/[,()\\]/.test(source));
}

function unword(source: string): string {
  return plainText(parseInline(source)) ?? source;
}

function splitWords(source: string): readonly string[] {
  const parts = [""];
  for (const [token] of source.matchAll(/\\[\s\S]|, |[\s\S]/g)) {
    if (token === ", ") parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts;
}

/** Inline Markdown whose parentheses close one another, so that the mark ends where it should. */
function closed(source: string): string {
  return lastParentheses(`(${source})`)?.inside === source ? source : source.replace(/[()]/g, "\\$&");
}

/** The inverse of `closed`. */
function opened(source: string): string {
  const bare = source.replace(/\\([()])/g, "$1");
  return closed(bare) === source ? bare : source;
}
