import { join } from "node:path";
import { printable } from "../../core/printable";
import { Digest, type DigestAlgorithm } from "../../oci/digest";
import type { BlobInventory, UnreadableFolder } from "./blob-inventory";
import { DigestTable } from "./digest-table";
import { layerLinkPath, repositoryPath, revisionLinkPath } from "./layout";
import type { ScanSlice } from "./scan-model";
import { ABSENT, isRealFolder, type Look, listFolder, readLinkFile } from "./storage-files";

/** What all repositories of one storage folder share. */
export interface StorageContext extends ScanSlice {
  /** The folder that holds docker/registry/v2. */
  readonly root: string;
  readonly isCache: boolean;
  readonly blobs: BlobInventory;
  /** Unguessable 32 bits for hash tables. */
  readonly seed: number;
}

/** A link read: the digest that it holds, or `malformed` where the registry would answer 500 for ever. */
export type LinkLook = Look<Digest> | { readonly kind: "malformed"; readonly detail: string };

type LinkPath = (repository: string, digest: Digest) => string;
type Unknown = Extract<Look<never>, { kind: "unknown" }>;

const FOLDER = 0;
const NOT_FOLLOWED = 1;

/** The folders of one kind of link in one repository, listed once, so that no symbolic link is ever followed. */
export class LinkFolder {
  readonly table: DigestTable;
  readonly unreadable: UnreadableFolder[] = [];
  private unknown: Unknown | null = null;

  /** @param folder relative to the repository, with a folder for each algorithm in it */
  constructor(
    private readonly storage: StorageContext,
    private readonly repository: string,
    folder: string,
    private readonly pathOf: LinkPath,
  ) {
    this.table = new DigestTable(storage.seed);
    const path = `${repositoryPath(repository)}/${folder}`;
    // `_layers` and `_manifests` could each be a symbolic link, and so could what is in them.
    const parts = folder.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"));
    for (const part of parts) {
      const look = isRealFolder(join(storage.root, repositoryPath(repository), part));
      if (look.kind === "unknown") this.cannotRead(`${repositoryPath(repository)}/${part}`, look);
      if (look.kind !== "there") return;
    }
    for (const algorithm of ["sha256", "sha512"] as const) this.list(path, algorithm);
  }

  /** What the link of this digest holds. */
  read(digest: Digest): LinkLook {
    const entry = this.table.find(digest);
    if (entry < 0) return this.unknown ?? ABSENT;
    if (this.table.value(entry) === NOT_FOLLOWED) {
      const detail = "is a symbolic link, which is not followed";
      return { kind: "unknown", reason: "bad_response", detail };
    }
    return asLink(readLinkFile(`${this.storage.root}/${this.pathOf(this.repository, digest)}`), digest);
  }

  private list(folder: string, algorithm: DigestAlgorithm): void {
    const path = `${folder}/${algorithm}`;
    const look = listFolder(join(this.storage.root, path));
    if (look.kind === "unknown") this.cannotRead(path, look);
    if (look.kind !== "there") return;
    for (const entry of look.value) {
      if (entry.isDirectory()) this.table.addHex(algorithm, entry.name, FOLDER);
      else if (entry.isSymbolicLink()) this.table.addHex(algorithm, entry.name, NOT_FOLLOWED);
    }
  }

  private cannotRead(path: string, look: Unknown): void {
    this.unknown = look;
    this.unreadable.push({ path, look });
  }
}

/** Exactly a digest: the registry knows no white space around it. */
export function asLink(look: Look<string>, expected: Digest | null): LinkLook {
  if (look.kind !== "there") return look;
  if (expected !== null && look.value === expected.toString()) return { kind: "there", value: expected };
  const digest = Digest.parse(look.value);
  if (digest !== null) return { kind: "there", value: digest };
  const detail =
    look.value === "" ? "the link is empty" : `the link holds no digest: "${printable(look.value, 80)}"`;
  return { kind: "malformed", detail };
}

export function revisionLinks(storage: StorageContext, repository: string): LinkFolder {
  return new LinkFolder(storage, repository, "_manifests/revisions", revisionLinkPath);
}

export function layerLinks(storage: StorageContext, repository: string): LinkFolder {
  return new LinkFolder(storage, repository, "_layers", layerLinkPath);
}
