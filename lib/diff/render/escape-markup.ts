/**
 * Text of an output for a comment in GitHub Flavored Markdown (https://github.github.com/gfm/) and its relatives: it
 * is read as it stands, never as markup, and it mentions nobody and links nothing.
 */
import { printable } from "../../core/printable";

/**
 * What is markup to Markdown, to HTML, or to a forge. All else is so at a line's start alone, where no text stands, and
 * an underscore inside a word is none.
 */
const ACTIVE = /[&<>"'`*~[\]\\#@$!|]|(?<![a-z0-9])_|_(?![a-z0-9])/;
/**
 * Forges look for names and addresses in the text that is left when entities were resolved: only something in between
 * hides @user, #1, GH-1, !1, ~label, :name: and addresses from them. In code they look for addresses alone.
 */
const LINKED = /:(?=\/\/)|(?<=www)\.|@/i;
const LINKED_IN_PROSE = /[#!~$%&](?=\S)|:(?=[\w+-]+:)|(?<=\bgh)-(?=\d)/i;

const IN_PROSE = new RegExp(`(${LINKED.source}|${LINKED_IN_PROSE.source})|${ACTIVE.source}`, "gi");
const IN_CODE = new RegExp(`(${LINKED.source})|${ACTIVE.source}`, "gi");

/** A zero-width space: it stays where a comment is taken out. */
const PROSE_SEAM = "&#8203;";
/** What is copied out of code stays what it was. */
const CODE_SEAM = "<!-- -->";

/** For the middle of a line. @param maxLength of the text itself, default 600 */
export function proseMarkup(text: string, maxLength = 600): string {
  return escapeWith(IN_PROSE, PROSE_SEAM, printable(text, maxLength));
}

/** An element with the text, of one line or several; forges look for no mentions in it. */
export function codeMarkup(lines: readonly string[]): string {
  const inner = lines.map((line) => escapeWith(IN_CODE, CODE_SEAM, printable(line)));
  return `<code>${inner.join("<br>")}</code>`;
}

function escapeWith(pattern: RegExp, seam: string, text: string): string {
  return text.replace(pattern, (char: string, linked: string | undefined) => {
    return linked === undefined ? entity(char) : `${entity(char)}${seam}`;
  });
}

function entity(char: string): string {
  return `&#${char.charCodeAt(0)};`;
}
