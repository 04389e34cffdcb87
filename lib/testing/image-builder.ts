/**
 * Images and indexes as bytes, each a function of its options alone: the same seed gives the same digests.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
 */
import type { Platform } from "../oci/descriptor";
import { Digest, type DigestAlgorithm } from "../oci/digest";
import { MediaType } from "../oci/media-type";
import type { BuiltManifest } from "./built-manifest";
import { seededBytes, stableGzip, tarOfFile } from "./layer-tar";
import {
  annotationsJson,
  assemble,
  buildRawManifest,
  descriptorJson,
  json,
  type MediaTypeFamily,
  type Part,
  platformJson,
  subjectJson,
} from "./manifest-assembly";

export interface LayerSpec {
  /** Bytes of the one file inside the tar, which are not compressible. @default 64 */
  readonly fileBytes?: number;
  /**
   * A type that ends in `tar` stays uncompressed; any other is gzip'ed, whatever it claims. A foreign layer is in
   * the manifest and not among the blobs. @default the family's gzip'ed tar
   */
  readonly mediaType?: string;
}

export interface ImageOptions {
  /** Same seed, same bytes; another seed, another config and other layers. */
  readonly seed: string;
  /** How many, or each one's file size in bytes or spec. @default 2 */
  readonly layers?: number | readonly (number | LayerSpec)[];
  /** `os/architecture[/variant]`. @default "linux/amd64" */
  readonly platform?: string;
  /** @default "oci" */
  readonly mediaTypes?: MediaTypeFamily;
  /** RFC 3339, for the config and for the annotation of an OCI manifest. @default none */
  readonly created?: string;
  /** For manifest, config and layers; diff ids stay sha256. @default "sha256" */
  readonly algorithm?: DigestAlgorithm;
  /** False leaves the body's own `mediaType` out, which OCI allows. @default true */
  readonly withMediaType?: boolean;
  /** The manifest that this one refers to. @default none */
  readonly subject?: BuiltManifest;
}

/** An image that skopeo accepts: a config with diff ids that are true, and layers that are tars. */
export function buildImage(options: ImageOptions): BuiltManifest {
  const algorithm = options.algorithm ?? "sha256";
  const family = options.mediaTypes ?? "oci";
  const platform = parsePlatform(options.platform ?? "linux/amd64");
  const layers = layerSpecs(options.layers ?? 2).map((spec, i) =>
    layerOf(spec, `${options.seed}/${i}`, family),
  );
  const config = json({
    ...(options.created === undefined ? {} : { created: options.created }),
    ...platformJson(platform),
    config: { Labels: { seed: options.seed } },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `${Digest.sha256(layer.tar)}`) },
    history: layers.map((_, i) => ({ created_by: `layer ${i}` })),
  });
  return assemble({
    algorithm,
    family,
    platform,
    config: { mediaType: family === "oci" ? MediaType.ociConfig : MediaType.dockerConfig, content: config },
    layers,
    withMediaType: options.withMediaType ?? true,
    subject: options.subject ?? null,
    annotations:
      family === "oci" && options.created !== undefined
        ? { "org.opencontainers.image.created": options.created }
        : {},
    entryAnnotations: {},
  });
}

/**
 * The provenance that BuildKit adds beside an image: a manifest for the platform unknown/unknown with an in-toto
 * statement as its layer, bound to the image by annotations of its entry in the index.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 */
export function buildAttestation(image: BuiltManifest): BuiltManifest {
  const statement = json({
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType: "https://slsa.dev/provenance/v0.2",
    subject: [{ name: "image", digest: { [image.digest.algorithm]: image.digest.hex } }],
    predicate: { builder: { id: "" }, buildType: "https://mobyproject.org/buildkit@v1" },
  });
  const platform = parsePlatform("unknown/unknown");
  const config = json({
    ...platformJson(platform),
    config: {},
    rootfs: { type: "layers", diff_ids: [`${Digest.sha256(statement)}`] },
  });
  return assemble({
    algorithm: image.digest.algorithm,
    family: "oci",
    platform,
    config: { mediaType: MediaType.ociConfig, content: config },
    layers: [
      {
        mediaType: MediaType.inToto,
        content: statement,
        annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2" },
      },
    ],
    withMediaType: true,
    subject: null,
    annotations: {},
    entryAnnotations: {
      "vnd.docker.reference.digest": `${image.digest}`,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  });
}

export interface ArtifactOptions {
  readonly seed: string;
  /** @default "application/vnd.example.sbom.v1+json" */
  readonly artifactType?: string;
  /** The empty config as a blob of its own, inside the manifest as `data`, or both. @default "stored" */
  readonly emptyConfig?: "stored" | "inline" | "both";
  /** @default none */
  readonly subject?: BuiltManifest;
}

/**
 * A manifest that is no image: the empty descriptor as its config, and one layer of any bytes.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidance-for-an-empty-descriptor
 */
export function buildArtifact(options: ArtifactOptions): BuiltManifest {
  const empty = Buffer.from("{}");
  const content = seededBytes(options.seed, 64);
  const type = options.artifactType ?? "application/vnd.example.sbom.v1+json";
  const config = { mediaType: MediaType.ociEmpty, digest: Digest.sha256(empty), size: empty.length };
  const layer = { mediaType: type, digest: Digest.sha256(content), size: content.length };
  const placement = options.emptyConfig ?? "stored";
  const body = json({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    artifactType: type,
    config: {
      ...descriptorJson(config),
      ...(placement === "stored" ? {} : { data: empty.toString("base64") }),
    },
    layers: [descriptorJson(layer)],
    ...(options.subject === undefined ? {} : { subject: subjectJson(options.subject) }),
  });
  const blobs = placement === "inline" ? [content] : [empty, content];
  return { ...buildRawManifest({ body, mediaType: MediaType.ociManifest, blobs }), config, layers: [layer] };
}

export interface IndexOptions {
  /** Images, or indexes for a nested one; an image's platform goes into its entry. */
  readonly children: readonly BuiltManifest[];
  /** @default "oci" */
  readonly mediaTypes?: MediaTypeFamily;
  /** False leaves the body's own `mediaType` out, which OCI allows. @default true */
  readonly withMediaType?: boolean;
  /** An attestation in BuildKit's form after the images, one for each. @default false */
  readonly attestations?: boolean;
  /** @default "sha256" */
  readonly algorithm?: DigestAlgorithm;
  /** Of the index itself; two indexes of the same children differ by these. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default none */
  readonly subject?: BuiltManifest;
}

/** An OCI index or a Docker manifest list. */
export function buildIndex(options: IndexOptions): BuiltManifest {
  const mediaType = options.mediaTypes === "docker" ? MediaType.dockerList : MediaType.ociIndex;
  const attested =
    options.attestations === true ? options.children.filter((child) => child.config !== null) : [];
  const children = [...options.children, ...attested.map(buildAttestation)];
  const body = json({
    schemaVersion: 2,
    ...(options.withMediaType === false ? {} : { mediaType }),
    manifests: children.map((child) => ({
      ...descriptorJson({ mediaType: child.mediaType, digest: child.digest, size: child.body.length }),
      ...(child.platform === null ? {} : { platform: platformJson(child.platform) }),
      ...annotationsJson(child.entryAnnotations),
    })),
    ...(options.subject === undefined ? {} : { subject: subjectJson(options.subject) }),
    ...annotationsJson(options.annotations ?? {}),
  });
  return buildRawManifest({ body, mediaType, children, ...algorithmOf(options) });
}

function layerSpecs(layers: number | readonly (number | LayerSpec)[]): readonly LayerSpec[] {
  if (typeof layers === "number") return Array.from({ length: layers }, () => ({}));
  return layers.map((layer) => (typeof layer === "number" ? { fileBytes: layer } : layer));
}

function layerOf(spec: LayerSpec, seed: string, family: MediaTypeFamily): Part & { readonly tar: Buffer } {
  const mediaType = spec.mediaType ?? (family === "oci" ? MediaType.ociLayerGzip : MediaType.dockerLayer);
  const tar = tarOfFile("data", seededBytes(seed, spec.fileBytes ?? 64));
  return { mediaType, tar, content: mediaType.endsWith("tar") ? tar : stableGzip(tar) };
}

function parsePlatform(text: string): Platform {
  const [os, architecture, variant] = text.split("/");
  if (!os || !architecture) {
    throw new RangeError(`platform must be os/architecture[/variant], got "${text}". Write "linux/amd64".`);
  }
  return { os, architecture, variant: variant ?? null, osVersion: null };
}

function algorithmOf(options: { readonly algorithm?: DigestAlgorithm }): { algorithm?: DigestAlgorithm } {
  return options.algorithm === undefined ? {} : { algorithm: options.algorithm };
}
