/**
 * The Link header, by which a list is paged.
 * https://www.rfc-editor.org/rfc/rfc8288#section-3
 */

const SEPARATORS = /[\s,]*/y;
const REFERENCE = /<([^<>]*)>/y;
const PARAMETER = /\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/sy;

/** The reference of the first link whose `rel` holds `next`, as written; null where there is none. */
export function nextLink(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null;
  const text = typeof header === "string" ? header : header.join(", ");
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SEPARATORS);
    const reference = take(REFERENCE)?.[1];
    if (reference === undefined) return null;
    for (let parameter = take(PARAMETER); parameter !== null; parameter = take(PARAMETER)) {
      const [, name, quoted, plain] = parameter;
      if (name?.toLowerCase() !== "rel") continue;
      const relations = (quoted ?? plain ?? "").toLowerCase().split(/\s+/);
      if (relations.includes("next")) return reference;
    }
  }
}
