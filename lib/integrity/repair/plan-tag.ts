import { Digest } from "../../oci/digest";
import { RegistryError } from "../../registry-client/answers";
import { lostRevision } from "../../registry-client/lost-revision";
import type { Finding } from "../report";
import type { ImagePlanner } from "./image-planner";
import { type ImageSource, type OfferedTag, SourceError } from "./image-source";
import { type Needs, obstacle, type PlanContext } from "./plan-context";

export interface TagNeeds {
  readonly needs: Needs;
  /** What the tag meant is not known: another registry's word is taken for it. */
  readonly isOtherContent: boolean;
}

/** What a tag that does not resolve needs: the digest that it had, all of that image, and itself again. */
export async function planTag(
  { client, sources }: PlanContext,
  planner: ImagePlanner,
  finding: Finding,
): Promise<TagNeeds> {
  const [tag = ""] = finding.tags;
  const lost =
    finding.kind === "manifest_missing" ? await lostRevision(client.session, finding.repository, tag) : null;
  const { offered, troubles } =
    lost === null
      ? await askForTag(sources, finding.repository, tag)
      : { offered: { digest: lost, isOwnRecord: true }, troubles: [] };
  if (offered === null) {
    const nothing = Digest.sha256(Buffer.alloc(0));
    const needs =
      troubles.length > 0
        ? obstacle("undetermined", nothing, troubles.join("; "))
        : obstacle("missing", nothing, "the tag does not resolve, and no source knows what it pointed to");
    return { needs, isOtherContent: false };
  }
  const isOtherContent = !offered.isOwnRecord;
  if (finding.kind === "unservable") planner.expectUnservable(offered.digest);
  const image = await planner.manifest(offered.digest, null);
  const { manifest } = image;
  if (manifest === null) return { needs: image, isOtherContent };
  const { body, mediaType, source } = manifest;
  const step = {
    do: "put_manifest",
    tag,
    expected: null,
    digest: offered.digest,
    mediaType,
    body,
    source,
  } as const;
  return { needs: { ...image, steps: [...image.steps, step] }, isOtherContent };
}

/** The registry's own record first, whatever the order of the sources. */
async function askForTag(
  sources: readonly ImageSource[],
  repository: string,
  tag: string,
): Promise<{ offered: OfferedTag | null; troubles: string[] }> {
  let offered: OfferedTag | null = null;
  const troubles: string[] = [];
  for (const source of sources) {
    try {
      const found = await source.tag(repository, tag);
      if (found?.isOwnRecord === true) return { offered: found, troubles };
      offered ??= found;
    } catch (error) {
      if (!(error instanceof RegistryError || error instanceof SourceError)) throw error;
      troubles.push(`${source.name}: ${error.message}`);
    }
  }
  return { offered, troubles };
}
