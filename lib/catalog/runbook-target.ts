/** Where a link to a runbook leads. */
export interface RunbookTarget {
  /** From the repository's root. */
  readonly file: string;
  /** Without the #; null for the whole file. */
  readonly anchor: string | null;
}

const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * A link of the catalogue as a file of the repository; null for a URL, which leads elsewhere. The catalogue's own
 * folder does not matter: what climbs (`../../docs/runbooks/x.md`) climbs to the root.
 */
export function runbookTarget(href: string): RunbookTarget | null {
  const link = href.trim();
  if (link === "" || ABSOLUTE.test(link)) return null;
  const hash = link.indexOf("#");
  const path = hash < 0 ? link : link.slice(0, hash);
  const anchor = hash < 0 ? "" : link.slice(hash + 1);
  const file = decode(path).replace(/^(?:\.{0,2}\/)+/, "");
  return file === "" ? null : { file, anchor: anchor === "" ? null : decode(anchor) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is part of a name.
    return text;
  }
}
