/** Damage that is known, and is not to page anybody until a date. */
export type AcceptedDamage = AcceptedObject | AcceptedTag;

interface Acceptance {
  readonly repository: string;
  /** `2026-12-31`, the end of that day in UTC, or an RFC 3339 time: from then on it pages again. */
  readonly until: string;
  /** Why nobody has to act before; for whoever reads the report. */
  readonly reason: string;
}

export interface AcceptedObject extends Acceptance {
  /** Of the broken object itself, as a report names it. */
  readonly digest: string;
  readonly tag?: never;
}

export interface AcceptedTag extends Acceptance {
  /** A tag that does not resolve, and so has no digest. */
  readonly tag: string;
  readonly digest?: never;
}

/** The text of an accept file, as `--accept-file` reads it; the same entries give the same bytes. */
export function renderAcceptFile(accept: readonly AcceptedDamage[]): string {
  const entries = accept.map(({ repository, digest, tag, until, reason }) => ({
    repository,
    ...(digest === undefined ? { tag } : { digest }),
    until,
    reason,
  }));
  return `${JSON.stringify({ accept: entries }, null, 2)}\n`;
}
