/** The end of a block of Lua inside nginx's syntax. https://www.lua.org/manual/5.1/manual.html#2.1 */

/** Whether a directive's block holds Lua, not directives: `content_by_lua_block` and its like. */
export function isLuaBlock(directive: string): boolean {
  return directive.endsWith("_by_lua_block");
}

// Strings, long brackets and comments may hold braces that end nothing. One that nothing closes goes on to the end: looked
// for again from each that follows, the close that is not there would cost the square of the text.
const TOKEN =
  /--\[(=*)\[[\s\S]*?(?:\]\1\]|$)|--[^\n]*|\[(=*)\[[\s\S]*?(?:\]\2\]|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|[{}]/g;

/** The index of the brace that closes the block opened at `start`; null where none does. */
export function endOfLuaBlock(text: string, start: number): number | null {
  const token = new RegExp(TOKEN);
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === "{") depth += 1;
    else if (match[0] === "}") depth -= 1;
    if (depth === 0) return match.index;
  }
  return null;
}
