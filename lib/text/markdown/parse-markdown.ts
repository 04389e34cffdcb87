/** CommonMark with GitHub's tables and strikethrough: https://github.github.com/gfm/ */
import {
  fromMarkdown,
  gfmStrikethrough,
  gfmStrikethroughFromMarkdown,
  gfmTable,
  gfmTableFromMarkdown,
} from "./mdast-bundle";
import type { MarkdownNode, MarkdownSpan } from "./nodes";

const GITHUB = {
  extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false })],
  mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown()],
};

/** Of texts whose trees are kept, in characters: checks, outlines and pages each ask for the same runbooks. */
const MAX_KEPT_CHARS = 1_000_000;
const kept = new Map<string, MarkdownNode>();
let keptChars = 0;

/** The tree of a text, every node with its place. Nothing is an error in Markdown. */
export function parseMarkdown(text: string): MarkdownNode {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const tree = fromMarkdown(text, GITHUB);
  if (text.length > MAX_KEPT_CHARS) return tree;
  kept.set(text, tree);
  keptChars += text.length;
  for (const oldest of kept.keys()) {
    if (keptChars <= MAX_KEPT_CHARS) break;
    kept.delete(oldest);
    keptChars -= oldest.length;
  }
  return tree;
}

/**
 * What stands inside one line, read as the cell of a table: `# a` and `1. b` are words here, neither heading nor list.
 * Line breaks count as spaces. The places are of no use.
 */
export function parseInline(text: string): readonly MarkdownNode[] {
  if (isPlainInline(text)) return [{ type: "text", value: text, position: NOWHERE }];
  const row = fromMarkdown(`| |\n|-|\n|${encodeCell(text)}|`, GITHUB).children?.[0]?.children?.[1];
  return row?.children?.[0]?.children ?? [];
}

const POINT = { line: 1, column: 1, offset: 0 };
/** The place of what stands in no text. */
export const NOWHERE: MarkdownSpan = { start: POINT, end: POINT };

/** Whether a line has no character that could begin mark-up, and no space that a cell would take away: no parser is needed. */
export function isPlainInline(text: string): boolean {
  return /^[\p{L}\p{N}.,:;()'"/+%=?@#$^{}-]+(?: [\p{L}\p{N}.,:;()'"/+%=?@#$^{}-]+)*$/u.test(text);
}

/** The source of inline Markdown, as it stands in a cell: the pipes escaped, on one line. */
export function encodeCell(inline: string): string {
  return inline
    .replace(/[^\S ]*[\r\n]\s*/g, " ")
    .trim()
    .replace(/(\\*)\|/g, (all, slashes: string) => (slashes.length % 2 === 0 ? `${slashes}\\|` : all));
}

/** The inverse of encodeCell: in a table every pipe that is no border has a backslash of its own, even in code. */
export function decodeCell(source: string): string {
  return source.trim().replace(/\\\|/g, "|");
}
