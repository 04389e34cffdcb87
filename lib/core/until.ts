const UNTIL = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})))?$/;
const DAY_MS = 86_400_000;

/**
 * The first moment after a date (`2026-12-31`, the whole day in UTC) or an RFC 3339 time, in epoch milliseconds; null
 * where the text is neither. Strict, as Date.parse alone reads "12" and turns 31 February into March.
 */
export function parseUntil(text: string): number | null {
  const match = UNTIL.exec(text);
  if (match === null) return null;
  const [, date, time] = match;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(`${date}T`)) return null;
  if (time === undefined) return midnight + DAY_MS;
  const ms = Date.parse(`${date}T${time.toUpperCase()}`);
  return Number.isNaN(ms) ? null : ms;
}
