import type { MarkdownNode } from "./nodes";
import { parseInline } from "./parse-markdown";

/** The words of inline nodes, where they are nothing but text and code; null where a link or any other mark-up is. */
export function plainText(nodes: readonly MarkdownNode[]): string | null {
  let text = "";
  for (const node of nodes) {
    if (node.type !== "text" && node.type !== "inlineCode") return null;
    text += node.value ?? "";
  }
  return text;
}

/** Letters and digits with single marks between them that mean nothing in Markdown: not worth a parser. */
const WORDS = /^[\p{L}\p{N}]+(?:[ ,./-][\p{L}\p{N}]+)*$/u;

/**
 * Inline Markdown that says just these words: as they are where nothing in them is mark-up, else with every character
 * that could be some escaped.
 *
 * @param reads a further condition that the source must meet, as that the place where it will stand gives it back
 */
export function inlineOf(text: string, reads: (source: string) => boolean = () => true): string {
  const isPlain = (source: string): boolean => {
    if (WORDS.test(source)) return reads(source);
    const nodes = parseInline(source);
    return nodes.every(({ type }) => type === "text") && plainText(nodes) === text && reads(source);
  };
  return text === "" || isPlain(text) ? text : escapeAll(text);
}

/** Every punctuation mark of ASCII behind a backslash; white space that Markdown would take away as a reference. */
export function escapeAll(text: string): string {
  return text
    .replace(/[!-/:-@[-`{-~]/g, "\\$&")
    .replace(/^\s|\s$|[^\S ]|\s(?=\s)/g, (space) => `&#${space.charCodeAt(0)};`);
}
