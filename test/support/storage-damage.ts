/** What goes wrong with a registry's disk, done to the disk: every function takes the storage folder first. */
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Digest } from "../../lib/oci/digest";
import {
  blobDataPath,
  inStorage,
  layerLinkPath,
  revisionLinkPath,
  tagLinkPath,
  tagPath,
  tagsPath,
} from "./storage";

/** The manifest's bytes stay, the repository no longer knows them. */
export function deleteRevisionLink(root: string, repository: string, digest: Digest): void {
  removeWithItsFolder(inStorage(root, revisionLinkPath(repository, digest)));
}

/** The blob's bytes stay, the repository no longer knows them. */
export function deleteLayerLink(root: string, repository: string, digest: Digest): void {
  removeWithItsFolder(inStorage(root, layerLinkPath(repository, digest)));
}

/** The links of every repository dangle. */
export function deleteData(root: string, digest: Digest): void {
  removeWithItsFolder(inStorage(root, blobDataPath(digest)));
}

export function emptyData(root: string, digest: Digest): void {
  truncateSync(inStorage(root, blobDataPath(digest)), 0);
}

/** Cuts the last byte off. */
export function cutOneByte(root: string, digest: Digest): void {
  const path = inStorage(root, blobDataPath(digest));
  truncateSync(path, statSync(path).size - 1);
}

/**
 * Same length, other content.
 * @param offset of the byte whose lowest bit is turned; default the middle
 */
export function flipOneByte(root: string, digest: Digest, offset?: number): void {
  const path = inStorage(root, blobDataPath(digest));
  const content = readFileSync(path);
  const at = offset ?? content.length >> 1;
  content.writeUInt8(content.readUInt8(at) ^ 1, at);
  writeFileSync(path, content);
}

export function emptyTagLink(root: string, repository: string, tag: string): void {
  truncateSync(inStorage(root, tagLinkPath(repository, tag)), 0);
}

/** What a careless clean-up script does: the tag goes, its manifests stay without one. */
export function removeTagDirectory(root: string, repository: string, tag: string): void {
  removeFolder(inStorage(root, tagPath(repository, tag)));
}

/** All tags at once, with the folder that holds them. */
export function removeTagsDirectory(root: string, repository: string): void {
  removeFolder(inStorage(root, tagsPath(repository)));
}

function removeWithItsFolder(path: string): void {
  statSync(path); // damage that hits nothing would prove nothing
  removeFolder(dirname(path));
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true });
}
