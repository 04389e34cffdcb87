/**
 * Text from a registry, made fit for a terminal or a log line: control characters, line and paragraph separators,
 * bidirectional overrides and lone surrogates become visible escapes, and what is too long is cut.
 *
 * @param maxLength in UTF-16 units, default 300
 */
export function printable(text: string, maxLength = 300): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
