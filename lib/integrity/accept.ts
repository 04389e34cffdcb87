import { printable } from "../core/printable";
import { parseUntil } from "../core/until";
import { isObject } from "../oci/descriptor";
import { Digest } from "../oci/digest";
import { isRepositoryName, isTag } from "../oci/reference";
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
  const refuse = (key: string, rule: string): never => {
    const got = entry[key] === undefined ? "nothing" : printable(JSON.stringify(entry[key]));
    throw new AcceptFileError(`${path}.${key} must ${rule}, got ${got}`);
  };
  if (repository === null || !isRepositoryName(repository)) {
    return refuse("repository", "be a repository name as team/app");
  }
  if ((digest === null) === (tag === null))
    throw new AcceptFileError(`${path} must have either "digest" or "tag"`);
  if (digest !== null && Digest.parse(digest) === null) {
    return refuse("digest", "be sha256:<64 hex> or sha512:<128 hex>");
  }
  if (tag !== null && !isTag(tag)) return refuse("tag", "be a tag");
  if (reason === null) return refuse("reason", "say why");
  const untilMs = until === null ? null : parseUntil(until);
  if (until === null || untilMs === null) {
    return refuse("until", "be a date as 2026-12-31 or an RFC 3339 time");
  }
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
