import { basename, join } from "node:path";
import { isRepositoryName } from "../../oci/reference";
import { LAYOUT_ROOT } from "./layout";
import { isRealFolder, type Look, listFolder } from "./storage-files";

/** One storage folder: what a registry's configuration calls `rootdirectory`. */
export interface RegistryFolder {
  /** The folder's own name. */
  readonly name: string;
  /** Holds docker/registry/v2. */
  readonly root: string;
}

/** What a root turned out to be: its registries, or why it is no storage. */
export type FoundRegistries =
  | {
      readonly kind: "found";
      readonly registries: readonly RegistryFolder[];
      /** Folders beside them that could not be looked into. */
      readonly unknown: readonly { readonly name: string; readonly look: UnknownLook }[];
    }
  | { readonly kind: "none"; readonly problem: string };

type UnknownLook = Extract<Look<never>, { kind: "unknown" }>;

/** @param root absolute, and free of symbolic links */
export function findRegistries(root: string): FoundRegistries {
  const own = holdsStorage(root);
  if (own.kind === "there") return { kind: "found", registries: [named(root)], unknown: [] };
  if (own.kind === "unknown") return { kind: "none", problem: `${LAYOUT_ROOT} in it ${own.detail}` };
  const suffix = `/${LAYOUT_ROOT}`;
  if (root.endsWith(suffix)) {
    const storage = root.slice(0, -suffix.length);
    if (holdsStorage(storage).kind === "there") {
      return { kind: "found", registries: [named(storage)], unknown: [] };
    }
  }
  const listing = listFolder(root);
  if (listing.kind === "absent") return { kind: "none", problem: "it is not there" };
  if (listing.kind === "unknown") return { kind: "none", problem: `it ${listing.detail}` };
  const registries: RegistryFolder[] = [];
  const unknown: { name: string; look: UnknownLook }[] = [];
  for (const entry of [...listing.value].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const folder = join(root, entry.name);
    const look = entry.isSymbolicLink() ? isRealFolder(folder) : holdsStorage(folder);
    if (look.kind === "there") registries.push({ name: entry.name, root: folder });
    else if (look.kind === "unknown") unknown.push({ name: entry.name, look });
  }
  if (registries.length > 0) return { kind: "found", registries, unknown };
  const names = listing.value.slice(0, 5).map(({ name }) => name);
  const more = listing.value.length > names.length ? " …" : "";
  const what = names.length === 0 ? "it is empty" : `it holds ${names.sort().join(", ")}${more}`;
  return { kind: "none", problem: `neither it nor a folder in it holds ${LAYOUT_ROOT}; ${what}` };
}

function named(root: string): RegistryFolder {
  return { name: basename(root) || ".", root };
}

function holdsStorage(root: string): Look<true> {
  let look: Look<true> = { kind: "there", value: true };
  let path = root;
  for (const part of LAYOUT_ROOT.split("/")) {
    path = join(path, part);
    look = isRealFolder(path);
    if (look.kind !== "there") return look;
  }
  return look;
}

/** One folder under `repositories` that is a repository, or that could not be looked into. */
export type FoundRepository =
  | { readonly kind: "repository"; readonly name: string }
  | { readonly kind: "unknown"; readonly path: string; readonly look: UnknownLook };

const MAX_DEPTH = 64;

/** Every repository, found as it is asked for. @param root holds docker/registry/v2 */
export function* findRepositories(root: string): Generator<FoundRepository> {
  yield* under(root, "", 0);
}

function* under(root: string, parent: string, depth: number): Generator<FoundRepository> {
  const path = `${LAYOUT_ROOT}/repositories${parent === "" ? "" : `/${parent}`}`;
  const listing = listFolder(join(root, path));
  if (listing.kind === "unknown") yield { kind: "unknown", path, look: listing };
  if (listing.kind !== "there") return;
  const entries = [...listing.value].sort((a, b) => (a.name < b.name ? -1 : 1));
  const isRepository = entries.some(({ name }) => name === "_manifests" || name === "_layers");
  if (isRepository && parent !== "") {
    if (isRepositoryName(parent)) yield { kind: "repository", name: parent };
    else yield refused(path, "is no name of a repository", "invalid_name");
  }
  for (const entry of entries) {
    if (entry.name.startsWith("_")) continue;
    const name = parent === "" ? entry.name : `${parent}/${entry.name}`;
    if (entry.isSymbolicLink()) {
      yield refused(`${path}/${entry.name}`, "is a symbolic link, which is not followed", "bad_response");
    } else if (entry.isDirectory() && depth < MAX_DEPTH) yield* under(root, name, depth + 1);
    else if (entry.isDirectory())
      yield refused(`${path}/${entry.name}`, `is deeper than ${MAX_DEPTH}`, "limit");
  }
}

function refused(path: string, detail: string, reason: UnknownLook["reason"]): FoundRepository {
  return { kind: "unknown", path, look: { kind: "unknown", reason, detail } };
}
