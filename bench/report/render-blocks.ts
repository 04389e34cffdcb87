import { figure } from "./figures";
import { type Bar, type Block, isMet, type Table } from "./record";

/** The blocks as Markdown. */
export function renderMarkdown(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if ("heading" in block) return `### ${block.heading}`;
      return "text" in block ? block.text : markdownTable(block.table);
    })
    .join("\n\n");
}

/** The blocks for a terminal, with columns padded to one width each. */
export function renderTerminal(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if ("heading" in block) return block.heading;
      return "text" in block ? block.text : terminalTable(block.table);
    })
    .join("\n\n");
}

/** The bars of several sections as one table. */
export function barTable(bars: readonly Bar[]): Table {
  return {
    head: ["bar", "is to be", "measured", ""],
    rows: bars.map((bar) => [
      bar.text,
      `${bar.rule} ${withUnit(bar, bar.limit)}`,
      withUnit(bar, bar.measured),
      isMet(bar) ? "met" : "**MISSED**",
    ]),
    words: [0, 1, 3],
  };
}

function withUnit({ unit }: Bar, value: number): string {
  return unit === undefined ? figure(value) : `${figure(value)} ${unit}`;
}

/** What stands in a cell cannot end it. */
function cell(text: string): string {
  return text.replace(/\|/g, "\\|").replace(/\s*\n\s*/g, " ");
}

function markdownTable(table: Table): string {
  const words = new Set(table.words ?? [0]);
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  const rule = `|${table.head.map((_, i) => (words.has(i) ? "---|" : "---:|")).join("")}`;
  return [line(table.head), rule, ...table.rows.map(line)].join("\n");
}

function terminalTable({ head, rows, words = [0] }: Table): string {
  const lines = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, i) => (words.includes(i) ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
