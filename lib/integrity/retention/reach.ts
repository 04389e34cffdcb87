import { companionKey, companionSubject } from "./companion-tag";
import type { ManifestNode, RepositoryModel } from "./repository-model";

/** What hangs together in a repository, looked up from either end. */
export interface Relations {
  /** Manifests by their subject's digest. */
  readonly referrers: ReadonlyMap<string, readonly string[]>;
  /** Digests of companion tags by the key of what they accompany. */
  readonly companions: ReadonlyMap<string, readonly string[]>;
}

export function relationsOf(model: RepositoryModel): Relations {
  const referrers = new Map<string, string[]>();
  const companions = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, digest: string): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [digest]);
    else list.push(digest);
  };
  for (const node of model.manifests.values()) {
    if (node.subject !== null) add(referrers, node.subject, node.digest);
  }
  for (const tag of model.tags) {
    const subject = companionSubject(tag.name);
    if (subject !== null) add(companions, subject.key, tag.digest);
  }
  return { referrers, companions };
}

/** Both ways: what a manifest needs, and what is said about it. */
export function neighbours(node: ManifestNode, relations: Relations): string[] {
  return [
    ...downwards(node),
    ...about(node.digest, relations),
    ...(node.subject === null ? [] : [node.subject]),
  ];
}

/** Manifests about the manifest: its referrers, and what its companion tags name. */
export function about(digest: string, relations: Relations): readonly string[] {
  return [
    ...(relations.referrers.get(digest) ?? []),
    ...(relations.companions.get(companionKey(digest)) ?? []),
  ];
}

export function downwards(node: ManifestNode): string[] {
  return node.references.filter(({ role }) => role === "child").map(({ digest }) => digest);
}

/** Every manifest that is reached from the roots by `step`, the roots included; what was not read is left out. */
export function reach(
  model: RepositoryModel,
  roots: Iterable<string>,
  step: (node: ManifestNode) => readonly string[],
): Set<string> {
  const found = new Set<string>();
  const stack = [...roots];
  for (let digest = stack.pop(); digest !== undefined; digest = stack.pop()) {
    const node = model.manifests.get(digest);
    if (node === undefined || found.has(digest)) continue;
    found.add(digest);
    stack.push(...step(node));
  }
  return found;
}
