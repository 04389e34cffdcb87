import { Digest } from "../lib/oci/digest";
import { MediaType } from "../lib/oci/media-type";
import { type BuiltDescriptor, type BuiltManifest, buildIndex, buildRawManifest } from "../lib/testing";
import { seededBytes } from "../lib/testing/layer-tar";

/** Every tag is an index of `platforms` images; an image has the shared layers, its own ones and a config. */
export interface StoreShape {
  readonly repositories: number;
  readonly tagsPerRepository: number;
  readonly platforms: readonly string[];
  /** Base layers, which all tags of a repository have in common, platform by platform. */
  readonly sharedLayers: number;
  /** Layers that one image alone has. */
  readonly ownLayers: number;
  readonly sharedLayerBytes: number;
  readonly ownLayerBytes: number;
}

export interface StoredBlob {
  readonly repository: string;
  readonly digest: string;
  readonly size: number;
}

/** What a walk has to ask for, each once: digests are counted per repository, as they are linked. */
export interface Store {
  readonly tags: readonly { readonly repository: string; readonly tag: string }[];
  /** Below `/v2/`: every index by its tag, every image by its digest. */
  readonly manifestPaths: readonly string[];
  readonly blobs: readonly StoredBlob[];
}

/** How many references of each kind a store of this shape has. */
export function countsOf(shape: StoreShape) {
  const indexes = shape.repositories * shape.tagsPerRepository;
  const manifests = indexes * shape.platforms.length;
  const sharedBlobs = shape.repositories * shape.platforms.length * shape.sharedLayers;
  return { indexes, manifests, blobs: sharedBlobs + manifests * (shape.ownLayers + 1) };
}

export type PutImage = (repository: string, tag: string, image: BuiltManifest) => void;

/** Fills a registry, image by image; the same shape gives the same bytes. */
export function fillStore(put: PutImage, shape: StoreShape): Store {
  const tags: { repository: string; tag: string }[] = [];
  const manifestPaths: string[] = [];
  const blobs: StoredBlob[] = [];
  for (let r = 0; r < shape.repositories; r++) {
    const repository = `bench/app-${`${r}`.padStart(2, "0")}`;
    const seen = new Set<string>();
    for (let t = 0; t < shape.tagsPerRepository; t++) {
      const tag = `v1.${t}`;
      const children = shape.platforms.map((platform) => image(shape, repository, tag, platform));
      put(repository, tag, buildIndex({ children }));
      tags.push({ repository, tag });
      manifestPaths.push(`${repository}/manifests/${tag}`);
      for (const child of children) {
        manifestPaths.push(`${repository}/manifests/${child.digest}`);
        for (const [digest, content] of child.blobs) {
          if (seen.has(digest)) continue;
          seen.add(digest);
          blobs.push({ repository, digest, size: content.length });
        }
      }
    }
  }
  return { tags, manifestPaths, blobs };
}

/** Layers are random bytes under an uncompressed type: nothing here unpacks them, and diff ids stay true. */
function image(shape: StoreShape, repository: string, tag: string, platform: string): BuiltManifest {
  const [os = "", architecture = ""] = platform.split("/");
  const layersOf = (seed: string, count: number, bytes: number) =>
    Array.from({ length: count }, (_, i) => seededBytes(`${seed}/${i}`, bytes));
  const contents = [
    ...layersOf(`${repository}/${platform}`, shape.sharedLayers, shape.sharedLayerBytes),
    ...layersOf(`${repository}/${platform}/${tag}`, shape.ownLayers, shape.ownLayerBytes),
  ];
  const layers = contents.map((content) => describe(MediaType.ociLayer, content));
  const configBody = json({
    os,
    architecture,
    config: { Labels: { tag } },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `${layer.digest}`) },
    history: layers.map((_, i) => ({ created_by: `layer ${i}` })),
  });
  const config = describe(MediaType.ociConfig, configBody);
  const body = json({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: { ...config, digest: `${config.digest}` },
    layers: layers.map((layer) => ({ ...layer, digest: `${layer.digest}` })),
  });
  return {
    ...buildRawManifest({ body, mediaType: MediaType.ociManifest, blobs: [configBody, ...contents] }),
    platform: { os, architecture, variant: null, osVersion: null },
    config,
    layers,
  };
}

function describe(mediaType: string, content: Buffer): BuiltDescriptor {
  return { mediaType, digest: Digest.sha256(content), size: content.length };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
