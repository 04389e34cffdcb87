import { companionKey, companionSubject } from "./companion-tag";
import { downwards } from "./reach";
import type { RepositoryModel } from "./repository-model";

/**
 * Every index before what it lists, so that a stop in between leaves no tagged index broken, and soon after it what
 * it alone listed, so that such a stop leaves little behind that no API lists. What is about an image follows it
 * where that does not contradict the first: an image loses its signature after itself.
 */
export function deletionOrder(model: RepositoryModel, doomed: ReadonlySet<string>): string[] {
  const parentsLeft = new Map<string, number>();
  for (const digest of doomed) {
    for (const child of childrenOf(model, digest)) parentsLeft.set(child, (parentsLeft.get(child) ?? 0) + 1);
  }
  const order: string[] = [];
  const done = new Set<string>();
  const ready = [...doomed]
    .filter((digest) => !parentsLeft.has(digest))
    .sort()
    .reverse();
  const waiting = new Set<string>();
  const subjects = subjectsOf(model, doomed);
  const isEarly = (digest: string): boolean =>
    (subjects.get(digest) ?? []).some((subject) => !done.has(subject));
  const emit = (digest: string): void => {
    order.push(digest);
    done.add(digest);
    for (const child of childrenOf(model, digest)) {
      const left = (parentsLeft.get(child) ?? 0) - 1;
      parentsLeft.set(child, left);
      if (left === 0 && doomed.has(child)) ready.push(child);
    }
  };
  while (ready.length > 0 || waiting.size > 0) {
    const digest = ready.pop();
    if (digest !== undefined) {
      if (isEarly(digest)) waiting.add(digest);
      else emit(digest);
      continue;
    }
    const next = firstOf(waiting, isEarly);
    waiting.delete(next);
    emit(next);
  }
  return order;
}

function childrenOf(model: RepositoryModel, digest: string): Set<string> {
  const node = model.manifests.get(digest);
  return new Set(node === undefined ? [] : downwards(node));
}

/** The first that need not wait any more; the first of all where each waits for another. */
function firstOf(waiting: ReadonlySet<string>, isEarly: (digest: string) => boolean): string {
  let first: string | null = null;
  for (const digest of waiting) {
    if (!isEarly(digest)) return digest;
    first ??= digest;
  }
  return first as string;
}

/** Per doomed manifest: the doomed manifests that it is about, by its own word or by its tag's. */
function subjectsOf(model: RepositoryModel, doomed: ReadonlySet<string>): Map<string, string[]> {
  const byKey = new Map([...doomed].map((digest) => [companionKey(digest), digest]));
  const subjects = new Map<string, string[]>();
  const add = (digest: string, subject: string | null | undefined): void => {
    if (typeof subject !== "string" || subject === digest || !doomed.has(subject) || !doomed.has(digest))
      return;
    subjects.set(digest, [...(subjects.get(digest) ?? []), subject]);
  };
  for (const digest of doomed) add(digest, model.manifests.get(digest)?.subject);
  for (const tag of model.tags) {
    const companion = companionSubject(tag.name);
    if (companion !== null) add(tag.digest, byKey.get(companion.key));
  }
  return subjects;
}
