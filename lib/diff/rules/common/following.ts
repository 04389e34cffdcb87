import type { Delta } from "../../delta";
import type { Json } from "../../json";
import type { RuleInput } from "../domain-rule";

/** A text that another took the place of. */
export interface Move {
  readonly before: string;
  readonly after: string;
}

/** The differences that are nothing but the moves: texts, and lists of texts, that would be equal without them. */
export function deltasThatFollow(
  { deltas }: Pick<RuleInput, "deltas">,
  moves: readonly Move[],
): readonly Delta[] {
  if (moves.length === 0) return [];
  return deltas.filter(
    ({ before, after }) =>
      isText(before) && isText(after) && JSON.stringify(moved(before, moves)) === JSON.stringify(after),
  );
}

function isText(value: Json | undefined): value is string | readonly string[] {
  return typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}

function moved(value: string | readonly string[], moves: readonly Move[]): Json {
  if (typeof value !== "string") return value.map((one) => moved(one, moves));
  return moves.reduce((text, { before, after }) => text.replaceAll(before, after), value);
}
