import { isObject } from "../oci/descriptor";
import { Digest } from "../oci/digest";
import type { Finding } from "./report";

/** Known damage that is not to page anybody until a date. */
export interface Acceptance {
  readonly repository: string;
  /** The broken object; null: the tag that does not resolve. */
  readonly digest: string | null;
  /** Set where `digest` is null. */
  readonly tag: string | null;
  /** The first moment at which it counts again; epoch milliseconds. */
  readonly untilMs: number;
  /** As written in the file. */
  readonly until: string;
  readonly reason: string;
}

/** What is wrong with an accept file: where and how to fix it. */
export class AcceptFileError extends Error {
  override readonly name = "AcceptFileError";
}

/**
 * Reads `{"accept":[{"repository","digest" or "tag","until","reason"}]}`; `until` is a date (the end of that day,
 * UTC) or an RFC 3339 time.
 * @throws AcceptFileError naming the first entry that is wrong
 */
export function parseAcceptFile(text: string): Acceptance[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AcceptFileError(
      'must be JSON: {"accept":[{"repository":"…","digest":"sha256:…","until":"2026-12-31","reason":"…"}]}',
    );
  }
  if (!isObject(json) || !Array.isArray(json.accept))
    throw new AcceptFileError('must be an object with an array "accept"');
  return json.accept.map((entry, i) => parseEntry(entry, `accept[${i}]`));
}

function parseEntry(entry: unknown, path: string): Acceptance {
  if (!isObject(entry)) throw new AcceptFileError(`${path} must be an object`);
  const text = (key: string): string | null => {
    const value = entry[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const repository = text("repository");
  const digest = text("digest");
  const tag = text("tag");
  const until = text("until");
  const reason = text("reason");
  if (repository === null) throw new AcceptFileError(`${path}.repository must name a repository`);
  if ((digest === null) === (tag === null))
    throw new AcceptFileError(`${path} must have either "digest" or "tag"`);
  if (digest !== null && Digest.parse(digest) === null)
    throw new AcceptFileError(`${path}.digest must be sha256:<64 hex>`);
  if (reason === null) throw new AcceptFileError(`${path}.reason must say why`);
  const isDate = until !== null && /^\d{4}-\d{2}-\d{2}$/.test(until);
  const untilMs = until === null ? Number.NaN : Date.parse(isDate ? `${until}T23:59:59.999Z` : until);
  if (until === null || Number.isNaN(untilMs))
    throw new AcceptFileError(`${path}.until must be a date as 2026-12-31`);
  return { repository, digest, tag, untilMs, until, reason };
}

/** The acceptance that covers the damage at that time, or null. */
export function acceptanceOf(
  finding: Finding,
  acceptances: readonly Acceptance[],
  nowMs: number,
): Acceptance | null {
  const covers = (entry: Acceptance): boolean =>
    entry.repository === finding.repository &&
    entry.untilMs > nowMs &&
    (finding.digest === null
      ? entry.tag !== null && finding.tags.includes(entry.tag)
      : entry.digest === finding.digest);
  return acceptances.find(covers) ?? null;
}
