/**
 * How long a server asks to wait.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 *
 * @param value whole seconds or an HTTP date
 * @param nowMs epoch milliseconds
 * @returns milliseconds from now, 0 or more; null when the value says nothing
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  // A bare number or a year would be a date for Date.parse: the format begins with a day's name.
  if (!/^[A-Z][a-z]{2}/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
