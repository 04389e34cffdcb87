const WIDTH = 110;

/**
 * A value as the source of a TypeScript literal, formatted as this repository's formatter would: on one line where it
 * fits, else one entry a line. A Map is a record.
 *
 * @param before on the first line
 * @param after on the last line
 */
export function renderLiteral(value: unknown, before = "", after = ""): string {
  return literal(value, 0, before.length, after.length);
}

function literal(value: unknown, depth: number, used: number, after: number): string {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return String(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const entries = entriesOf(value);
  if (entries.length === 0) return open + close;
  if (!mustBreak(value)) {
    const inline = entries
      .map(({ key, item }) => key + literal(item, 0, Number.NEGATIVE_INFINITY, 0))
      .join(", ");
    const line = isList ? `[${inline}]` : `{ ${inline} }`;
    if (used + line.length + after <= WIDTH) return line;
  }
  const indent = "  ".repeat(depth + 1);
  const lines = entries.map(({ key, item }) => {
    const source = literal(item, depth + 1, indent.length + key.length, 1);
    // A text that is too long for its line gets one of its own.
    const isLong = typeof item === "string" && indent.length + key.length + source.length + 1 > WIDTH;
    return `${indent}${isLong && key !== "" ? `${key.trimEnd()}\n${indent}  ` : key}${source},\n`;
  });
  return `${open}\n${lines.join("")}${"  ".repeat(depth)}${close}`;
}

function entriesOf(value: object): readonly { readonly key: string; readonly item: unknown }[] {
  if (Array.isArray(value)) return value.map((item: unknown) => ({ key: "", item }));
  const fields: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  return [...fields].map(([name, item]) => ({ key: `${property(String(name))}: `, item }));
}

/** A list of several records with several fields each is a table: a row a line. So is what holds one. */
function mustBreak(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const items = entriesOf(value).map(({ item }) => item);
  if (items.some(mustBreak)) return true;
  if (!Array.isArray(value)) return value instanceof Map;
  const isRecord = (item: unknown): boolean =>
    typeof item === "object" && item !== null && entriesOf(item).length > 1;
  return items.length > 1 && items.every(isRecord);
}

function property(name: string): string {
  // Written plainly, it would set the prototype.
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name);
}

/** In the quotes that need fewer escapes. */
function text(value: string): string {
  const doubles = value.split('"').length;
  const singles = value.split("'").length;
  const source = JSON.stringify(value);
  if (doubles <= singles) return source;
  return `'${source.slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
}
