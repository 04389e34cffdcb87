import { endOfLuaBlock, isLuaBlock } from "./lua-block";

/** nginx's own syntax, read with its lines. https://nginx.org/en/docs/beginners_guide.html#conf_structure */

export interface NginxStatement {
  readonly name: string;
  /** Without quotes; variables as they stand. */
  readonly args: readonly string[];
  /** From 1. */
  readonly line: number;
  /** Of a block; null of a simple directive. */
  readonly block: readonly NginxStatement[] | null;
}

export interface NginxSyntax {
  /** What could be read, also where an error follows. */
  readonly statements: readonly NginxStatement[];
  readonly error: { readonly line: number; readonly text: string } | null;
}

interface Token {
  readonly kind: "word" | ";" | "{" | "}";
  readonly text: string;
  readonly line: number;
}

const MAX_DEPTH = 64;

/** Reads a configuration or a part of one. Never throws. */
export function parseNginx(text: string): NginxSyntax {
  const tokens: Token[] = [];
  const unclosed = tokenize(text, tokens);
  const root: NginxStatement[] = [];
  const open: NginxStatement[][] = [root];
  let words: Token[] = [];
  const fail = (line: number, what: string): NginxSyntax => ({
    statements: root,
    error: { line, text: what },
  });
  for (const token of tokens) {
    const siblings = open.at(-1) as NginxStatement[];
    const [name] = words;
    if (token.kind === "word") {
      words.push(token);
    } else if (token.kind === "}") {
      if (name !== undefined) return fail(name.line, `"${name.text}" is not ended by ";"`);
      if (open.length === 1) return fail(token.line, 'unexpected "}"');
      open.pop();
    } else {
      if (name === undefined) return fail(token.line, `unexpected "${token.kind}"`);
      const block: NginxStatement[] | null = token.kind === "{" ? [] : null;
      siblings.push({
        name: name.text,
        args: words.slice(1).map((each) => each.text),
        line: name.line,
        block,
      });
      if (block !== null && open.push(block) > MAX_DEPTH) return fail(token.line, "blocks too deep");
      words = [];
    }
  }
  const last = tokens.at(-1)?.line ?? 1;
  if (unclosed !== null) return fail(unclosed, "a quote is not closed");
  const [word] = words;
  if (word !== undefined) return fail(word.line, `"${word.text}" is not ended by ";"`);
  if (open.length > 1) return fail(last, 'a block is not closed by "}"');
  return { statements: root, error: null };
}

/** Every statement of that name at any depth, with the blocks around it, outermost first. */
export function findNginx(
  statements: readonly NginxStatement[],
  name: string,
  around: readonly NginxStatement[] = [],
): readonly { readonly statement: NginxStatement; readonly around: readonly NginxStatement[] }[] {
  return statements.flatMap((statement) => [
    ...(statement.name === name ? [{ statement, around }] : []),
    ...(statement.block === null ? [] : findNginx(statement.block, name, [...around, statement])),
  ]);
}

/** Of blocks in Lua the braces alone. @returns the line of a quote that is never closed */
function tokenize(text: string, tokens: Token[]): number | null {
  let line = 1;
  let at = 0;
  /** The first word since the last statement. */
  let directive: string | null = null;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === "\n") line += 1;
    if (/\s/.test(char)) {
      at += 1;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (char === ";" || char === "{" || char === "}") {
      tokens.push({ kind: char, text: char, line });
      const isLua = char === "{" && isLuaBlock(directive ?? "");
      const end = isLua ? (endOfLuaBlock(text, at) ?? text.length) : at + 1;
      line += isLua ? lineBreaks(text.slice(at, end)) : 0;
      at = end;
      directive = null;
    } else {
      const word = char === '"' || char === "'" ? quotedWord(text, at, char) : bareWord(text, at);
      if (word === null) return line;
      tokens.push({ kind: "word", text: word.text, line });
      directive ??= word.text;
      line += lineBreaks(text.slice(at, word.end));
      at = word.end;
    }
  }
  return null;
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}

function quotedWord(text: string, start: number, quote: string): { text: string; end: number } | null {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === quote) return { text: value, end: at + 1 };
    const next = text[at + 1];
    if (char === "\\" && next !== undefined) {
      // As nginx does: only these lose their backslash.
      value += next === '"' || next === "'" || next === "\\" ? next : `\\${next}`;
      at += 1;
    } else {
      value += char;
    }
  }
  return null;
}

/** A `{` right after a `$` begins `${name}`, not a block. */
function bareWord(text: string, start: number): { text: string; end: number } {
  let at = start;
  while (at < text.length && !/[\s;{}]/.test(text[at] as string)) {
    const isVariable = text[at] === "$" && text[at + 1] === "{";
    const close = isVariable ? text.indexOf("}", at) : -1;
    if (text[at] === "\\") at += 2;
    else at = close < 0 ? at + 1 + (isVariable ? 1 : 0) : close + 1;
  }
  const end = Math.min(at, text.length);
  return { text: text.slice(start, end), end };
}
