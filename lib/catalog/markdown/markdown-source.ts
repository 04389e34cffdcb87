import type { MarkdownNode, MarkdownPoint } from "../../text/markdown/nodes";
import { decodeCell, parseMarkdown } from "../../text/markdown/parse-markdown";

/** What keeps a text from being a catalogue, and where. */
export interface MarkdownProblem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** A clause with the value in it. */
  readonly message: string;
  /** A sentence that says what to write. */
  readonly fix: string;
}

/** A heading with what stands under it, up to the next of the same depth or less. */
export interface MarkdownPart {
  readonly heading: MarkdownNode;
  readonly blocks: readonly MarkdownNode[];
}

/** A text with its tree, and what was found wrong while it was read. */
export class MarkdownSource {
  readonly blocks: readonly MarkdownNode[];
  private readonly found: MarkdownProblem[] = [];
  private readonly text: string;

  /** @param text a byte order mark is left out, and every line ends as on Unix */
  constructor(text: string) {
    this.text = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
    this.blocks = parseMarkdown(this.text).children ?? [];
  }

  get problems(): readonly MarkdownProblem[] {
    return [...this.found].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  wrong(at: MarkdownPoint, message: string, fix: string): void {
    this.found.push({ line: at.line, column: at.column, message, fix });
  }

  /** The blocks as they are written, without blank lines around them. */
  slice(blocks: readonly MarkdownNode[]): string {
    const [first] = blocks;
    const last = blocks.at(-1);
    if (first === undefined || last === undefined) return "";
    // From the line's beginning: the spaces before an indented code block are part of it.
    const start = this.text.lastIndexOf("\n", first.position.start.offset - 1) + 1;
    return this.text.slice(start, last.position.end.offset).trimEnd();
  }

  /** The source of what is inside a heading, a cell or a paragraph. */
  inside(node: MarkdownNode): string {
    const [first] = node.children ?? [];
    const last = node.children?.at(-1);
    if (first === undefined || last === undefined) return "";
    return this.text.slice(first.position.start.offset, last.position.end.offset).trim();
  }

  /** The inline Markdown that a table's cell holds. */
  cell(node: MarkdownNode): string {
    return decodeCell(this.inside(node));
  }
}

/** Splits blocks at the headings of these depths. @returns also what stands before the first of them */
export function splitAt(
  blocks: readonly MarkdownNode[],
  isBorder: (heading: MarkdownNode) => boolean,
): { readonly before: readonly MarkdownNode[]; readonly parts: readonly MarkdownPart[] } {
  const before: MarkdownNode[] = [];
  const parts: { heading: MarkdownNode; blocks: MarkdownNode[] }[] = [];
  for (const block of blocks) {
    if (block.type === "heading" && isBorder(block)) parts.push({ heading: block, blocks: [] });
    else (parts.at(-1)?.blocks ?? before).push(block);
  }
  return { before, parts };
}

export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
