import { Digest } from "../oci/digest";
import type { FindingKind } from "./contract";
import { Role } from "./object-graph";
import { asUndetermined } from "./object-look";
import { judgeManifest, type Verdict } from "./verdict";
import type { WalkClient } from "./walk-client";

/** What a tag leads to. `broken`: the tag itself does not resolve, so that no digest is known. */
export type Resolution =
  | { readonly kind: "resolved"; readonly digest: Digest; readonly verdict: Verdict }
  | { readonly kind: "broken"; readonly finding: FindingKind; readonly detail: string }
  | Extract<Verdict, { kind: "undetermined" }>;

/**
 * Reads the manifest under a tag. The digest is the one that the registry names, so that changed bytes under it
 * are seen; a registry that names none is taken at its bytes.
 */
export async function resolveTag(
  client: Pick<WalkClient, "manifest">,
  repository: string,
  tag: string,
): Promise<Resolution> {
  try {
    const answer = await client.manifest(repository, tag);
    if (answer.kind === "present") {
      const digest = Digest.parse(answer.contentDigest) ?? Digest.sha256(answer.body);
      return { kind: "resolved", digest, verdict: judgeManifest(answer, digest, -1, Role.root) };
    }
    if (answer.kind === "truncated") {
      const detail = `${answer.actual} of ${answer.expected} bytes of the manifest arrived`;
      return { kind: "broken", finding: "truncated", detail };
    }
    const code = answer.errorCode === null ? "" : ` ${answer.errorCode}`;
    return { kind: "broken", finding: "manifest_missing", detail: `the tag answers ${answer.status}${code}` };
  } catch (error) {
    return asUndetermined(error);
  }
}
