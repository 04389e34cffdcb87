/** Images with one fault each, and sound ones: the truth that every contender's verdict is held against. */
import {
  allManifests,
  type BuiltManifest,
  buildAttestation,
  buildImage,
  buildIndex,
  type Digest,
} from "../../lib/testing";
import {
  cutOneByte,
  deleteData,
  deleteLayerLink,
  deleteRevisionLink,
  emptyData,
  flipOneByte,
} from "../../test/support/storage-damage";
import type { Truth } from "./compare-verdicts";

export interface Case {
  readonly truth: Truth;
  readonly image: BuiltManifest;
  /** Done to the disk while the registry runs, with all of it in its cache. */
  readonly damage: (root: string, repository: string) => void;
  /**
   * The registry is restarted after it: a lost link is not seen before, as all that its cache knows can still be pulled.
   * @default false
   */
  readonly isRestarted?: boolean;
  /** The image is whole there too, and stays so. @default false */
  readonly isElsewhere?: boolean;
}

/** Large enough that nobody reads it whole for its last byte's price. */
const LAYER_BYTES = 300 * 1024;
const none = (): void => undefined;

export function repositoryOf(truth: Truth): string {
  return `verdicts/${truth.name.replace(/[^a-z0-9]+/g, "-")}`;
}

export function verdictCases(): readonly Case[] {
  const broken = (
    name: string,
    damage: (root: string, repository: string, image: BuiltManifest) => void,
    more: Pick<Case, "isElsewhere"> & { readonly isOnlyInBytes?: boolean } = {},
  ): Case => {
    const image = twoPlatforms(name);
    const { isElsewhere = false, isOnlyInBytes = false } = more;
    return {
      truth: { name, isWhole: false, isOnlyInBytes },
      image,
      isElsewhere,
      damage: (root, repository) => damage(root, repository, image),
    };
  };
  const whole = (name: string, image: BuiltManifest): Case => ({
    truth: { name, isWhole: true, isOnlyInBytes: false },
    image,
    damage: none,
  });
  const restarted = (one: Case): Case => ({
    ...one,
    truth: { ...one.truth, name: `after a restart, ${one.truth.name}` },
    isRestarted: true,
  });
  return [
    whole("whole: two platforms", twoPlatforms("whole")),
    whole("whole: one image, no index", oneImage("single", "linux/amd64")),
    whole("whole: with BuildKit's attestations", withAttestation("attested")),
    broken("the tag's own manifest: data gone", (root, _, image) => deleteData(root, image.digest)),
    broken("an index's child: data gone", (root, _, image) => deleteData(root, child(image).digest)),
    broken("an index's child: a byte changed", (root, _, image) => flipOneByte(root, child(image).digest)),
    broken("a config: data gone", (root, _, image) => deleteData(root, config(image))),
    broken("a layer: data gone", (root, _, image) => deleteData(root, layer(image))),
    broken("a layer: data empty", (root, _, image) => emptyData(root, layer(image))),
    broken("a layer: one byte short", (root, _, image) => cutOneByte(root, layer(image))),
    broken("a layer: a byte changed", (root, _, image) => flipOneByte(root, layer(image)), {
      isOnlyInBytes: true,
    }),
    restarted(whole("whole: two platforms", twoPlatforms("whole again"))),
    restarted(
      broken("an index's child: no manifest of the repository", (root, repository, image) =>
        deleteRevisionLink(root, repository, child(image).digest),
      ),
    ),
    restarted(
      broken("a config: data gone, nothing cached", (root, _, image) => deleteData(root, config(image))),
    ),
    restarted(
      broken("a layer: no blob of the repository", (root, repository, image) =>
        deleteLayerLink(root, repository, layer(image)),
      ),
    ),
    restarted(
      broken(
        "a layer: no blob of this repository, whole in another",
        (root, repository, image) => deleteLayerLink(root, repository, layer(image)),
        { isElsewhere: true },
      ),
    ),
  ];
}

function oneImage(seed: string, platform: string): BuiltManifest {
  const layers = [{ fileBytes: LAYER_BYTES }, { fileBytes: LAYER_BYTES }];
  return buildImage({ seed: `${seed}/${platform}`, platform, layers });
}

function twoPlatforms(seed: string): BuiltManifest {
  return buildIndex({ children: ["linux/amd64", "linux/arm64"].map((platform) => oneImage(seed, platform)) });
}

function withAttestation(seed: string): BuiltManifest {
  const image = oneImage(seed, "linux/amd64");
  return buildIndex({ children: [image, buildAttestation(image)] });
}

/** The image for linux/arm64, which is not the one that a tool on this machine would choose by itself. */
function child(index: BuiltManifest): BuiltManifest {
  const [, second] = index.children;
  if (second === undefined) throw new Error("an index of the verdicts has two children");
  return second;
}

function config(index: BuiltManifest): Digest {
  const { config: own } = child(index);
  if (own === null) throw new Error("an image of the verdicts has a config");
  return own.digest;
}

function layer(index: BuiltManifest): Digest {
  const [first] = child(index).layers;
  if (first === undefined) throw new Error("an image of the verdicts has layers");
  return first.digest;
}

/** What a shell that is told all references of an image would ask for, one line each. */
export function referenceLines(
  url: string,
  repository: string,
  image: BuiltManifest,
  blobs: "range" | "head",
): readonly string[] {
  const parts = allManifests(image);
  const objects = parts.flatMap((part) => [...(part.config === null ? [] : [part.config]), ...part.layers]);
  return [
    `manifest ${url}/v2/${repository}/manifests/v1`,
    ...parts.map(({ digest }) => `manifest ${url}/v2/${repository}/manifests/${digest}`),
    ...objects.map(({ digest, size }) => `${blobs} ${url}/v2/${repository}/blobs/${digest} ${size - 1}`),
  ];
}
