import type { Change, Grade } from "../change";
import { type Delta, ORDER } from "../delta";
import type { Json } from "../json";
import { isStateBlock } from "../renames/state-blocks";
import { maskDelta } from "../secret-values";
import { placeLabel } from "./place-label";
import { showPath, showText, showValue, showWhere } from "./show-value";
import { textDifference } from "./text-difference";
import { olderPlace, type WordingContext } from "./wording-context";

const MAX_VALUE_LENGTH = 200;
/** In a sentence. */
const MAX_QUOTE_LENGTH = 80;
/** What is shown before the place where two long values begin to differ. */
const QUOTE_CONTEXT = 20;
const MAX_COMPARED = 20_000;

/** Keys whose text is for people alone. */
const PROSE = /^(?:description|summary|message|title|help|comment|note|notes|markdown)$/i;
const PROSE_FILE = /\.(?:md|markdown|txt|html)$/i;
const LABELS = /^(?:labels|annotations)$/;

export type ValueKind = "value_added" | "value_removed" | "value_changed" | "text_changed" | "order_changed";

export function valueKind({ place, path, before, after }: Delta): ValueKind {
  if (path.at(-1) === ORDER) return "order_changed";
  if (before === undefined) return "value_added";
  if (after === undefined) return "value_removed";
  const file = path.length > 0 ? path.at(-1) : place.kind === "artifact" ? place.path : "";
  const isText = typeof before === "string" && typeof after === "string";
  return isText && (PROSE.test(file ?? "") || PROSE_FILE.test(file ?? "")) ? "text_changed" : "value_changed";
}

/** What no rule knows asks to be looked at; words, labels and order do not change what is done. */
export function valueGrade(delta: Delta): Grade {
  const kind = valueKind(delta);
  if (kind === "text_changed" || kind === "order_changed") return "info";
  if (delta.place.kind === "settings") return isStateBlock(delta.path[0] ?? "") ? "info" : "notice";
  return delta.path.some((segment) => LABELS.test(segment) || PROSE.test(segment)) ? "info" : "notice";
}

/** One difference inside a resource, a stack's settings or an artifact. */
export function wordValue(delta: Delta, context: WordingContext): Change {
  const { before, after } = maskDelta(delta, context.base, context.head, olderPlace(delta.place, context));
  const path = showPath(delta.path.at(-1) === ORDER ? delta.path.slice(0, -1) : delta.path);
  const label = placeLabel(delta.place, context);
  const subject = path === "" ? label : `${label}: ${path}`;
  const common = { grade: valueGrade(delta), kind: valueKind(delta), where: showWhere(delta) };
  if (isLongText(before) && isLongText(after)) return { ...common, ...wordLines(subject, before, after) };
  return {
    ...common,
    before: before === undefined ? null : showValue(before, MAX_VALUE_LENGTH),
    after: after === undefined ? null : showValue(after, MAX_VALUE_LENGTH),
    text: sentence(subject, common.kind, before, after),
  };
}

function sentence(
  subject: string,
  kind: ValueKind,
  before: Json | undefined,
  after: Json | undefined,
): string {
  const older = before === undefined ? "" : quote(before);
  const newer = after === undefined ? "" : quote(after);
  if (kind === "order_changed") return `${subject} stands in another order: ${newer} instead of ${older}.`;
  if (before === undefined) return `${subject} is new: ${newer}.`;
  if (after === undefined) return `${subject} is gone: it was ${older}.`;
  if (older !== newer) return `${subject} changes from ${older} to ${newer}.`;
  const [from, to] = whereTheyDiffer(before, after);
  if (from !== to) return `${subject} changes from ${from} to ${to}.`;
  return `${subject} changes in what is not shown here.`;
}

/** From a little before the first difference on, so that what is cut to be shown still differs. */
function whereTheyDiffer(before: Json, after: Json): readonly [string, string] {
  const [older, newer] = [showValue(before, MAX_COMPARED), showValue(after, MAX_COMPARED)];
  let same = 0;
  while (same < older.length && older[same] === newer[same]) same += 1;
  const from = Math.max(0, same - QUOTE_CONTEXT);
  const cut = (text: string): string => showText(`…${text.slice(from)}`, MAX_QUOTE_LENGTH);
  return [cut(older), cut(newer)];
}

function quote(value: Json): string {
  return value === "" ? "an empty text" : showValue(value, MAX_QUOTE_LENGTH);
}

function isLongText(value: Json | undefined): value is string {
  return typeof value === "string" && /\n[^\n]/.test(value);
}

/** The lines alone that differ. */
function wordLines(
  subject: string,
  before: string,
  after: string,
): Pick<Change, "before" | "after" | "text"> {
  const { removed, added, hunks, firstLine } = textDifference(before, after);
  const places = hunks === 1 ? `at line ${firstLine}` : `in ${hunks} places, first at line ${firstLine}`;
  const counts = `${lines(removed.length)} removed and ${lines(added.length)} added`;
  const first = [
    ...removed.slice(0, 1).map((line) => `- ${line}`),
    ...added.slice(0, 1).map((line) => `+ ${line}`),
  ];
  const shown = first.map((line) => showText(line, MAX_QUOTE_LENGTH)).join(" ");
  return {
    before: removed.length === 0 ? null : showText(removed.join("\n"), MAX_VALUE_LENGTH),
    after: added.length === 0 ? null : showText(added.join("\n"), MAX_VALUE_LENGTH),
    text:
      hunks === 0
        ? `${subject} changes in what is not shown here.`
        : `${subject} differs ${places}: ${counts}: ${shown}`,
  };
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
