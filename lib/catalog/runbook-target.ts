import { posix } from "node:path";

/** Where a link to a runbook leads. */
export interface RunbookTarget {
  /** From the repository's root, without `.` and `..` where it does not lead out. */
  readonly file: string;
  /** Without the #; null for the whole file. */
  readonly anchor: string | null;
}

const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * A link of the catalogue as a file of the repository; null for a URL, which leads elsewhere. The catalogue's own
 * folder does not matter: what climbs at its beginning (`../../docs/runbooks/x.md`) climbs to the root.
 */
export function runbookTarget(href: string): RunbookTarget | null {
  const link = href.trim();
  if (link === "" || ABSOLUTE.test(link)) return null;
  const hash = link.indexOf("#");
  const path = hash < 0 ? link : link.slice(0, hash);
  const anchor = hash < 0 ? "" : link.slice(hash + 1);
  const below = decode(path).replace(/^(?:\.{0,2}\/)+/, "");
  const file = below === "" ? "" : posix.normalize(below);
  return file === "" ? null : { file, anchor: anchor === "" ? null : decode(anchor) };
}

/** Whether it climbs above the repository's root on its way, as `docs/../../x.md`. */
export function leadsOutside({ file }: RunbookTarget): boolean {
  return file === ".." || file.startsWith("../");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is part of a name.
    return text;
  }
}
