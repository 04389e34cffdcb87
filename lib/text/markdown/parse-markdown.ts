/** CommonMark with GitHub's tables and strikethrough: https://github.github.com/gfm/ */
import {
  fromMarkdown,
  gfmStrikethrough,
  gfmStrikethroughFromMarkdown,
  gfmTable,
  gfmTableFromMarkdown,
} from "./mdast-bundle";
import type { MarkdownNode } from "./nodes";

const GITHUB = {
  extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false })],
  mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown()],
};

/** The tree of a text, every node with its place. Nothing is an error in Markdown. */
export function parseMarkdown(text: string): MarkdownNode {
  return fromMarkdown(text, GITHUB);
}

/**
 * What stands inside one line, read as the cell of a table: `# a` and `1. b` are words here, neither heading nor list.
 * Line breaks count as spaces. The places are of no use.
 */
export function parseInline(text: string): readonly MarkdownNode[] {
  const row = parseMarkdown(`| |\n|-|\n|${encodeCell(text)}|`).children?.[0]?.children?.[1];
  return row?.children?.[0]?.children ?? [];
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
