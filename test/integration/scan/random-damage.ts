import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import type { Digest } from "../../../lib/oci/digest";
import { allBlobs, allManifests, type BuiltManifest, buildImage, buildIndex } from "../../../lib/testing";
import { blobDataPath, inStorage, layerLinkPath, revisionLinkPath, tagLinkPath } from "../../support/storage";

/** What can happen to a link, or to data: numbers choose among the objects of an image, modulo their count. */
export interface RandomDamage {
  readonly target: "tag" | "revision" | "layer" | "manifest data" | "blob data";
  readonly how: "delete" | "empty" | "halve" | "garbage" | "elsewhere" | "move" | "grow";
  readonly which: number;
}

export const randomDamages: fc.Arbitrary<readonly RandomDamage[]> = fc.array(
  fc.record({
    target: fc.constantFrom("tag", "revision", "layer", "manifest data", "blob data"),
    how: fc.constantFrom("delete", "empty", "halve", "garbage", "elsewhere", "move", "grow"),
    which: fc.nat(50),
  }),
  { minLength: 1, maxLength: 4 },
);

/** An index in an index with an attested image and a plain one, so that objects of all roles are there. */
export function imageOfAllRoles(seed: string): BuiltManifest {
  const inner = buildIndex({
    children: [buildImage({ seed: `${seed}/inner`, platform: "linux/amd64", layers: 2 })],
    attestations: true,
  });
  return buildIndex({
    children: [inner, buildImage({ seed: `${seed}/outer`, platform: "linux/s390x" })],
  });
}

export function doDamage(
  root: string,
  repository: string,
  tag: string,
  image: BuiltManifest,
  { target, how, which }: RandomDamage,
): void {
  const manifests = [...allManifests(image)].map(({ digest }) => digest);
  const blobs = [...image.children].flatMap((child) => [...leavesOf(child)]);
  const pick = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;
  const manifest = pick(manifests, which);
  const blob = pick(blobs, which);
  const path = {
    tag: tagLinkPath(repository, tag),
    revision: revisionLinkPath(repository, manifest),
    layer: layerLinkPath(repository, blob),
    "manifest data": blobDataPath(manifest),
    "blob data": blobDataPath(blob),
  }[target];
  const file = inStorage(root, path);
  if (!existsSync(file)) return;
  const other = target === "layer" ? pick(blobs, which + 1) : pick(manifests, which + 1);
  switch (how) {
    case "delete":
      rmSync(file);
      return;
    case "empty":
      truncateSync(file, 0);
      return;
    case "halve":
      truncateSync(file, readFileSync(file).length >> 1);
      return;
    case "garbage":
      writeFileSync(file, "no digest");
      return;
    case "elsewhere":
      // Another object's digest in a link, another object's bytes as data.
      if (target.endsWith("data")) return;
      writeFileSync(file, `${other}`);
      return;
    case "move":
      // A manifest is served from a link among the layers too.
      if (target !== "revision") return;
      put(inStorage(root, layerLinkPath(repository, manifest)), `${manifest}`);
      rmSync(file);
      return;
    case "grow":
      writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from("\n")]));
  }
}

function put(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function* leavesOf(image: BuiltManifest): Generator<Digest> {
  for (const manifest of allManifests(image)) {
    if (manifest.config !== null) yield manifest.config.digest;
    for (const { digest } of manifest.layers) yield digest;
  }
  if ([...allBlobs(image)].length === 0) throw new Error("an image of the tests has blobs");
}
