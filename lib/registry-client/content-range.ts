/** `start` and `end` are null where no part was sent (416), `total` where the server does not know it. */
export interface ContentRange {
  readonly start: number | null;
  readonly end: number | null;
  readonly total: number | null;
}

/**
 * Reads `bytes 5-9/10`, with a star for either side of the slash; null for anything else.
 * https://www.rfc-editor.org/rfc/rfc9110#field.content-range
 */
export function parseContentRange(value: string | undefined): ContentRange | null {
  const match = /^\s*bytes\s+(?:([0-9]{1,15})-([0-9]{1,15})|\*)\/([0-9]{1,15}|\*)\s*$/i.exec(value ?? "");
  if (match === null) return null;
  const [, start, end, total] = match;
  return {
    start: start === undefined ? null : Number(start),
    end: end === undefined ? null : Number(end),
    total: total === undefined || total === "*" ? null : Number(total),
  };
}
