import { forEachLimit } from "../core/for-each-limit";
import { isInSlice } from "./byte-slice";
import { FINDING_SEVERITY, type Reason } from "./contract";
import { gradedKind } from "./graded-kind";
import { Edge, type ObjectGraph, Role } from "./object-graph";
import type { RepositoryState } from "./repository-state";
import { resolveTag } from "./resolve-tag";
import type { Suspect } from "./suspects";

const PARALLEL = 4;

/** Whether a tag still points where the walk found it to point. */
type Standing = "same" | { readonly reason: Reason; readonly detail: string };

/** Who loses by a broken object: the tags that reach it by the strongest kind of edge that reaches it at all. */
interface Reach {
  readonly edge: Edge;
  readonly tags: number[];
  /** A root asked for by digest reaches it. */
  byDigest: number | null;
}

/**
 * Turns what is confirmed into findings, after reading again every tag that they name.
 *
 * @param isLast false where more of the repository may be walked: its objects are then reported again, with every tag
 */
export async function reportConfirmed(state: RepositoryState, isLast: boolean): Promise<void> {
  const { suspects, context } = state;
  for (const [tag, suspect] of suspects.tags) reportTag(state, tag, suspect);
  const reaches = whoReaches(state, [...suspects.objects.keys()]);
  const standings = await readTagsAgain(state, reaches);
  for (const [tag, standing] of standings) {
    if (standing !== "same") state.doubt(standing.reason, state.tags[tag] as string, standing.detail);
  }
  for (const [id, suspect] of suspects.objects) {
    const reach = reaches.get(id);
    if (reach !== undefined) reportObject(state, id, suspect, reach, standings);
  }
  suspects.tags.clear();
  if (!isLast) {
    for (const id of suspects.objects.keys()) if (!state.reported.has(id)) state.reported.set(id, null);
    return;
  }
  const notes = [...suspects.notes].filter(([id]) => !suspects.objects.has(id));
  const noteReaches = whoReaches(
    state,
    notes.map(([id]) => id),
  );
  for (const [id, note] of notes) {
    const reach = noteReaches.get(id);
    if (reach === undefined) continue;
    context.ledger.find(
      { ...place(state, id, reach, reach.tags), kind: note.finding, detail: note.detail },
      false,
    );
  }
  suspects.objects.clear();
  suspects.notes.clear();
}

function reportTag(state: RepositoryState, tag: number, suspect: Suspect): void {
  const name = state.tags[tag] as string;
  const { ledger } = state.context;
  ledger.determined++;
  const { finding: kind, detail } = suspect;
  ledger.find(
    { kind, repository: state.repository, tags: [name], digest: null, path: [name], platform: null, detail },
    true,
  );
}

function reportObject(
  state: RepositoryState,
  id: number,
  suspect: Suspect,
  reach: Reach,
  standings: ReadonlyMap<number, Standing>,
): void {
  const standing = reach.tags.filter((tag) => standings.get(tag) === "same");
  if (standing.length === 0 && reach.byDigest === null) return;
  const { ledger } = state.context;
  const digest = state.graph.digest(id).toString();
  const kind = gradedKind(suspect.finding, reach.edge, digest);
  const detail = kind === suspect.finding ? suspect.detail : `${suspect.finding}: ${suspect.detail}`;
  const draft = { ...place(state, id, reach, standing), kind, detail, isInTurn: isOfSlice(state, id) };
  const known = state.reported.get(id) ?? null;
  state.reported.set(id, draft);
  if (known !== null) {
    ledger.replace(known, draft);
    return;
  }
  ledger.determined++;
  ledger.find(draft, FINDING_SEVERITY[kind] === "damage");
}

function isOfSlice(state: RepositoryState, id: number): boolean {
  const { blobs } = state.context;
  return typeof blobs !== "string" && state.isBlob(id) && isInSlice(state.graph.digest(id), blobs.rotate);
}

function place(state: RepositoryState, id: number, reach: Reach, tags: readonly number[]) {
  const { graph, repository } = state;
  const first = tags[0];
  const root = first === undefined ? reach.byDigest : (state.roots[first] as number);
  const steps = root === null ? [] : graph.path(root, id);
  const way = steps.map((step) => graph.digest(step).toString());
  return {
    repository,
    tags: tags.map((tag) => state.tags[tag] as string).sort(),
    digest: graph.digest(id).toString(),
    path: first === undefined ? way : [state.tags[first] as string, ...way],
    platform: platformOn(graph, steps) ?? graph.platform(id),
  };
}

/**
 * The platform of the image that the way leads through. Not the object's own: what several images share has the one
 * of whichever was read first.
 */
function platformOn(graph: ObjectGraph, steps: readonly number[]): string | null {
  const images = steps.filter((step) => graph.role(step) === Role.root || graph.role(step) === Role.child);
  const nearest = images.reverse().find((step) => graph.platform(step) !== null);
  return nearest === undefined ? null : graph.platform(nearest);
}

function whoReaches(state: RepositoryState, ids: readonly number[]): Map<number, Reach> {
  const found = new Map<number, Reach>();
  if (ids.length === 0) return found;
  const { graph } = state;
  const wanted = new Uint8Array(graph.count);
  for (const id of ids) wanted[id] = 1;
  const seen = new Int32Array(graph.count);
  const roots = rootsOf(state, graph);
  let epoch = 0;
  for (const edge of [Edge.image, Edge.attestation, Edge.subject]) {
    for (const [root, tags] of roots) {
      graph.reach(root, edge, seen, ++epoch, (id) => {
        if (wanted[id] !== 1) return;
        const reach = found.get(id) ?? { edge, tags: [], byDigest: null };
        if (reach.edge !== edge) return;
        for (const tag of tags) reach.tags.push(tag);
        if (tags.length === 0) reach.byDigest = root;
        found.set(id, reach);
      });
    }
  }
  return found;
}

/** Every root with the tags that point to it; none for a root that was asked for by digest. */
function rootsOf(state: RepositoryState, graph: ObjectGraph): Map<number, number[]> {
  const roots = new Map<number, number[]>();
  for (const digest of state.scope.digests) roots.set(graph.add(digest), []);
  state.roots.forEach((root, tag) => {
    if (root < 0) return;
    const tags = roots.get(root);
    if (tags === undefined) roots.set(root, [tag]);
    else tags.push(tag);
  });
  return roots;
}

/** Reads every tag that a finding would name once more: one that moved was a race with a push, not damage. */
async function readTagsAgain(
  state: RepositoryState,
  reaches: ReadonlyMap<number, Reach>,
): Promise<Map<number, Standing>> {
  const tags = new Set<number>();
  for (const reach of reaches.values()) for (const tag of reach.tags) tags.add(tag);
  const standings = new Map<number, Standing>();
  await forEachLimit([...tags], PARALLEL, async (tag) => {
    const name = state.tags[tag] as string;
    const resolution = await resolveTag(state.context.registry, state.repository, name);
    const root = state.graph.digest(state.roots[tag] as number);
    if (resolution.kind === "undetermined") {
      standings.set(tag, { reason: resolution.reason, detail: resolution.detail });
    } else if (resolution.kind === "resolved" && resolution.digest.equals(root)) {
      standings.set(tag, "same");
    } else {
      standings.set(tag, { reason: "moved", detail: `the tag ${name} moved or went away during the walk` });
    }
  });
  return standings;
}
