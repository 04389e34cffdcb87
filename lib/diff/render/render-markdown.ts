import { type Change, type Grade, isAtLeast, type OutputDiff } from "../change";
import { codeMarkup, proseMarkup } from "./escape-markup";
import { countsText, gradeGroups } from "./grade-groups";
import { saysBothValues, valueLines } from "./value-lines";

/** First line of every comment: by it the next run finds the comment that it brings up to date. */
export const DIFF_COMMENT_MARKER = "<!-- tallyman diff -->";

/** A forge takes fewer than 65,536; the rest is for what a proxy or a bot adds. */
const MAX_CHARACTERS = 65_000;
const MAX_WORST = 10;

const TITLES: Readonly<Record<Grade, string>> = {
  danger: "Danger",
  risk: "Risk",
  notice: "Notice",
  info: "Info",
  none: "No change",
};

/**
 * A comment on a pull request: the verdict and the worst changes, all of them folded below. The same diff gives the
 * same text, and no text of an output is markup in it.
 *
 * @param maxCharacters default 65,000
 */
export function renderDiffMarkdown(diff: OutputDiff, maxCharacters = MAX_CHARACTERS): string {
  const head = [DIFF_COMMENT_MARKER, "", `### Synthesized output: ${TITLES[diff.grade].toLowerCase()}`, ""];
  if (diff.changes.length === 0) {
    return lines([...head, "Base and head synthesize to the same."]);
  }
  const worst = gradeGroups(diff)
    .filter(({ grade }) => isAtLeast(grade, "notice"))
    .flatMap(({ changes }) => changes.slice(0, MAX_WORST))
    .slice(0, MAX_WORST)
    .map(worstLine);
  const shown = fitting(worst, maxCharacters / 3);
  const top = lines([...head, `${countsText(diff)}.`, "", ...shown, ...(shown.length > 0 ? [""] : [])]);
  return top + folded(diff, maxCharacters - top.length);
}

function folded(diff: OutputDiff, room: number): string {
  const start = lines([`<details><summary>All changes: ${countsText(diff)}</summary>`, ""]);
  const end = lines(["</details>"]);
  const all = diff.changes.length;
  const rows = gradeGroups(diff).flatMap(({ grade, changes }) =>
    changes.map((change, at) => {
      const title = at === 0 ? lines([`**${TITLES[grade]} (${changes.length})**`, ""]) : "";
      const isLast = at === changes.length - 1;
      return lines([`${title}${changeLine(change)}`, ...(isLast ? [""] : [])]);
    }),
  );
  const shown = fitting(rows, room - start.length - end.length - cutNote(all).length);
  const cut = all - shown.length;
  return start + shown.join("") + (cut > 0 ? cutNote(cut) : "") + end;
}

/** The first rows, as many as have room together. */
function fitting(rows: readonly string[], room: number): readonly string[] {
  let used = 0;
  const end = rows.findIndex((row) => {
    used += row.length + 1;
    return used > room;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

function cutNote(count: number): string {
  return lines(["", `… and ${count} more, cut to fit: \`tallyman diff\` lists them all.`, ""]);
}

function worstLine({ grade, where, text }: Change): string {
  return `- **${grade}** ${proseMarkup(text, 300)} ${codeMarkup([where])}`;
}

/** One line: what may be markup at a line's start never stands there. */
function changeLine(change: Change): string {
  const { kind, where, before, after, text } = change;
  const values = saysBothValues(change)
    ? ""
    : `<br>${valueMarkup(before, "nothing")} → ${valueMarkup(after, "nothing")}`;
  return `- ${codeMarkup([kind])} ${codeMarkup([where])}<br>${proseMarkup(text)}${values}`;
}

function valueMarkup(value: string | null, absent: string): string {
  if (value === null) return absent;
  return value === "" ? "empty" : codeMarkup(valueLines(value));
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
