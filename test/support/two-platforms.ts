import { isObject } from "../../lib/oci/descriptor";
import { allManifests, type BuiltManifest, buildImage, buildIndex } from "../../lib/testing";
import type { RawAnswer } from "./raw-http";
import type { RegistryObserver } from "./registry-observer";

/** An index of two platforms with two layers each. @param layerBytes beyond 12 KiB a walk does not read them whole */
export function twoPlatforms(seed: string, layerBytes = 64): BuiltManifest {
  return buildIndex({
    children: ["linux/amd64", "linux/arm64"].map((platform) =>
      buildImage({ seed: `${seed}/${platform}`, platform, layers: [layerBytes, layerBytes] }),
    ),
  });
}

/** Its image for linux/amd64. */
export function firstChild(index: BuiltManifest): BuiltManifest {
  const child = index.children[0];
  if (child === undefined) throw new Error("an index of the tests has children");
  return child;
}

/** A layer that its image for linux/amd64 alone has. */
export function firstLayer(index: BuiltManifest): BuiltManifest["layers"][number] {
  const layer = firstChild(index).layers[0];
  if (layer === undefined) throw new Error("an image of the tests has layers");
  return layer;
}

export function statuses(answers: readonly RawAnswer[]): readonly number[] {
  return answers.map((answer) => answer.status);
}

export interface GraphStatuses {
  readonly manifests: readonly number[];
  readonly blobs: readonly number[];
}

/** What the registry answers to a GET of each manifest and of each blob, in the graph's order. */
export async function statusesOf(at: RegistryObserver, index: BuiltManifest): Promise<GraphStatuses> {
  const parts = allManifests(index);
  const blobs = parts.flatMap((part) => [...(part.config === null ? [] : [part.config]), ...part.layers]);
  return {
    manifests: statuses(await Promise.all(parts.map((part) => at.manifest(part.digest)))),
    blobs: statuses(await Promise.all(blobs.map((blob) => at.blob(blob.digest)))),
  };
}

/** `statusesOf` an index of two platforms that is whole, and of one of which nothing is left. */
export const SOUND = { manifests: [200, 200, 200], blobs: [200, 200, 200, 200, 200, 200] };
export const ALL_GONE = { manifests: [404, 404, 404], blobs: [404, 404, 404, 404, 404, 404] };

/** The names in a catalogue or a list of tags, sorted. */
export function namesIn(answer: RawAnswer, key: "repositories" | "tags"): readonly string[] {
  const json: unknown = JSON.parse(answer.body.toString("utf8"));
  const names = isObject(json) ? json[key] : null;
  return Array.isArray(names) ? names.map(String).sort() : [];
}
