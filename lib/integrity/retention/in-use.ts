/**
 * What a cluster runs, from the answer of `kubectl get pods -A -o json`.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
import { isObject, type JsonObject } from "../../oci/descriptor";
import { parseImageReference } from "../../oci/reference";

/** The text is no list of pods, or not a whole one. */
export class PodListError extends Error {
  override readonly name = "PodListError";
}

export interface InUse {
  readonly pods: number;
  /** Of manifests, indexes or configs: runtimes report either. */
  readonly digests: ReadonlySet<string>;
  /** Tags by repository path, whatever registry the pod names: workloads may pull by another name. */
  readonly tags: ReadonlyMap<string, ReadonlySet<string>>;
  /** Digests by repository path, where the pod names both. */
  readonly digestsByPath: ReadonlyMap<string, ReadonlySet<string>>;
  /** Images whose name cannot be read; they protect nothing. */
  readonly unreadable: readonly string[];
}

const DIGEST = /sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})/g;
const CONTAINERS = ["containers", "initContainers", "ephemeralContainers"] as const;
const STATUSES = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

/** @throws PodListError for anything but a whole list with at least one pod: an empty answer must not free everything */
export function parsePodList(text: string): InUse {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PodListError("is not whole JSON");
  }
  if (!isObject(json) || !Array.isArray(json.items)) throw new PodListError("has no list of items");
  if (json.kind !== "List" && json.kind !== "PodList")
    throw new PodListError("is not of kind List or PodList");
  const metadata = isObject(json.metadata) ? json.metadata : {};
  if (typeof metadata.continue === "string" && metadata.continue !== "") {
    throw new PodListError("is one page of a longer list: read it whole");
  }
  if (json.items.length === 0) throw new PodListError("lists no pod at all, so that nothing would be in use");
  const images = new Set<string>();
  json.items.forEach((item: unknown, at) => {
    if (!isObject(item) || (item.kind !== undefined && item.kind !== "Pod") || !isObject(item.spec)) {
      throw new PodListError(`has an item that is no pod: items[${at}]`);
    }
    if (!Array.isArray(item.spec.containers) || item.spec.containers.length === 0) {
      throw new PodListError(`has a pod without containers: items[${at}]`);
    }
    for (const image of imagesOf(item.spec, item.status)) images.add(image);
  });
  return { pods: json.items.length, ...readImages(images) };
}

function imagesOf(spec: JsonObject, status: unknown): string[] {
  const found: string[] = [];
  const take = (list: unknown, keys: readonly string[]): void => {
    if (!Array.isArray(list)) return;
    for (const entry of list as readonly unknown[]) {
      if (!isObject(entry)) continue;
      for (const key of keys) {
        const value = entry[key];
        if (typeof value === "string" && value !== "") found.push(value);
      }
    }
  };
  for (const key of CONTAINERS) take(spec[key], ["image"]);
  if (isObject(status)) for (const key of STATUSES) take(status[key], ["image", "imageID"]);
  return found;
}

function readImages(images: ReadonlySet<string>): Omit<InUse, "pods"> {
  const digests = new Set<string>();
  const tags = new Map<string, Set<string>>();
  const digestsByPath = new Map<string, Set<string>>();
  const unreadable: string[] = [];
  for (const image of images) {
    const found = image.match(DIGEST) ?? [];
    for (const digest of found) digests.add(digest);
    const reference = parseImageReference(image.replace(/^[a-z-]+:\/\//, ""));
    if ("problem" in reference) {
      if (found.length === 0) unreadable.push(image);
      continue;
    }
    const { repository, tag, digest } = reference;
    if (tag !== null) tags.set(repository, (tags.get(repository) ?? new Set()).add(tag));
    if (digest !== null) {
      digestsByPath.set(repository, (digestsByPath.get(repository) ?? new Set()).add(`${digest}`));
    }
  }
  return { digests, tags, digestsByPath, unreadable };
}

/**
 * The tags of a repository that pods name. A path counts when one ends with the other, at a slash: a mirror adds a
 * prefix, a short name leaves one out, and a false match only keeps more.
 */
export function tagsInUse(inUse: InUse, repository: string): ReadonlySet<string> {
  return matching(inUse.tags, repository);
}

/** The digests that pods run from a repository, by the same rule. */
export function digestsInUse(inUse: InUse, repository: string): ReadonlySet<string> {
  return matching(inUse.digestsByPath, repository);
}

function matching(byPath: ReadonlyMap<string, ReadonlySet<string>>, repository: string): Set<string> {
  const found = new Set<string>();
  for (const [path, values] of byPath) {
    // Docker Hub's own images have a prefix that nobody writes, and a mirror may not have it.
    const short = path.startsWith("library/") ? path.slice("library/".length) : path;
    if (endsWithPath(path, repository) || endsWithPath(repository, short)) {
      for (const value of values) found.add(value);
    }
  }
  return found;
}

function endsWithPath(longer: string, shorter: string): boolean {
  return longer === shorter || longer.endsWith(`/${shorter}`);
}
