import type { Digest } from "../../oci/digest";
import type { FindingKind } from "../contract";
import { gradedKind } from "../graded-kind";
import { Role } from "../object-graph";
import { lookAtManifest } from "./disk-object";
import { repositoryPath } from "./layout";
import { type Reach, whoReaches } from "./reach";
import { REACHED, type RepositoryPass, refersTo } from "./repository-pass";
import type { ScanDraft } from "./scan-model";
import { isRealFolder } from "./storage-files";

/** What no tag reaches is listed one by one up to so many of a kind; one more finding counts the others. */
const LISTED_DANGLING = 20;

const MISSING: ReadonlySet<FindingKind> = new Set([
  "manifest_missing",
  "index_child_missing",
  "config_missing",
  "layer_missing",
]);

interface RepositoryFindings {
  readonly findings: ScanDraft[];
  readonly orphanedImages: number;
  readonly danglingLayerLinks: Digest[];
}

/** Turns what a pass saw into findings, and looks at what no tag reaches. */
export function draftFindings(pass: RepositoryPass): RepositoryFindings {
  const findings: ScanDraft[] = [];
  const { repository, storage } = pass;
  const isExpected = (kind: FindingKind): boolean => storage.isCache && MISSING.has(kind);
  for (const [at, { finding: kind, detail, digest }] of pass.brokenTags) {
    if (isExpected(kind)) continue;
    const tag = pass.tags[at] as string;
    const path = digest === null ? [tag] : [tag, digest.toString()];
    findings.push({ kind, repository, tags: [tag], digest: null, path, detail });
  }
  const broken = new Map([...pass.brokenObjects].filter(([, { finding }]) => !isExpected(finding)));
  const notes = new Map([...pass.notes].filter(([id]) => !pass.brokenObjects.has(id)));
  const reaches = whoReaches(pass.graph, rootsOf(pass), [...broken.keys(), ...notes.keys()]);
  const orphaned = new Set<number>();
  for (const [id, { finding, detail }] of broken) {
    const reach = reaches.get(id);
    if (reach === undefined) continue;
    const kind = gradedKind(finding, reach.edge, pass.graph.digest(id).toString());
    if (kind === "index_child_missing") for (const root of reach.roots) orphaned.add(root);
    const graded = kind === finding ? detail : `${finding}: ${detail}`;
    findings.push({ ...place(pass, id, reach), kind, detail: graded });
  }
  for (const [id, { kind, detail }] of notes) {
    const reach = reaches.get(id);
    if (reach !== undefined) findings.push({ ...place(pass, id, reach), kind, detail });
  }
  // The whole repository may have been removed since its folder was found.
  if (!pass.hasTagsFolder && !storage.isCache && isThere(pass)) {
    const detail = "the repository has no folder of tags: the catalogue lists it, tags/list answers 404";
    findings.push({ ...nowhere(repository), kind: "repository_unlisted", detail });
  }
  const revisions = danglingRevisions(pass);
  const links = danglingLayers(pass);
  // Whose they are is written in the broken manifest, and below that nothing is reported.
  if (!storage.isCache && hidesWhatTagsReach(pass)) {
    return { findings, orphanedImages: orphaned.size, danglingLayerLinks: [] };
  }
  addDangling(findings, repository, "revision_dangling", revisions);
  const detail = "a layer link whose data is gone, and no tag needs it";
  addDangling(
    findings,
    repository,
    "layer_link_dangling",
    links.map((digest) => ({ digest, detail })),
  );
  return { findings, orphanedImages: orphaned.size, danglingLayerLinks: links };
}

function isThere({ storage, repository }: RepositoryPass): boolean {
  return isRealFolder(`${storage.root}/${repositoryPath(repository)}`).kind !== "absent";
}

/** A manifest that cannot be read: what a tag reaches through it is not known. */
function hidesWhatTagsReach(pass: RepositoryPass): boolean {
  if (pass.brokenTags.size > 0) return true;
  for (const id of pass.brokenObjects.keys()) {
    const role = pass.graph.role(id);
    if (role !== Role.config && role !== Role.layer) return true;
  }
  return false;
}

function rootsOf(pass: RepositoryPass): number[] {
  return pass.roots.filter((root) => root >= 0);
}

function place(pass: RepositoryPass, id: number, reach: Reach) {
  const { graph, repository } = pass;
  const roots = new Set(reach.roots);
  const tags = pass.tags.filter((_, at) => roots.has(pass.roots[at] as number)).sort();
  const first = tags[0];
  const root = pass.roots[pass.tags.indexOf(first as string)] as number;
  const way = graph.path(root, id).map((step) => graph.digest(step).toString());
  return { repository, tags, digest: graph.digest(id).toString(), path: [first as string, ...way] };
}

function nowhere(repository: string) {
  return { repository, tags: [], digest: null, path: [] };
}

interface Dangling {
  readonly digest: Digest;
  readonly detail: string;
}

function addDangling(
  findings: ScanDraft[],
  repository: string,
  kind: "revision_dangling" | "layer_link_dangling",
  dangling: readonly Dangling[],
): void {
  for (const { digest, detail } of dangling.slice(0, LISTED_DANGLING)) {
    const text = digest.toString();
    findings.push({ kind, repository, tags: [], digest: text, path: [text], detail });
  }
  const more = dangling.length - LISTED_DANGLING;
  if (more > 0) findings.push({ ...nowhere(repository), kind, detail: `${more} more like these` });
}

/**
 * Manifests that no tag reaches: pullable by digest alone, so that a broken one is never damage. What a whole one
 * names would outlive a garbage collection, and is therefore no unreferenced data.
 */
function danglingRevisions(pass: RepositoryPass): Dangling[] {
  const { table } = pass.place.revisions;
  const dangling: Dangling[] = [];
  for (let entry = 0; entry < table.count; entry++) {
    if (table.isMarked(entry, REACHED)) continue;
    const digest = table.digest(entry);
    pass.storage.blobs.refer(digest);
    const verdict = lookAtManifest(pass.place, digest, -1, Role.root);
    if (verdict.kind === "whole") {
      pass.bytesRead += verdict.bytes;
      if (verdict.manifest !== null) refersTo(verdict.manifest, (named) => pass.storage.blobs.refer(named));
    } else if (verdict.kind === "broken") {
      dangling.push({ digest, detail: `no tag reaches it: ${verdict.detail}` });
    } else {
      pass.doubt(verdict.reason, digest.toString(), verdict.detail);
    }
  }
  return dangling;
}

function danglingLayers(pass: RepositoryPass): Digest[] {
  const { layers, isFresh } = pass.place;
  const dangling: Digest[] = [];
  for (let entry = 0; entry < layers.table.count; entry++) {
    if (layers.table.isMarked(entry, REACHED)) continue;
    const digest = layers.table.digest(entry);
    const stored = pass.storage.blobs.size(digest, isFresh);
    if (stored.kind === "there") continue;
    if (stored.kind === "unknown") pass.doubt(stored.reason, digest.toString(), `its data ${stored.detail}`);
    if (stored.kind !== "absent") continue;
    const link = layers.read(digest);
    if (link.kind === "unknown") pass.doubt(link.reason, digest.toString(), `its layer link ${link.detail}`);
    // A folder without a link in it is nothing that the registry would read.
    else if (link.kind !== "absent") dangling.push(digest);
  }
  return dangling;
}
