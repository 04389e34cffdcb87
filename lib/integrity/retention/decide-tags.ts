import { companionKey, companionSubject } from "./companion-tag";
import { tagsInUse } from "./in-use";
import { tagsKeptBy } from "./keep-pattern";
import { about, downwards, neighbours, reach, relationsOf } from "./reach";
import type { RepositoryModel, TagReading } from "./repository-model";
import type { RetentionReason, TagAction, TagDecision } from "./retention-plan";
import type { RetentionRules } from "./retention-rules";

export interface Decisions {
  /** In the order of the model's tags. */
  readonly tags: readonly TagDecision[];
  /** Manifests that nothing kept needs, and that a dropped tag reaches. */
  readonly doomed: ReadonlySet<string>;
}

interface Verdict {
  readonly action: TagAction;
  readonly why: RetentionReason;
  readonly detail: string;
}

/** Applies the rules to one repository that was read whole. @throws KeepPatternError */
export function decideTags(model: RepositoryModel, rules: RetentionRules, nowMs: number): Decisions {
  const relations = relationsOf(model);
  const verdicts = new Map<string, Verdict>();
  const images = model.tags.filter((tag) => companionSubject(tag.name) === null);
  const companions = model.tags.filter((tag) => companionSubject(tag.name) !== null);
  const named = namedByRules(model, rules);
  for (const tag of model.tags) {
    const verdict = named(tag);
    if (verdict !== null) verdicts.set(tag.name, verdict);
  }
  const newest = newestDigests(model, images, rules.keepLast);
  for (const tag of images) {
    if (!verdicts.has(tag.name)) verdicts.set(tag.name, byAge(model, tag, newest, rules.minAgeMs, nowMs));
  }
  const extraRoots = [...(rules.inUse?.digests ?? [])];
  const tagged = reach(
    model,
    images.map(({ digest }) => digest),
    (node) => neighbours(node, relations),
  );
  const byKey = new Map([...model.manifests.keys()].map((digest) => [companionKey(digest), digest]));
  for (const tag of companions) {
    if (verdicts.has(tag.name)) continue;
    const subject = byKey.get(companionSubject(tag.name)?.key ?? "");
    if (subject === undefined) verdicts.set(tag.name, orphan(model, tag, rules.minAgeMs, nowMs));
    else if (!tagged.has(subject)) {
      extraRoots.push(subject);
      verdicts.set(tag.name, keep("untagged_subject", `${subject} is there without a tag`));
    }
  }
  const keptTags = model.tags.filter((tag) => verdicts.get(tag.name)?.action === "keep");
  const kept = reach(model, [...extraRoots, ...keptTags.map(({ digest }) => digest)], (node) =>
    neighbours(node, relations),
  );
  for (const tag of companions) {
    if (verdicts.has(tag.name)) continue;
    const subject = byKey.get(companionSubject(tag.name)?.key ?? "") as string;
    verdicts.set(
      tag.name,
      kept.has(subject) || kept.has(tag.digest)
        ? keep("companion_kept", `it accompanies ${subject}, which stays`)
        : { action: "drop", why: "companion_dropped", detail: `it accompanies ${subject}, which goes` },
    );
  }
  const tags = model.tags.map((tag) => {
    const verdict = verdicts.get(tag.name) as Verdict;
    const settled = verdict.action === "drop" && kept.has(tag.digest) ? stay(tag, keptTags) : verdict;
    return { tag: tag.name, digest: tag.digest, createdMs: createdOf(model, tag), ...settled };
  });
  const dropped = tags.filter(({ action }) => action === "drop").map(({ digest }) => digest);
  const doomed = reach(model, dropped, (node) => [...downwards(node), ...about(node.digest, relations)]);
  for (const digest of kept) doomed.delete(digest);
  return { tags, doomed };
}

function keep(why: RetentionReason, detail: string): Verdict {
  return { action: "keep", why, detail };
}

function stay(tag: TagReading, keptTags: readonly TagReading[]): Verdict {
  const twin = keptTags.find(({ digest }) => digest === tag.digest);
  const needed =
    twin === undefined ? "a kept image needs it" : `it is the image of the kept tag ${twin.name}`;
  return { action: "stay", why: "shared", detail: `no rule keeps it, and ${needed}` };
}

/** What the rules say of a tag by its name or by what runs; null where they say nothing. */
function namedByRules(model: RepositoryModel, rules: RetentionRules): (tag: TagReading) => Verdict | null {
  const names = model.tags.map(({ name }) => name);
  const patterns = rules.keep.map((pattern) => ({ pattern, kept: tagsKeptBy(pattern, names) }));
  const running = rules.inUse === null ? new Set() : tagsInUse(rules.inUse, model.repository);
  const digests = rules.inUse?.digests ?? new Set();
  const runs = (tag: TagReading): boolean => {
    for (const digest of reach(model, [tag.digest], downwards)) {
      if (digests.has(digest)) return true;
      if (model.manifests.get(digest)?.references.some((one) => digests.has(one.digest)) === true)
        return true;
    }
    return false;
  };
  return (tag) => {
    if (running.has(tag.name)) return keep("in_use", "a pod names the tag");
    if (digests.size > 0 && runs(tag)) return keep("in_use", "a pod runs it by digest");
    const found = patterns.find(({ kept }) => kept.has(tag.name));
    return found === undefined ? null : keep("pattern", `--keep ${found.pattern}`);
  };
}

function createdOf(model: RepositoryModel, tag: TagReading): number | null {
  return model.manifests.get(tag.digest)?.createdMs ?? null;
}

/** The newest by distinct digest; what is as old as the last of them is as new. */
function newestDigests(
  model: RepositoryModel,
  images: readonly TagReading[],
  count: number | null,
): ReadonlySet<string> {
  if (count === null) return new Set();
  const times = new Map<string, number>();
  for (const tag of images) {
    const created = createdOf(model, tag);
    if (created !== null) times.set(tag.digest, created);
  }
  const sorted = [...times.values()].sort((a, b) => b - a);
  const oldest = sorted[Math.min(count, sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
  return new Set([...times].filter(([, time]) => time >= oldest).map(([digest]) => digest));
}

function byAge(
  model: RepositoryModel,
  tag: TagReading,
  newest: ReadonlySet<string>,
  minAgeMs: number,
  nowMs: number,
): Verdict {
  if (newest.has(tag.digest)) return keep("newest", "among the newest by creation time");
  return (
    tooYoung(model, tag, minAgeMs, nowMs) ?? { action: "drop", why: "no_rule", detail: "no rule keeps it" }
  );
}

function orphan(model: RepositoryModel, tag: TagReading, minAgeMs: number, nowMs: number): Verdict {
  if (companionSubject(tag.name)?.digest === null) {
    return keep("untagged_subject", "its name is too short to look for what it accompanies");
  }
  return (
    tooYoung(model, tag, minAgeMs, nowMs) ?? {
      action: "drop",
      why: "orphan",
      detail: "what it accompanies is gone",
    }
  );
}

/** Why the image counts as young; null where it is known to be old enough. */
function tooYoung(model: RepositoryModel, tag: TagReading, minAgeMs: number, nowMs: number): Verdict | null {
  const node = model.manifests.get(tag.digest);
  const times = [node?.createdMs, node?.uploadedMs].filter((time) => typeof time === "number");
  if (times.length === 0) return keep("unknown_age", "nothing believable says when it was made");
  // Whichever is later: an image made long ago may have been uploaded just now.
  const latest = Math.max(...times);
  return nowMs - latest < minAgeMs ? keep("young", `from ${new Date(latest).toISOString()}`) : null;
}
