import { createHash } from "node:crypto";
import { MediaType } from "../lib/oci/media-type";
import type { ExpectedCounts } from "./probe";

export interface GeneratedShape {
  readonly repositories: number;
  readonly tagsPerRepository: number;
  readonly imagesPerTag: number;
  /** Beside a config; no two are the same, in any repository. */
  readonly layersPerImage: number;
  /** As the descriptors have it; no layer has bytes. */
  readonly layerBytes: number;
}

export interface GeneratedManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly body: string;
}

/** 32 bits of a digest, so that a sum over a million of them is exact. */
const SUMMED_HEX = 8;
const SUM_MODULUS = 2 ** 48;

/** Numbered images, of which each is a function of its number. */
export class GeneratedImages {
  readonly repositories: readonly string[];
  /** The same in every repository. */
  readonly tags: readonly string[];
  readonly counts: ExpectedCounts;
  private readonly tagNumbers: ReadonlyMap<string, number>;
  /** Numbers of images by the digests of their manifests and configs: a fraction of what there is in layers. */
  private readonly byManifest = new Map<string, number>();
  private readonly byConfig = new Map<string, number>();

  constructor(private readonly shape: GeneratedShape) {
    const { repositories, tagsPerRepository, imagesPerTag, layersPerImage } = shape;
    this.repositories = numbered(repositories, "generated/app-");
    this.tags = numbered(tagsPerRepository, "v");
    this.tagNumbers = new Map(this.tags.map((tag, i) => [tag, i]));
    const indexes = repositories * tagsPerRepository;
    const manifests = indexes * imagesPerTag;
    this.counts = { indexes, manifests, blobs: manifests * (layersPerImage + 1) };
  }

  /** By tag or by digest; null where there is none, or where its index was not asked for before. */
  manifest(repository: number, reference: string): GeneratedManifest | null {
    if (reference.startsWith("sha256:")) {
      const number = this.byManifest.get(reference);
      return number === undefined ? null : this.image(number);
    }
    const tag = this.tagNumbers.get(reference);
    return tag === undefined ? null : this.index(repository * this.shape.tagsPerRepository + tag);
  }

  config(digest: string): string | null {
    const number = this.byConfig.get(digest);
    return number === undefined ? null : configOf(number);
  }

  addToSum(sum: number, digest: string): number {
    return (sum + Number.parseInt(digest.slice(7, 7 + SUMMED_HEX), 16)) % SUM_MODULUS;
  }

  /** Of all blobs, each once. */
  sumOfBlobs(): number {
    let sum = 0;
    for (let number = 0; number < this.counts.manifests; number++) {
      sum = this.addToSum(sum, sha256(configOf(number)));
      for (let i = 0; i < this.shape.layersPerImage; i++) sum = this.addToSum(sum, layerDigest(number, i));
    }
    return sum;
  }

  private index(number: number): GeneratedManifest {
    const { imagesPerTag } = this.shape;
    const manifests = Array.from({ length: imagesPerTag }, (_, i) => {
      const own = number * imagesPerTag + i;
      const { mediaType, digest, body } = this.image(own);
      this.byManifest.set(digest, own);
      const platform = { os: "linux", architecture: i === 0 ? "amd64" : `arm64`, variant: `v${i}` };
      return { mediaType, digest, size: body.length, platform };
    });
    return manifestOf(MediaType.ociIndex, { manifests });
  }

  private image(number: number): GeneratedManifest {
    const config = configOf(number);
    const digest = sha256(config);
    this.byConfig.set(digest, number);
    const layers = Array.from({ length: this.shape.layersPerImage }, (_, i) => {
      const type = MediaType.ociLayerGzip;
      return { mediaType: type, digest: layerDigest(number, i), size: this.shape.layerBytes };
    });
    return manifestOf(MediaType.ociManifest, {
      config: { mediaType: MediaType.ociConfig, digest, size: config.length },
      layers,
    });
  }
}

function manifestOf(mediaType: string, content: object): GeneratedManifest {
  const body = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
  return { mediaType, digest: sha256(body), body };
}

function configOf(number: number): string {
  return JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: { number } } });
}

function layerDigest(image: number, layer: number): string {
  return sha256(`layer ${layer} of image ${image}`);
}

function sha256(content: string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function numbered(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}
