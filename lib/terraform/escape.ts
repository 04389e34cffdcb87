/**
 * Terraform reads every string of its JSON syntax as a template, keys of maps included.
 * https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 * https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
 */

/** What a plain value in a configuration is made of. */
export type TerraformValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly TerraformValue[]
  | { readonly [key: string]: TerraformValue };

/** How CDKTF writes an unresolved value into a string. */
const TOKEN = /\$\{TfToken\[[A-Za-z0-9:._-]+\]\}/;
const SPECIAL = /\$\{|%\{/g;
const SPECIAL_AMONG_TOKENS = new RegExp(`${TOKEN.source}|\\$+(?=${TOKEN.source})|\\$+(?=\\{)|%\\{`, "g");

/** Whether the text has a value in it that only Terraform or a later step of synthesis knows. */
export function hasToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * The text such that Terraform's value is exactly `text`, with CDKTF's tokens left to be resolved. Escaping twice
 * is wrong: call it once, with the whole text, where it enters a resource.
 */
export function escapeTerraform(text: string): string {
  if (!hasToken(text)) return text.replace(SPECIAL, (match) => match.charAt(0) + match);
  return text.replace(SPECIAL_AMONG_TOKENS, (match) => {
    if (match === "%{") return "%%{";
    // CDKTF takes $${ for an expression that is open until the next }, and resolves a token in it as a part of it.
    // And a $ before a token would turn its ${ into an escape. So $ becomes an expression of its own.
    return match.endsWith("$") ? `\${"${match}"}` : match;
  });
}

/** Escapes keys and values, as labels and annotations need it. */
export function escapeTerraformMap(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [escapeTerraform(key), escapeTerraform(value)]),
  );
}

/** Escapes every string of a nested value, keys included, as the body of a `kubernetes_manifest` needs it. */
export function escapeTerraformTree(value: { readonly [key: string]: TerraformValue }): {
  [key: string]: TerraformValue;
} {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [escapeTerraform(key), escapeItem(item)]),
  );
}

function escapeItem(value: TerraformValue): TerraformValue {
  if (typeof value === "string") return escapeTerraform(value);
  if (Array.isArray(value)) return value.map(escapeItem);
  return isPlainObject(value) ? escapeTerraformTree(value) : value;
}

/** An object of a class is one of CDKTF's resolvables, whatever its type says. */
function isPlainObject(value: TerraformValue): value is { readonly [key: string]: TerraformValue } {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
