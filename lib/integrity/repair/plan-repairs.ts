import { MalformedError } from "../../oci/descriptor";
import { Digest } from "../../oci/digest";
import { parseManifest } from "../../oci/manifest";
import { RegistryError } from "../../registry-client/answers";
import { isManifestType, mentions } from "../descend";
import { blobDataPath } from "../disk/layout";
import { Role } from "../object-graph";
import type { Finding } from "../report";
import { ImagePlanner } from "./image-planner";
import { type KnownDamage, type Needs, type Obstacle, obstacle, type PlanContext } from "./plan-context";
import { planTag } from "./plan-tag";
import type { RebuildHints } from "./rebuild-hints";
import type { RepairAction, RepairItem } from "./repair-plan";
import { planSibling } from "./sibling";

export interface PlanRequest extends PlanContext {
  readonly findings: readonly Finding[];
  readonly hints: RebuildHints;
}

/** One item for each finding of damage or warning, in the findings' order. Nothing but reads. */
export async function planRepairs(request: PlanRequest): Promise<RepairItem[]> {
  const items: RepairItem[] = [];
  const planners = new Map<string, ImagePlanner>();
  for (const finding of request.findings) {
    if (finding.severity === "information") continue;
    const { repository } = finding;
    let planner = planners.get(repository);
    if (planner === undefined) {
      planner = new ImagePlanner(request, repository, damageOf(request.findings, repository));
      planners.set(repository, planner);
    }
    items.push(await planItem(request, planner, finding));
  }
  return items;
}

function damageOf(findings: readonly Finding[], repository: string): KnownDamage {
  const own = findings.filter((finding) => finding.repository === repository);
  return new Map(own.flatMap(({ digest, kind }) => (digest === null ? [] : [[digest, kind] as const])));
}

async function planItem(request: PlanRequest, planner: ImagePlanner, finding: Finding): Promise<RepairItem> {
  let needs: Needs;
  let isOtherContent = false;
  try {
    if (finding.digest === null) {
      const planned = await planTag(request, planner, finding);
      ({ needs, isOtherContent } = planned);
    } else needs = await planObject(request, planner, finding, finding.digest);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return itemOf(request, finding, "undetermined", error.message, []);
  }
  const { steps, obstacles } = needs;
  if (obstacles.length > 0) {
    const action = actionAgainst(obstacles);
    if (action === "rebuild") {
      const sibling = await planSibling(request, finding, request.findings);
      if (sibling !== null)
        return { ...itemOf(request, finding, "retag", sibling.detail, obstacles), steps: sibling.steps };
    }
    return itemOf(request, finding, action, summaryOf(obstacles), obstacles);
  }
  if (steps.length === 0) return itemOf(request, finding, "none", "the registry serves it now", []);
  const action = isOtherContent ? "retag" : "restore";
  const sources = [
    ...new Set(
      steps.map((step) =>
        step.do === "put_manifest" ? step.source : step.do === "mount_blob" ? step.from : step.found.source,
      ),
    ),
  ];
  const detail = isOtherContent
    ? `the tag's own digest is not known: point it at what ${sources.join(", ")} has under its name`
    : `put the same bytes back from ${sources.join(", ")}`;
  return { ...itemOf(request, finding, action, detail, []), steps };
}

/** What is decided by who must act first; bytes that are nowhere outweigh all that could be done for the others. */
function actionAgainst(obstacles: readonly Obstacle[]): RepairAction {
  const kinds = new Set(obstacles.map(({ kind }) => kind));
  if (kinds.has("missing") || kinds.has("malformed")) return "rebuild";
  if (kinds.has("undetermined")) return "undetermined";
  return kinds.has("restart") ? "restart_first" : "remove_data_first";
}

function summaryOf(obstacles: readonly Obstacle[]): string {
  const byText = new Map<string, number>();
  for (const { detail } of obstacles) byText.set(detail, (byText.get(detail) ?? 0) + 1);
  return [...byText].map(([text, count]) => (count > 1 ? `${text} (${count} objects)` : text)).join("; ");
}

function itemOf(
  request: PlanRequest,
  finding: Finding,
  action: RepairAction,
  why: string,
  obstacles: readonly Obstacle[],
): RepairItem {
  const of = (kind: Obstacle["kind"]): readonly Obstacle[] => obstacles.filter((one) => one.kind === kind);
  const removeFiles = of("remove_data").flatMap(({ digest }) => {
    const parsed = Digest.parse(digest);
    return parsed === null ? [] : [blobDataPath(parsed)];
  });
  const advice = [why];
  if (removeFiles.length > 0)
    advice.push("Remove the files below from the storage, restart the registry, then run again");
  else if (of("restart").length > 0) advice.push("Restart the registry, then run again");
  return {
    finding,
    action,
    steps: [],
    detail: advice.join(". "),
    removeFiles: [...new Set(removeFiles)],
    rebuild: action === "rebuild" || action === "retag" ? request.hints(finding.repository) : [],
  };
}

/** The object by its place in the image: the manifest above it says what it is, and how long. */
async function planObject(
  { client }: PlanRequest,
  planner: ImagePlanner,
  finding: Finding,
  text: string,
): Promise<Needs> {
  const digest = Digest.parse(text);
  if (digest === null) throw new RegistryError("bad_response", `the finding names no digest: ${text}`);
  const { kind, repository, path } = finding;
  if (kind === "malformed_manifest") {
    return obstacle("malformed", digest, "its own bytes are malformed: no copy is better");
  }
  const parent = Digest.parse(path.at(-2));
  if (parent === null) {
    return kind === "size_mismatch" ? contradiction(digest) : planner.manifest(digest, null);
  }
  const answer = await client.manifest(repository, parent.toString());
  if (answer.kind !== "present" || !parent.verifies(answer.body)) {
    return obstacle("undetermined", parent, "the manifest above it is not there any more: run again");
  }
  const mention = mentionOf(answer.body, answer.contentType, digest);
  if (mention === null) {
    return obstacle("undetermined", digest, "the manifest above it does not name it: run again");
  }
  const { descriptor, role } = mention;
  const isBlob = role === Role.config || role === Role.layer;
  const isOtherBlob = descriptor.mediaType !== "" && !isManifestType(descriptor.mediaType);
  if (isBlob || (isOtherBlob && role === Role.child)) return planner.blob(digest, descriptor.size);
  return kind === "size_mismatch" ? contradiction(digest) : planner.manifest(digest, descriptor.mediaType);
}

function contradiction(digest: Digest): Needs {
  return obstacle(
    "malformed",
    digest,
    "the index says another size than its manifest has: no copy is better",
  );
}

function mentionOf(body: Buffer, contentType: string | null, digest: Digest) {
  try {
    const all = mentions(parseManifest(body, contentType), null);
    return all.find(({ descriptor }) => descriptor.digest.equals(digest)) ?? null;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}
