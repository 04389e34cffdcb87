import type { Platform } from "../oci/descriptor";
import { Digest, type DigestAlgorithm } from "../oci/digest";
import { isForeignLayer, MediaType } from "../oci/media-type";
import type { BuiltDescriptor, BuiltManifest } from "./built-manifest";

export type MediaTypeFamily = "oci" | "docker";

export interface RawManifestOptions {
  /** Taken as they are, valid or not. */
  readonly body: Buffer;
  readonly mediaType: string;
  /** @default none */
  readonly children?: readonly BuiltManifest[];
  /** Contents of the blobs to push with it. @default none */
  readonly blobs?: readonly Buffer[];
  /** @default "sha256" */
  readonly algorithm?: DigestAlgorithm;
}

/** Any bytes as a manifest: schema 1, an unknown type, a broken body. */
export function buildRawManifest(options: RawManifestOptions): BuiltManifest {
  const algorithm = options.algorithm ?? "sha256";
  return {
    digest: Digest.of(algorithm, options.body),
    mediaType: options.mediaType,
    body: options.body,
    platform: null,
    entryAnnotations: {},
    blobs: new Map((options.blobs ?? []).map((blob) => [`${Digest.of(algorithm, blob)}`, blob])),
    children: options.children ?? [],
    config: null,
    layers: [],
  };
}

/** A config or a layer before it has a descriptor. */
export interface Part {
  readonly mediaType: string;
  readonly content: Buffer;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Assembly {
  readonly algorithm: DigestAlgorithm;
  readonly family: MediaTypeFamily;
  readonly platform: Platform;
  readonly config: Part;
  readonly layers: readonly Part[];
  readonly withMediaType: boolean;
  readonly subject: BuiltManifest | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly entryAnnotations: Readonly<Record<string, string>>;
}

/** An image manifest of its parts; the contents of foreign layers are left out. */
export function assemble(parts: Assembly): BuiltManifest {
  const describe = (part: Part): BuiltDescriptor => ({
    mediaType: part.mediaType,
    digest: Digest.of(parts.algorithm, part.content),
    size: part.content.length,
  });
  const mediaType = parts.family === "oci" ? MediaType.ociManifest : MediaType.dockerManifest;
  const config = describe(parts.config);
  const layers = parts.layers.map((part) => ({ ...describe(part), annotations: part.annotations ?? {} }));
  const body = json({
    schemaVersion: 2,
    ...(parts.withMediaType ? { mediaType } : {}),
    config: descriptorJson(config),
    layers: layers.map((layer) => ({ ...descriptorJson(layer), ...annotationsJson(layer.annotations) })),
    ...(parts.subject === null ? {} : { subject: subjectJson(parts.subject) }),
    ...annotationsJson(parts.annotations),
  });
  const stored = [parts.config, ...parts.layers].filter((part) => !isForeignLayer(part.mediaType));
  return {
    ...buildRawManifest({
      body,
      mediaType,
      algorithm: parts.algorithm,
      blobs: stored.map((part) => part.content),
    }),
    platform: parts.platform,
    entryAnnotations: parts.entryAnnotations,
    config,
    layers,
  };
}

export function platformJson(platform: Platform): object {
  const variant = platform.variant === null ? {} : { variant: platform.variant };
  return { architecture: platform.architecture, os: platform.os, ...variant };
}

export function descriptorJson(descriptor: BuiltDescriptor): object {
  return { mediaType: descriptor.mediaType, digest: `${descriptor.digest}`, size: descriptor.size };
}

export function subjectJson(subject: BuiltManifest): object {
  return descriptorJson({ mediaType: subject.mediaType, digest: subject.digest, size: subject.body.length });
}

export function annotationsJson(annotations: Readonly<Record<string, string>>): object {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

export function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
