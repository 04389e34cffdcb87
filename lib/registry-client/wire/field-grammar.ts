/**
 * The bytes that a header's name and value may be made of.
 * https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
 */

const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[char.charCodeAt(0)] = 1;
}

const VALUE = new Uint8Array(256).fill(1, 0x20).fill(1, 0x09, 0x0a);
VALUE[0x7f] = 0;

export const CR = 0x0d;
export const LF = 0x0a;

/** Whether a character may stand in a name; false beyond the end of a text, where the code is NaN. */
export function isTokenCode(code: number): boolean {
  return TOKEN[code] === 1;
}

/** Whether a character may stand in a value: no control character but the tabulator, nothing beyond Latin-1. */
export function isValueCode(code: number): boolean {
  return VALUE[code] === 1;
}
