import type { MarkdownNode } from "../../text/markdown/nodes";
import { type MarkdownPart, type MarkdownSource, shown } from "./markdown-source";

/** A row of a table whose columns are those expected. */
export interface TableRow {
  readonly cells: readonly MarkdownNode[];
  /** Inline Markdown, one for each cell. */
  readonly sources: readonly string[];
}

/** A part with one table; what stands before and behind it is kept as it is written. */
export interface TablePart {
  readonly rows: readonly TableRow[];
  readonly intro: string;
  readonly tail: string;
}

export function isTableOf(source: MarkdownSource, block: MarkdownNode, columns: readonly string[]): boolean {
  const names = headOf(source, block);
  return names.length === columns.length && columns.every((column, at) => isSame(names[at], column));
}

/** Looks as if it was meant to be one, with a column misspelt or one too many. */
export function resemblesTableOf(
  source: MarkdownSource,
  block: MarkdownNode,
  columns: readonly string[],
): boolean {
  const names = headOf(source, block);
  return columns.filter((column) => names.some((name) => isSame(name, column))).length >= 2;
}

/** @returns null where the part has no such table, which is then told */
export function readTablePart(
  source: MarkdownSource,
  part: MarkdownPart,
  columns: readonly string[],
): TablePart | null {
  const head = `| ${columns.join(" | ")} |`;
  const at = part.blocks.findIndex((block) => isTableOf(source, block, columns));
  const table = part.blocks[at];
  if (table === undefined) {
    const wrong = part.blocks.find(({ type }) => type === "table");
    const title = shown(source.inside(part.heading));
    const problem =
      wrong === undefined ? `${title} has no table` : `the columns of ${title} are not ${columns.join(", ")}`;
    source.wrong((wrong ?? part.heading).position.start, problem, `Write a table that begins ${head}.`);
    return null;
  }
  const tail = part.blocks.slice(at + 1);
  for (const more of tail.filter((block) => isTableOf(source, block, columns))) {
    const fix = "Join it with the first, or put it under a ## heading of its own.";
    source.wrong(more.position.start, "this is the second table of its kind under one heading", fix);
  }
  const rows = (table.children ?? []).slice(1).flatMap((row) => {
    const cells = row.children ?? [];
    if (cells.length === columns.length) return [{ cells, sources: cells.map((cell) => source.cell(cell)) }];
    const fix = `Write ${columns.length}, as ${head}; a | inside a cell is \\|, and text below a table needs a blank line before it.`;
    source.wrong(row.position.start, `this row has ${cells.length} cells`, fix);
    return [];
  });
  return { rows, intro: source.slice(part.blocks.slice(0, at)), tail: source.slice(tail) };
}

function headOf(source: MarkdownSource, block: MarkdownNode): readonly string[] {
  if (block.type !== "table") return [];
  return (block.children?.[0]?.children ?? []).map((cell) => source.cell(cell));
}

function isSame(name: string | undefined, column: string): boolean {
  return name?.toLowerCase() === column.toLowerCase();
}
