import { forEachLimit } from "../../core/for-each-limit";
import { Digest } from "../../oci/digest";
import { RegistryError } from "../../registry-client/answers";
import type { RepositoryPlan } from "./retention-plan";
import type { RetentionTarget } from "./retention-target";

export interface AppliedDeletion {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

export interface ApplyResult {
  /** Each was answered as deleted, in order. */
  readonly deleted: readonly AppliedDeletion[];
  /** What came out otherwise than planned, and ended it; null: all was done. */
  readonly surprise: {
    readonly repository: string;
    readonly digest: string | null;
    readonly detail: string;
  } | null;
}

/** Kept tags that are read again before each deletion; of more, each before every second, third … */
const MAX_RECHECKED = 100;
const PARALLEL = 4;

class Surprise extends Error {
  constructor(
    readonly digest: string | null,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Carries a plan out, and stops at the first thing that is not as the plan saw it. Before a repository every tag is
 * read again; before each manifest the list of tags, and before a tagged one the kept tags and its own.
 */
export async function applyRetention(
  target: RetentionTarget,
  plans: readonly RepositoryPlan[],
): Promise<ApplyResult> {
  const deleted: AppliedDeletion[] = [];
  for (const plan of plans) {
    if (plan.deletions.length === 0) continue;
    try {
      await applyPlan(target, plan, deleted);
    } catch (error) {
      const { repository } = plan;
      if (error instanceof Surprise) {
        return { deleted, surprise: { repository, digest: error.digest, detail: error.message } };
      }
      if (error instanceof RegistryError) {
        return { deleted, surprise: { repository, digest: null, detail: explain(error) } };
      }
      throw error;
    }
  }
  return { deleted, surprise: null };
}

async function applyPlan(
  target: RetentionTarget,
  plan: RepositoryPlan,
  deleted: AppliedDeletion[],
): Promise<void> {
  const { repository } = plan;
  const standing = new Map(plan.tags.map(({ tag, digest }) => [tag, digest]));
  for (const [tag, digest] of standing) await checkTag(target, repository, tag, digest);
  const kept = plan.tags.filter(({ action }) => action !== "drop");
  const recheckEvery = Math.ceil(kept.length / MAX_RECHECKED) || 1;
  let units = 0;
  for (const { digest, tags } of plan.deletions) {
    // Before an untagged child too: a push in between may reach it.
    await checkTagList(target, repository, standing);
    if (tags.length > 0) {
      // A rollback points a kept tag at an old image: deleting that one would take the tag with it.
      const rechecked = units++ % recheckEvery === 0 ? kept : [];
      await forEachLimit(rechecked, PARALLEL, (one) => checkTag(target, repository, one.tag, one.digest));
      for (const tag of tags) await checkTag(target, repository, tag, digest);
    }
    const parsed = Digest.parse(digest);
    if (parsed === null) throw new Surprise(digest, `${digest} is no digest`);
    if ((await target.delete(repository, parsed)) === "absent") {
      throw new Surprise(digest, `${digest} was gone before it was deleted: somebody else deletes here`);
    }
    deleted.push({ repository, digest, tags });
    for (const tag of tags) standing.delete(tag);
  }
}

async function checkTagList(
  target: RetentionTarget,
  repository: string,
  standing: ReadonlyMap<string, string>,
): Promise<void> {
  const now = new Set(await target.tags(repository));
  const added = [...now].find((tag) => !standing.has(tag));
  if (added !== undefined) throw new Surprise(null, `the tag ${added} is new since the plan was made`);
  const gone = [...standing.keys()].find((tag) => !now.has(tag));
  if (gone !== undefined) throw new Surprise(null, `the tag ${gone} went since the plan was made`);
}

async function checkTag(
  target: RetentionTarget,
  repository: string,
  tag: string,
  digest: string,
): Promise<void> {
  const found = await target.manifest(repository, tag);
  const now = found?.digest.toString() ?? "nothing";
  if (now !== digest) throw new Surprise(digest, `the tag ${tag} was ${digest} and is ${now}: it moved`);
}

/** 405 is how a registry says that its configuration forbids deletion. */
function explain(error: RegistryError): string {
  const hint = error.status === 405 ? ": it refuses deletion, allow it by storage.delete.enabled" : "";
  return `${error.message}${hint}`;
}
