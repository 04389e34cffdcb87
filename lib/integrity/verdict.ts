import { printable } from "../core/printable";
import { MalformedError } from "../oci/descriptor";
import type { Digest } from "../oci/digest";
import { Digest as DigestValue } from "../oci/digest";
import { type Manifest, parseManifest } from "../oci/manifest";
import type { BlobAnswer, ManifestAnswer } from "../registry-client/answers";
import type { FindingKind, Reason } from "./contract";
import { Role } from "./object-graph";

/** What one question showed of one object: whole, broken in a definite way, or nothing certain. */
export type Verdict =
  | {
      readonly kind: "whole";
      readonly manifest: Manifest | null;
      readonly bytes: number;
      readonly hashed: boolean;
    }
  | { readonly kind: "broken"; readonly finding: FindingKind; readonly detail: string }
  | { readonly kind: "undetermined"; readonly reason: Reason; readonly detail: string };

export function broken(finding: FindingKind, detail: string): Verdict {
  return { kind: "broken", finding, detail };
}

/** The kind of a definite 404, by what the object is to the image. */
export function missingKind(role: Role): FindingKind {
  if (role === Role.config) return "config_missing";
  if (role === Role.layer) return "layer_missing";
  return role === Role.root ? "manifest_missing" : "index_child_missing";
}

/**
 * Holds a manifest's answer against what was asked for.
 *
 * @param digest the digest asked for, or that the tag points to by the registry's own word
 * @param size bytes by the descriptor, or -1 where no descriptor names it
 */
export function judgeManifest(answer: ManifestAnswer, digest: Digest, size: number, role: Role): Verdict {
  if (answer.kind === "absent") return broken(missingKind(role), absence(answer.status, answer.errorCode));
  if (answer.kind === "truncated") {
    return broken("truncated", `${answer.actual} of ${answer.expected} bytes of the manifest arrived`);
  }
  const { body } = answer;
  if (!digest.verifies(body)) {
    return broken("digest_mismatch", `the registry answers ${body.length} bytes whose digest is another`);
  }
  const said = DigestValue.parse(answer.contentDigest);
  // A registry may name the same bytes by its own algorithm: only equal algorithms can contradict.
  if (said !== null && said.algorithm === digest.algorithm && !said.equals(digest)) {
    return broken("digest_mismatch", `the registry calls these bytes ${said}`);
  }
  if (size >= 0 && body.length !== size) {
    return broken("size_mismatch", `the manifest has ${body.length} bytes, its descriptor says ${size}`);
  }
  try {
    const manifest = parseManifest(body, answer.contentType);
    return { kind: "whole", manifest, bytes: body.length, hashed: true };
  } catch (error) {
    if (error instanceof MalformedError) return broken("malformed_manifest", printable(error.message));
    throw error;
  }
}

export function judgeBlob(answer: BlobAnswer, role: Role): Verdict {
  switch (answer.kind) {
    case "present":
      return { kind: "whole", manifest: null, bytes: answer.bytes, hashed: answer.hashed };
    case "absent":
      return broken(missingKind(role), absence(answer.status, answer.errorCode));
    case "truncated":
      return broken("truncated", `${answer.actual} of ${answer.expected} bytes are there`);
    case "size_mismatch":
      return broken(
        "size_mismatch",
        `the registry holds ${answer.actual} bytes, the descriptor says ${answer.expected}`,
      );
    case "digest_mismatch":
      return broken("digest_mismatch", `the bytes have the digest ${answer.actual}`);
  }
}

function absence(status: number, errorCode: string | null): string {
  return errorCode === null ? `answers ${status}` : `answers ${status} ${printable(errorCode, 60)}`;
}
