/**
 * Terraform's templates in JSON strings, undone to the text that they mean.
 * https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
 */

/** Leftmost first: of `$$${` the last three are the escape. */
const SEQUENCE = /\$\$\{|%%\{|\$\{|%\{/g;
const LIVE = /(?<!\$)\$\{|(?<!%)%\{/;

/** Stands behind the brace of what Terraform evaluates in a text whose escapes are undone: `${terraform:var.name}`. */
export const LIVE_MARK = "terraform:";

/** Whether Terraform evaluates anything in the string. */
export function isTemplate(raw: string): boolean {
  return LIVE.test(raw);
}

/** The text that Terraform makes of it, where it evaluates nothing; what it evaluates stays as it is. */
export function unescapeTemplate(raw: string): string {
  return raw.replace(SEQUENCE, (found) => (found.length === 3 ? found.slice(1) : found));
}

/**
 * As `unescapeTemplate`, with what Terraform evaluates marked: `${x}` that is evaluated and `$${x}` that is not are
 * different texts afterwards too.
 */
export function markTemplate(raw: string): string {
  return raw.replace(SEQUENCE, (found) => (found.length === 3 ? found.slice(1) : `${found}${LIVE_MARK}`));
}
