import { companionSubject } from "./companion-tag";
import { type Decisions, decideTags } from "./decide-tags";
import { deletionOrder } from "./deletion-order";
import type { RepositoryModel } from "./repository-model";
import type { Deletion, RepositoryPlan, RetentionReason } from "./retention-plan";
import type { RetentionRules } from "./retention-rules";

/**
 * What goes and what stays in all repositories that were read: a function of what was read, the rules and the time.
 *
 * @param blocked why a repository must be left alone besides its own trouble, by name
 * @throws KeepPatternError
 */
export function planRetention(
  models: readonly RepositoryModel[],
  rules: RetentionRules,
  nowMs: number,
  blocked: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly RepositoryPlan[] {
  const drafts = models.map((model) => draft(model, rules, nowMs, blocked.get(model.repository) ?? []));
  const staying = new Set<string>();
  for (const { model, doomed } of drafts) {
    for (const digest of model.manifests.keys()) {
      if (!doomed.has(digest)) for (const [part] of partsOf(model, digest)) staying.add(part);
    }
  }
  // Bytes that two repositories would free together are counted once, for the first of them.
  return drafts.map(({ model, doomed, plan }) => {
    let bytesFreed = 0;
    for (const digest of doomed) {
      for (const [part, sizeBytes] of partsOf(model, digest)) {
        if (staying.has(part)) continue;
        staying.add(part);
        bytesFreed += sizeBytes;
      }
    }
    return { ...plan, bytesFreed };
  });
}

interface Draft {
  readonly model: RepositoryModel;
  readonly doomed: ReadonlySet<string>;
  readonly plan: Omit<RepositoryPlan, "bytesFreed">;
}

function draft(
  model: RepositoryModel,
  rules: RetentionRules,
  nowMs: number,
  blocked: readonly string[],
): Draft {
  const { repository } = model;
  const reasons = [...blocked, ...model.trouble];
  if (reasons.length > 0) {
    const tags = allKept(model, "blocked", "the repository could not be read whole, or is damaged");
    return leave(model, { repository, state: "blocked", reasons, tags, deletions: [] });
  }
  const decisions = decideTags(model, rules, nowMs);
  const isEmptied =
    model.tags.length > 0 &&
    !decisions.tags.some(({ tag, action }) => action !== "drop" && companionSubject(tag) === null);
  const hasImages = model.tags.some(({ name }) => companionSubject(name) === null);
  if (isEmptied && hasImages) {
    const reason = "no rule keeps any of its images: it would be emptied, and is left as it is";
    const tags = allKept(model, "last_images", reason);
    return leave(model, { repository, state: "spared", reasons: [reason], tags, deletions: [] });
  }
  const deletions = deletionsOf(model, decisions);
  return {
    model,
    doomed: decisions.doomed,
    plan: { repository, state: "planned", reasons: [], tags: decisions.tags, deletions },
  };
}

function leave(model: RepositoryModel, plan: Draft["plan"]): Draft {
  return { model, doomed: new Set(), plan };
}

function allKept(model: RepositoryModel, why: RetentionReason, detail: string): RepositoryPlan["tags"] {
  return model.tags.map(({ name, digest }) => {
    const createdMs = model.manifests.get(digest)?.createdMs ?? null;
    return { tag: name, digest, createdMs, action: "keep", why, detail };
  });
}

function deletionsOf(model: RepositoryModel, decisions: Decisions): Deletion[] {
  const tagsOf = new Map<string, string[]>();
  for (const { name, digest } of model.tags) tagsOf.set(digest, [...(tagsOf.get(digest) ?? []), name]);
  return deletionOrder(model, decisions.doomed).map((digest) => ({ digest, tags: tagsOf.get(digest) ?? [] }));
}

/** A manifest and the blobs that it names, with their sizes; its children are manifests of their own. */
function partsOf(model: RepositoryModel, digest: string): [string, number][] {
  const node = model.manifests.get(digest);
  if (node === undefined) return [];
  const blobs = node.references.filter(({ role }) => role === "blob");
  return [[digest, node.sizeBytes], ...blobs.map((blob): [string, number] => [blob.digest, blob.sizeBytes])];
}
