import type { FindingKind } from "../../../lib/integrity/contract";
import type { Digest } from "../../../lib/oci/digest";
import { type BuiltManifest, buildImage, buildIndex } from "../../../lib/testing";
import type { Distribution, DistributionVersion } from "../../support/distribution";
import { rawHttp } from "../../support/raw-http";
import {
  cutOneByte,
  deleteData,
  deleteLayerLink,
  deleteRevisionLink,
  emptyData,
  emptyTagLink,
  flipOneByte,
  removeTagDirectory,
} from "../../support/storage-damage";

/** How the registry stands towards its own disk when the damage is looked for. */
export type CacheState = "warm cache" | "no cache" | "after a restart";

export interface ExpectedDamage {
  readonly kind: FindingKind;
  /** null: the tag does not resolve. */
  readonly digest: Digest | null;
}

export interface DamageCase {
  readonly repository: string;
  readonly image: BuiltManifest;
  readonly tags: readonly string[];
  readonly damage: (registry: Distribution, repository: string) => void | Promise<void>;
  /** null: whole, however it looks on disk. */
  readonly expected: (state: CacheState, version: DistributionVersion) => ExpectedDamage | null;
  /** Only reading every byte shows it. */
  readonly isFoundByBytesAlone?: true;
  /** A walk reads so short a blob whole at every run; a scan of the disk does by `--verify-bytes` alone. */
  readonly isReadByTheWalkAlone?: true;
  /** skopeo 1.9 copies no index within an index, whole or not: it is no judge here. */
  readonly isBeyondSkopeo?: true;
  /** Tags that the damage takes away. */
  readonly removedTags?: readonly string[];
}

/** Of a layer that is not read whole: its last byte is asked for. */
const LONG_BYTES = 20_000;

function twoPlatforms(seed: string): BuiltManifest {
  return buildIndex({ children: platforms(seed) });
}

function platforms(seed: string): BuiltManifest[] {
  return ["linux/amd64", "linux/arm64"].map((platform) =>
    buildImage({ seed: `${seed}/${platform}`, platform, layers: [LONG_BYTES, 64] }),
  );
}

function childOf(image: BuiltManifest): BuiltManifest {
  const [child] = image.children;
  if (child === undefined) throw new Error("the image has no child");
  return child;
}

function layerOf(image: BuiltManifest): Digest {
  const [layer] = childOf(image).layers;
  if (layer === undefined) throw new Error("the child has no layer");
  return layer.digest;
}

function shortLayerOf(image: BuiltManifest): Digest {
  const [, layer] = childOf(image).layers;
  if (layer === undefined) throw new Error("the child has no second layer");
  return layer.digest;
}

function configOf(image: BuiltManifest): Digest {
  const { config } = childOf(image);
  if (config === null) throw new Error("the child has no config");
  return config.digest;
}

async function api(
  registry: Distribution,
  method: string,
  repository: string,
  manifest: BuiltManifest,
): Promise<void> {
  const { status } = await rawHttp(`${registry.url}/v2/${repository}/manifests/${manifest.digest}`, {
    method,
    ...(method === "PUT" ? { headers: { "content-type": manifest.mediaType }, body: manifest.body } : {}),
  });
  if (status >= 300) throw new Error(`${method} answers ${status}`);
}

type Damage = (registry: Distribution, repository: string, image: BuiltManifest) => void | Promise<void>;

function damaged(
  repository: string,
  damage: Damage,
  expected: (image: BuiltManifest, state: CacheState, version: DistributionVersion) => ExpectedDamage | null,
  options: Partial<DamageCase> = {},
): DamageCase {
  const image = options.image ?? twoPlatforms(repository);
  return {
    repository,
    image,
    tags: ["1.0", "latest"],
    damage: (registry, name) => damage(registry, name, image),
    expected: (state, version) => expected(image, state, version),
    ...options,
  };
}

const found =
  (kind: FindingKind, digestOf: (image: BuiltManifest) => Digest | null) =>
  (image: BuiltManifest): ExpectedDamage => ({ kind, digest: digestOf(image) });

/** Data that is gone looks short to a warm cache, and missing to whoever asks the disk. */
const goneData =
  (kind: FindingKind, digestOf: (image: BuiltManifest) => Digest) =>
  (image: BuiltManifest, state: CacheState): ExpectedDamage => ({
    kind: state === "warm cache" ? "truncated" : kind,
    digest: digestOf(image),
  });

/**
 * A revision link that is gone from the disk. Distribution 3.1 keeps what it knows of manifests in the same cache
 * as of blobs, and serves them until it is restarted, as 2.8 does with a layer's link (F6d).
 */
const goneRevision =
  (kind: FindingKind, digestOf: (image: BuiltManifest) => Digest | null) =>
  (image: BuiltManifest, state: CacheState, version: DistributionVersion): ExpectedDamage | null =>
    version === "3.1" && state === "warm cache" ? null : { kind, digest: digestOf(image) };

const childDigest = (image: BuiltManifest): Digest => childOf(image).digest;

/** One repository each; all in one registry, so that one walk judges them all. */
export function damageCases(): DamageCase[] {
  const nested = buildIndex({
    children: [twoPlatforms("nested/inner"), buildImage({ seed: "nested/outer", platform: "linux/s390x" })],
  });
  const innerChild = childOf(childOf(nested));
  const untyped = buildIndex({ children: platforms("untyped"), withMediaType: false });
  return [
    damaged(
      "healthy",
      () => undefined,
      () => null,
    ),
    damaged(
      "attested",
      () => undefined,
      () => null,
      {
        image: buildIndex({ children: platforms("attested"), attestations: true }),
      },
    ),
    damaged(
      "f3-tag-directory-removed",
      (r, name) => removeTagDirectory(r.root, name, "1.0"),
      () => null,
      {
        removedTags: ["1.0"],
      },
    ),
    damaged(
      "f4-child-deleted-by-api",
      (r, name, image) => api(r, "DELETE", name, childOf(image)),
      found("index_child_missing", childDigest),
    ),
    damaged(
      "f5-child-put-back",
      async (r, name, image) => {
        await api(r, "DELETE", name, childOf(image));
        await api(r, "PUT", name, childOf(image));
      },
      () => null,
    ),
    damaged(
      "index-without-media-type",
      (r, name, image) => deleteRevisionLink(r.root, name, childDigest(image)),
      goneRevision("index_child_missing", childDigest),
      { image: untyped },
    ),
    damaged(
      "nested-index",
      (r, name) => deleteRevisionLink(r.root, name, innerChild.digest),
      goneRevision("index_child_missing", () => innerChild.digest),
      { image: nested, isBeyondSkopeo: true },
    ),
    damaged(
      "child-link-deleted",
      (r, name, image) => deleteRevisionLink(r.root, name, childDigest(image)),
      goneRevision("index_child_missing", childDigest),
    ),
    damaged(
      "child-data-deleted",
      (r, _, image) => deleteData(r.root, childDigest(image)),
      found("index_child_missing", childDigest),
    ),
    damaged(
      "child-data-emptied",
      (r, _, image) => emptyData(r.root, childDigest(image)),
      found("unservable", childDigest),
    ),
    damaged(
      "child-data-changed",
      (r, _, image) => changeHexDigit(r, childOf(image)),
      found("digest_mismatch", childDigest),
    ),
    damaged(
      "config-data-deleted",
      (r, _, image) => deleteData(r.root, configOf(image)),
      goneData("config_missing", configOf),
    ),
    damaged(
      "layer-data-deleted",
      (r, _, image) => deleteData(r.root, layerOf(image)),
      goneData("layer_missing", layerOf),
    ),
    damaged(
      "layer-data-emptied",
      (r, _, image) => emptyData(r.root, layerOf(image)),
      found("truncated", layerOf),
    ),
    damaged(
      "layer-one-byte-short",
      (r, _, image) => cutOneByte(r.root, layerOf(image)),
      found("truncated", layerOf),
    ),
    damaged(
      "layer-one-byte-flipped",
      (r, _, image) => flipOneByte(r.root, layerOf(image)),
      found("digest_mismatch", layerOf),
      {
        isFoundByBytesAlone: true,
      },
    ),
    damaged(
      "short-layer-data-deleted",
      (r, _, image) => deleteData(r.root, shortLayerOf(image)),
      goneData("layer_missing", shortLayerOf),
    ),
    damaged(
      "short-layer-data-emptied",
      (r, _, image) => emptyData(r.root, shortLayerOf(image)),
      found("truncated", shortLayerOf),
    ),
    damaged(
      "short-layer-one-byte-short",
      (r, _, image) => cutOneByte(r.root, shortLayerOf(image)),
      found("truncated", shortLayerOf),
    ),
    damaged(
      "short-layer-one-byte-flipped",
      (r, _, image) => flipOneByte(r.root, shortLayerOf(image)),
      found("digest_mismatch", shortLayerOf),
      { isReadByTheWalkAlone: true },
    ),
    damaged(
      "config-one-byte-flipped",
      (r, _, image) => flipOneByte(r.root, configOf(image)),
      found("digest_mismatch", configOf),
      { isReadByTheWalkAlone: true },
    ),
    // F6d: a warm cache serves a blob whose link is gone, so that nothing is broken until the restart.
    damaged(
      "layer-link-deleted",
      (r, name, image) => deleteLayerLink(r.root, name, layerOf(image)),
      (image, state) => (state === "warm cache" ? null : { kind: "layer_missing", digest: layerOf(image) }),
    ),
    damaged(
      "index-link-deleted",
      (r, name, image) => deleteRevisionLink(r.root, name, image.digest),
      goneRevision("manifest_missing", () => null),
    ),
    damaged(
      "index-data-deleted",
      (r, _, image) => deleteData(r.root, image.digest),
      () => ({ kind: "manifest_missing", digest: null }),
    ),
    damaged(
      "tag-link-emptied",
      (r, name) => emptyTagLink(r.root, name, "latest"),
      () => ({ kind: "unservable", digest: null }),
      {
        tags: ["latest"],
      },
    ),
  ];
}

/** Valid JSON of the same length, so that the registry serves it: only the hash can tell. */
function changeHexDigit(registry: Distribution, manifest: BuiltManifest): void {
  const at = manifest.body.indexOf("sha256:") + "sha256:".length;
  // The lowest bit of a hex digit turned is a hex digit again, for 0-9 and for b-e by pairs.
  const offset = [...manifest.body.subarray(at, at + 64)].findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  flipOneByte(registry.root, manifest.digest, at + offset);
}
