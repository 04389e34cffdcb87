/**
 * The value as one word of a POSIX shell, whatever is in it but NUL, which no argument can hold.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02
 */
export function shellQuote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** A function of the shell that prints each value on a line of its own; nothing for none. */
export function shellList(name: string, values: readonly string[]): string {
  const body = values.length === 0 ? ":" : `printf '%s\\n' ${values.map(shellQuote).join(" ")}`;
  return `${name}() { ${body}; }`;
}
