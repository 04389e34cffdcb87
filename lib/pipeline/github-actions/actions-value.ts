/**
 * Values of a workflow. Text is never an expression, whatever characters it holds.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 */
export type ActionsValue = string | { readonly secret: string } | { readonly expression: string };

/** What GitHub evaluates at most: a text with an expression in it counts whole. */
export const MAX_EXPRESSION_LENGTH = 21_000;

const OPENING = "\u0024{{";

/** The value as it stands in the file. */
export function formatActionsValue(value: ActionsValue): string {
  if (typeof value === "string") return escapeActionsText(value);
  return "secret" in value ? `\${{ secrets.${value.secret} }}` : `\${{ ${value.expression} }}`;
}

/** Text that GitHub leaves as it is meant: `${{` begins an expression wherever it stands, in a script too. */
export function escapeActionsText(text: string): string {
  return text.replaceAll(OPENING, () => `${OPENING} '${OPENING}' }}`);
}
