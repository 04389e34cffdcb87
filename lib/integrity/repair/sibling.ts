import { MalformedError } from "../../oci/descriptor";
import { Digest } from "../../oci/digest";
import { parseManifest } from "../../oci/manifest";
import { RegistryError } from "../../registry-client/answers";
import { newestTags } from "../newest-tags";
import type { Finding } from "../report";
import { putType } from "./find-bytes";
import type { PlanContext } from "./plan-context";
import type { RepairStep } from "./repair-plan";
import { tagDigest } from "./tag-digest";

/** So many tags are looked at for the newest one among them. */
const MAX_TAGS = 50;

export interface Sibling {
  readonly steps: readonly RepairStep[];
  readonly detail: string;
}

/**
 * The newest tag of the same repository in which the walk found nothing broken, as what the broken tags could point
 * to: other content under the same name, so never done unasked. null where there is none.
 */
export async function planSibling(
  { client }: PlanContext,
  finding: Finding,
  findings: readonly Finding[],
): Promise<Sibling | null> {
  const { repository, tags } = finding;
  if (finding.severity !== "damage" || tags.length === 0) return null;
  try {
    const broken = new Set(
      findings
        .filter((one) => one.repository === repository && one.severity === "damage")
        .flatMap((one) => one.tags),
    );
    const intact: string[] = [];
    for await (const page of client.tags(repository)) {
      if (page.kind === "tags") intact.push(...page.tags.filter((tag) => !broken.has(tag)));
      if (intact.length >= MAX_TAGS) break;
    }
    const [newest] = await newestTags(client, repository, intact.slice(0, MAX_TAGS), 1);
    if (newest === undefined) return null;
    const answer = await client.manifest(repository, newest);
    if (answer.kind !== "present") return null;
    const { body } = answer;
    const mediaType = putType(parseManifest(body, answer.contentType));
    const digest = Digest.sha256(body);
    const steps: RepairStep[] = [];
    for (const tag of tags) {
      // Tags of different images may share what is broken: the finding's path is that of one of them.
      const expected = finding.digest === null ? null : await tagDigest(client, repository, tag);
      steps.push({
        do: "put_manifest",
        tag,
        expected,
        digest,
        mediaType,
        body,
        source: `tag ${newest}`,
      });
    }
    const detail = `no source has its bytes: rebuild it. Until then ${tags.join(", ")} could point to what the whole tag ${newest} of the same repository has (${digest})`;
    return { steps, detail };
  } catch (error) {
    if (error instanceof RegistryError || error instanceof MalformedError) return null;
    throw error;
  }
}
