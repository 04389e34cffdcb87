import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Digest } from "../../lib/oci/digest";
import { allBlobs, allManifests, type BuiltManifest } from "../../lib/testing";
import {
  blobDataPath,
  inStorage,
  layerLinkPath,
  revisionLinkPath,
  tagHistoryLinkPath,
  tagLinkPath,
} from "./storage";

/**
 * Writes an image with all that it needs straight into a registry's storage, as pushing it would: thousands of
 * images a minute, and the registry need not run.
 *
 * @param tag null to leave it untagged
 */
export function writeImage(root: string, repository: string, tag: string | null, image: BuiltManifest): void {
  const link = (path: string, digest: Digest): void => put(root, path, Buffer.from(`${digest}`));
  for (const manifest of allManifests(image)) {
    put(root, blobDataPath(manifest.digest), manifest.body);
    link(revisionLinkPath(repository, manifest.digest), manifest.digest);
  }
  for (const [text, content] of allBlobs(image)) {
    const digest = Digest.parse(text);
    if (digest === null) throw new Error(`blobs must be keyed by digest, got "${text}"`);
    put(root, blobDataPath(digest), content);
    link(layerLinkPath(repository, digest), digest);
  }
  if (tag !== null) {
    link(tagHistoryLinkPath(repository, tag, image.digest), image.digest);
    link(tagLinkPath(repository, tag), image.digest);
  }
}

function put(root: string, path: string, content: Buffer): void {
  const file = inStorage(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
