import { printable } from "../../core/printable";
import type { Change, Grade, OutputDiff } from "../change";
import { countsText, gradeGroups } from "./grade-groups";
import { saysBothValues, valueLines } from "./value-lines";

const MAX_ROWS = 200;

/** SGR parameters of ECMA-48. */
const COLOURS: Readonly<Record<Grade, string>> = {
  danger: "1;31",
  risk: "31",
  notice: "33",
  info: "36",
  none: "2",
};
const FAINT = "2";
const REMOVED = "31";
const ADDED = "32";

type Paint = (sgr: string, text: string) => string;

/** The changes for people, worst first, the verdict last. Nothing of an output reaches the terminal unescaped. */
export function renderDiffTerminal(
  diff: OutputDiff,
  { isColoured }: { readonly isColoured: boolean },
): string {
  const paint: Paint = (sgr, text) => (isColoured ? `\u001b[${sgr}m${text}\u001b[0m` : text);
  const lines: string[] = [];
  for (const { grade, changes } of gradeGroups(diff)) {
    lines.push(paint(COLOURS[grade], `${grade.toUpperCase()} (${changes.length})`));
    for (const change of changes.slice(0, MAX_ROWS)) lines.push(...changeLines(change, paint));
    const rest = changes.length - MAX_ROWS;
    if (rest > 0) lines.push(`  … and ${rest} more: --format json lists them`);
    lines.push("");
  }
  const verdict =
    diff.grade === "none" ? countsText(diff) : `${diff.grade.toUpperCase()}: ${countsText(diff)}`;
  return `${[...lines, paint(COLOURS[diff.grade], verdict)].join("\n")}\n`;
}

function changeLines(change: Change, paint: Paint): string[] {
  const { kind, where, text, before, after } = change;
  const values = saysBothValues(change)
    ? []
    : [
        ...valueLines(before).map((line) => paint(REMOVED, `    - ${line}`)),
        ...valueLines(after).map((line) => paint(ADDED, `    + ${line}`)),
      ];
  return [
    `  ${printable(kind, 64)}  ${paint(FAINT, printable(where))}`,
    `    ${printable(text, 600)}`,
    ...values,
  ];
}
