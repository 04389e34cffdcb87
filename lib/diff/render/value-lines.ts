import { printable } from "../../core/printable";
import type { Change } from "../change";

const MAX_LINES = 8;
const MAX_LINE_LENGTH = 200;

/** Fit to be read: what is long is cut, with a line that says so. Empty for null. */
export function valueLines(value: string | null): readonly string[] {
  if (value === null) return [];
  const lines = value.replace(/\r?\n$/, "").split(/\r?\n/);
  const shown = lines.slice(0, MAX_LINES).map((line) => printable(line, MAX_LINE_LENGTH));
  const rest = lines.length - shown.length;
  return rest > 0 ? [...shown, `… and ${rest} more lines`] : shown;
}

/** The sentence often has both values in it already: they are not shown twice. */
export function saysBothValues({ text, before, after }: Change): boolean {
  // `39 → 129 min`: the unit of both stands behind the second.
  const [number, unit] = before?.split(" ") ?? [];
  if (unit !== undefined && after?.endsWith(` ${unit}`) && text.includes(`${number} → ${after}`)) return true;
  return [before, after].every((value) => value === null || (value !== "" && text.includes(value)));
}
