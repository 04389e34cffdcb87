import { Digest } from "../lib/oci/digest";
import { MediaType } from "../lib/oci/media-type";
import { type BuiltManifest, buildIndex } from "../lib/testing";
import { seededBytes, stableGzip, tarOfFile } from "../lib/testing/layer-tar";
import { assemble } from "../lib/testing/manifest-assembly";

/** Every tag is an index of `platforms` images; an image has base layers, shared layers, its own ones and a config. */
export interface StoreShape {
  readonly repositories: number;
  readonly tagsPerRepository: number;
  readonly platforms: readonly string[];
  /** Layers of the base image, of which there are BASE_IMAGES for all repositories. @default 0 */
  readonly baseLayers?: number;
  /** Layers which all tags of a repository have in common, platform by platform. */
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

/** Every third repository is built on the same base image. */
const BASE_IMAGES = 3;

/** How many references of each kind a store of this shape has. */
export function countsOf(shape: StoreShape) {
  const indexes = shape.repositories * shape.tagsPerRepository;
  const manifests = indexes * shape.platforms.length;
  const sharedBlobs =
    shape.repositories * shape.platforms.length * ((shape.baseLayers ?? 0) + shape.sharedLayers);
  return { indexes, manifests, blobs: sharedBlobs + manifests * (shape.ownLayers + 1) };
}

export type PutImage = (repository: string, tag: string, image: BuiltManifest) => void;

/** Fills a registry, image by image; the same shape gives the same bytes. */
export function fillStore(put: PutImage, shape: StoreShape): Store {
  const tags: { repository: string; tag: string }[] = [];
  const manifestPaths: string[] = [];
  const blobs: StoredBlob[] = [];
  const bases = new Map<string, Layer>();
  for (let r = 0; r < shape.repositories; r++) {
    const repository = `bench/app-${`${r}`.padStart(2, "0")}`;
    const seen = new Set<string>();
    const shared = new Map<string, Layer>();
    for (let t = 0; t < shape.tagsPerRepository; t++) {
      const tag = `v1.${t}`;
      const children = shape.platforms.map((platform) =>
        buildImage(tag, platform, [
          ...layersOf(
            `base-${r % BASE_IMAGES}/${platform}`,
            shape.baseLayers ?? 0,
            shape.sharedLayerBytes,
            bases,
          ),
          ...layersOf(`${repository}/${platform}`, shape.sharedLayers, shape.sharedLayerBytes, shared),
          ...layersOf(`${repository}/${platform}/${tag}`, shape.ownLayers, shape.ownLayerBytes, new Map()),
        ]),
      );
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

interface Layer {
  readonly content: Buffer;
  readonly diffId: string;
}

/** Tars, gzip'ed: what validates or copies an image reads them. */
function layersOf(seed: string, count: number, bytes: number, made: Map<string, Layer>): readonly Layer[] {
  return Array.from({ length: count }, (_, i) => {
    const key = `${seed}/${i}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const tar = tarOfFile("data", seededBytes(key, bytes));
    const layer = { content: stableGzip(tar), diffId: `${Digest.sha256(tar)}` };
    made.set(key, layer);
    return layer;
  });
}

function buildImage(tag: string, platform: string, layers: readonly Layer[]): BuiltManifest {
  const [os = "", architecture = ""] = platform.split("/");
  const config = json({
    os,
    architecture,
    config: { Labels: { tag } },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map((_, i) => ({ created_by: `layer ${i}` })),
  });
  return assemble({
    algorithm: "sha256",
    family: "oci",
    platform: { os, architecture, variant: null, osVersion: null },
    config: { mediaType: MediaType.ociConfig, content: config },
    layers: layers.map(({ content }) => ({ mediaType: MediaType.ociLayerGzip, content })),
    withMediaType: true,
    subject: null,
    annotations: {},
    entryAnnotations: {},
  });
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
