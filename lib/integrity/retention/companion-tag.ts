/**
 * Tags that stand for something about another image: the referrers tag schema, and cosign's names.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
import { Digest } from "../../oci/digest";

const COMPANION = /^(sha256|sha512)-([0-9a-f]{64,128})(?:\.[a-z0-9._-]+)?$/i;

/** What a companion tag and its subject have in common: algorithm and the first 64 digits, as the schema cuts them. */
export function companionKey(digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  return `${algorithm}-${hex.slice(0, 64)}`;
}

export interface CompanionSubject {
  /** As `companionKey` of the subject's digest. */
  readonly key: string;
  /** null where the tag does not hold the digest whole (sha512 in the schema's short form). */
  readonly digest: Digest | null;
}

/** Whom a tag such as `sha256-<hex>` or `sha256-<hex>.sig` accompanies; null for every other tag. */
export function companionSubject(tag: string): CompanionSubject | null {
  const match = COMPANION.exec(tag);
  if (match === null) return null;
  const [, algorithm = "", hex = ""] = match.map((part) => part?.toLowerCase());
  return { key: `${algorithm}-${hex.slice(0, 64)}`, digest: Digest.parse(`${algorithm}:${hex}`) };
}
