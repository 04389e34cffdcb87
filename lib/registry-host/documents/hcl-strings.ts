/** The strings of a Terraform file and where they stand. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md */

export interface HclString {
  /** Escapes of quotes and line breaks undone; templates as they stand. */
  readonly text: string;
  /** Of a heredoc: of its first line of content. From 1. */
  readonly line: number;
  readonly isHeredoc: boolean;
  /** `image` of `image = "…"`; null in a block's header or a call. */
  readonly attribute: string | null;
  /** Headers of the blocks and objects around it, outermost first: `resource "x" "y"`, `provisioner "file"`. */
  readonly blocks: readonly string[];
  /** The same number for the elements of one list; null outside of lists. */
  readonly list: number | null;
  /** The same number for the strings of one block or object. */
  readonly block: number;
}

interface Frame {
  readonly header: string;
  readonly isList: boolean;
  readonly id: number;
  readonly attribute: string | null;
}

/** Of what stands before a string or a brace: longer is data, not configuration. */
const MAX_HEADER = 300;
const MAX_DEPTH = 60;

const HEREDOC = /<<(-?)([A-Za-z_]\w*)[ \t]*\r?\n/y;

/** Every string in the order in which they stand. Never throws: what is no HCL gives few strings. */
export function hclStrings(text: string): readonly HclString[] {
  const found: HclString[] = [];
  const frames: Frame[] = [];
  let line = 1;
  let at = 0;
  let ids = 0;
  /** Of the statement that is being read. */
  let statement = "";
  const add = (value: string, where: number, isHeredoc: boolean): void => {
    const frame = frames.at(-1);
    const own = /([\w.-]+)"?\s*[=:]\s*(?:[\w.]+\()*\s*$/.exec(statement)?.[1] ?? null;
    const isListed = frame?.isList === true;
    found.push({
      text: value,
      line: where,
      isHeredoc,
      attribute: own ?? (isListed ? (frame?.attribute ?? null) : null),
      blocks: frames.filter((each) => !each.isList).map((each) => each.header),
      list: isListed ? (frame?.id ?? null) : null,
      block: frames.filter((each) => !each.isList).at(-1)?.id ?? 0,
    });
  };
  while (at < text.length) {
    const char = text[at] as string;
    HEREDOC.lastIndex = at;
    const heredoc = char === "<" ? HEREDOC.exec(text) : null;
    if (heredoc !== null) {
      const start = at + heredoc[0].length;
      const close = new RegExp(`^[ \\t]*${heredoc[2]}[ \\t]*\\r?$`, "m").exec(text.slice(start));
      const end = close === null ? text.length : start + close.index;
      add(text.slice(start, end).replace(/\r?\n$/, ""), line + 1, true);
      const next = close === null ? text.length : end + close[0].length;
      line += count(text, at, next);
      at = next;
    } else if (char === "#" || text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      const next = end < 0 ? text.length : end + 2;
      line += count(text, at, next);
      at = next;
    } else if (char === '"') {
      const end = closingQuote(text, at);
      const raw = text.slice(at + 1, end);
      add(withoutEscapes(raw), line, false);
      statement = `${statement}"${raw}"`.slice(-MAX_HEADER);
      line += count(text, at, end);
      at = end + 1;
    } else {
      if ((char === "{" || char === "[") && frames.length < MAX_DEPTH) {
        ids += 1;
        const header = statement.trim();
        const attribute = /([\w.-]+)"?\s*[=:]\s*(?:[\w.]+\()*\s*$/.exec(statement)?.[1] ?? null;
        frames.push({ header, isList: char === "[", id: ids, attribute });
      } else if (char === "}" || char === "]") {
        frames.pop();
      }
      const isBreak =
        char === "\n" || char === "{" || char === "}" || char === "[" || char === "]" || char === ",";
      statement = isBreak ? "" : statement.length < MAX_HEADER ? statement + char : statement;
      if (char === "\n") line += 1;
      at += 1;
    }
  }
  return found;
}

/** The quote that ends a string: one inside `${ … }` does not. */
function closingQuote(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if ((char === "$" || char === "%") && text[at + 1] === "{") {
      depth += 1;
      at += 1;
    } else if (char === "}" && depth > 0) depth -= 1;
    else if (char === '"' && depth === 0) return at;
    // A string has no line breaks: its quote is missing.
    else if (char === "\n") return at - 1;
  }
  return text.length;
}

function withoutEscapes(raw: string): string {
  return raw.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
}

function count(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at += 1) if (text[at] === "\n") lines += 1;
  return lines;
}
