import { forEachLimit } from "../core/for-each-limit";
import { reportConfirmed } from "./confirmed";
import { asUndetermined } from "./object-look";
import type { RepositoryState } from "./repository-state";
import { resolveTag } from "./resolve-tag";
import type { Suspect, Suspicion } from "./suspects";
import type { Verdict } from "./verdict";

/** The same answer counts twice only when so much time lies between: a push or a failover may be under way. */
export const SECOND_LOOK_AFTER_MS = 200;
const MAX_ROUNDS = 3;
const PARALLEL = 4;

/**
 * The second look at all that seemed broken. What is whole now is walked on; what answers the same again, and is
 * still pointed to, becomes a finding; all else is in doubt.
 *
 * @returns whether there is more to walk first
 */
export async function settle(state: RepositoryState): Promise<boolean> {
  await lookAgain(state);
  if (state.queue.length > 0) return true;
  await report(state, true);
  return false;
}

/** The same in the midst of a walk whose time is nearly over: what is confirmed becomes a finding now. */
export async function settleEarly(state: RepositoryState): Promise<void> {
  await lookAgain(state);
  await report(state, false);
}

async function lookAgain(state: RepositoryState): Promise<void> {
  const { suspects } = state;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const openObjects = [...suspects.objects].filter(([, suspect]) => !suspect.isConfirmed);
    const openTags = [...suspects.tags].filter(([, suspect]) => !suspect.isConfirmed);
    if (openObjects.length + openTags.length === 0) break;
    await forEachLimit(openObjects, PARALLEL, ([id, suspect]) => lookAgainAtObject(state, id, suspect));
    await forEachLimit(openTags, PARALLEL, ([tag, suspect]) => lookAgainAtTag(state, tag, suspect));
  }
}

async function report(state: RepositoryState, isLast: boolean): Promise<void> {
  await dismissUnlistedTags(state);
  await dismissOutage(state);
  await reportConfirmed(state, isLast);
}

async function lookAgainAtObject(state: RepositoryState, id: number, suspect: Suspect): Promise<void> {
  await waitSince(state, suspect);
  const verdict = await state.askAgain(id);
  state.suspects.objects.delete(id);
  const next = compare(suspect, verdict, state.context.now());
  if (next === null) state.book(id, verdict);
  else if (next === "inconsistent")
    state.doubt("bad_response", state.graph.digest(id).toString(), inconsistent(suspect));
  else state.suspects.objects.set(id, next);
}

async function lookAgainAtTag(state: RepositoryState, tag: number, suspect: Suspect): Promise<void> {
  await waitSince(state, suspect);
  const name = state.tags[tag] as string;
  const resolution = await resolveTag(state.context.registry, state.repository, name);
  state.suspects.tags.delete(tag);
  const verdict: Verdict =
    resolution.kind === "resolved" ? { kind: "whole", manifest: null, bytes: 0, hashed: true } : resolution;
  const next = compare(suspect, verdict, state.context.now());
  if (next === null) state.bookTag(tag, resolution);
  else if (next === "inconsistent") state.doubt("bad_response", name, inconsistent(suspect));
  else state.suspects.tags.set(tag, next);
}

/** The suspect after one more answer; null when the answer ends the suspicion. */
function compare(suspect: Suspect, verdict: Verdict, now: number): Suspect | "inconsistent" | null {
  const again = suspicionOf(verdict, now);
  if (again === null) return null;
  const rounds = suspect.rounds + 1;
  if (again.finding === suspect.finding) return { ...again, rounds, isConfirmed: true };
  return rounds >= MAX_ROUNDS ? "inconsistent" : { ...again, rounds, isConfirmed: false };
}

function suspicionOf(verdict: Verdict, at: number): Suspicion | null {
  if (verdict.kind === "broken") return { finding: verdict.finding, detail: verdict.detail, at };
  if (verdict.kind === "undetermined" && verdict.reason === "server_error") {
    return { finding: "unservable", detail: verdict.detail, at };
  }
  return null;
}

async function waitSince(state: RepositoryState, suspect: Suspect): Promise<void> {
  const left = (suspect.at ?? 0) + SECOND_LOOK_AFTER_MS - state.context.now();
  if (left > 0) await state.context.sleep(left);
}

function inconsistent(suspect: Suspect): string {
  return `the registry answers differently each time, at last: ${suspect.detail}`;
}

/** A tag that went away between the list and the question was a race with a delete, not damage. */
async function dismissUnlistedTags(state: RepositoryState): Promise<void> {
  if (state.suspects.tags.size === 0 || state.scope.tags !== null) return;
  try {
    const listed = new Set<string>();
    for await (const page of state.context.client.tags(state.repository)) {
      if (page.kind === "tags") for (const tag of page.tags) listed.add(tag);
    }
    for (const tag of [...state.suspects.tags.keys()]) {
      const name = state.tags[tag] as string;
      // It may be listed because it came again after the second look.
      if (listed.has(name) && (await isStillBroken(state, name))) continue;
      state.suspects.tags.delete(tag);
      state.doubt("moved", name, "the tag went away during the walk");
    }
  } catch (error) {
    const { reason, detail } = asUndetermined(error);
    for (const tag of state.suspects.tags.keys()) state.doubt(reason, state.tags[tag] as string, detail);
    state.suspects.tags.clear();
  }
}

async function isStillBroken({ context, repository }: RepositoryState, tag: string): Promise<boolean> {
  return (await resolveTag(context.registry, repository, tag)).kind !== "resolved";
}

/** A 5xx is damage only while a neighbour answers; else the registry is down, and nothing is proven. */
async function dismissOutage(state: RepositoryState): Promise<void> {
  const { suspects } = state;
  const failing = [...suspects.objects, ...suspects.tags].some(
    ([, suspect]) => suspect.finding === "unservable",
  );
  if (!failing || (await neighbourAnswers(state))) return;
  const detail = (suspect: Suspect): string => `${suspect.detail}, and so does the rest of the registry`;
  for (const [id, suspect] of [...suspects.objects]) {
    if (suspect.finding !== "unservable") continue;
    suspects.objects.delete(id);
    state.doubt("server_error", state.graph.digest(id).toString(), detail(suspect));
  }
  for (const [tag, suspect] of [...suspects.tags]) {
    if (suspect.finding !== "unservable") continue;
    suspects.tags.delete(tag);
    state.doubt("server_error", state.tags[tag] as string, detail(suspect));
  }
}

async function neighbourAnswers(state: RepositoryState): Promise<boolean> {
  const { witness } = state.context.ledger;
  if (witness === null) return false;
  try {
    const answer = await state.context.registry.manifest(witness.repository, witness.reference);
    return answer.kind === "present";
  } catch (error) {
    asUndetermined(error);
    return false;
  }
}
