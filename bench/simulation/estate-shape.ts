import { mix } from "./seeded";

/**
 * A registry as continuous integration fills it: every tag an index of one image a platform, every image with layers
 * of a base that repositories share, layers that the tags of its repository share, and layers and a config of its own.
 */
export interface EstateShape {
  readonly seed: number;
  readonly repositories: number;
  readonly tagsPerRepository: number;
  /** Every fiftieth repository has so many times the tags. */
  readonly largeFactor: number;
  /** `os/architecture`. */
  readonly platforms: readonly string[];
  /** Different bases, dealt to the repositories. */
  readonly bases: number;
  readonly baseLayers: number;
  readonly repositoryLayers: number;
  readonly ownLayers: number;
  /** Layers with bytes of their own, few and true, for a registry that stores them. @default named, without bytes */
  readonly hasTrueLayers?: boolean;
}

const LARGE_EVERY = 50;
const PLATFORMS = ["linux/amd64", "linux/arm64"] as const;

/** Ten layers: four of a base, three of the repository, three of the image. */
const CI = { platforms: PLATFORMS, bases: 20, baseLayers: 4, repositoryLayers: 3, ownLayers: 3 } as const;

/** About so many different blobs. */
export function estateOf(blobs: number): EstateShape {
  const shape = { ...CI, seed: 9, tagsPerRepository: 85, largeFactor: 10 };
  const perTag = PLATFORMS.length * (CI.ownLayers + 1);
  const meanTags = shape.tagsPerRepository * (1 + (shape.largeFactor - 1) / LARGE_EVERY);
  const perRepository = meanTags * perTag + PLATFORMS.length * CI.repositoryLayers;
  return { ...shape, repositories: Math.max(1, Math.round(blobs / perRepository)) };
}

export function tagsIn(shape: EstateShape, repository: number): number {
  const isLarge = repository % LARGE_EVERY === LARGE_EVERY - 1;
  return isLarge ? shape.tagsPerRepository * shape.largeFactor : shape.tagsPerRepository;
}

/** Which base the images of a repository stand on. */
export function baseOf(shape: EstateShape, repository: number): number {
  return mix(shape.seed, repository, 11) % shape.bases;
}

export interface EstateCounts {
  readonly repositories: number;
  readonly tags: number;
  readonly indexes: number;
  readonly manifests: number;
  /** Counted in every repository that links them: what a walk asks for. */
  readonly blobs: number;
  /** Counted once, wherever they are linked. */
  readonly distinctBlobs: number;
}

/** What a walk of the whole counts while nobody pushes. */
export function countsOf(shape: EstateShape): EstateCounts {
  let tags = 0;
  for (let r = 0; r < shape.repositories; r++) tags += tagsIn(shape, r);
  const platforms = shape.platforms.length;
  const own = tags * platforms * (shape.ownLayers + 1);
  const repositoryLayers = shape.repositories * platforms * shape.repositoryLayers;
  const bases = new Set(Array.from({ length: shape.repositories }, (_, r) => baseOf(shape, r))).size;
  return {
    repositories: shape.repositories,
    tags,
    indexes: tags,
    manifests: tags * platforms,
    blobs: own + repositoryLayers + shape.repositories * platforms * shape.baseLayers,
    distinctBlobs: own + repositoryLayers + bases * platforms * shape.baseLayers,
  };
}
