import { type Descriptor, formatPlatform } from "../oci/descriptor";
import type { ImageManifest, Manifest } from "../oci/manifest";
import { isForeignLayer, isImageType, isIndexType, isSchema1Type, MediaType } from "../oci/media-type";
import { Edge, type ObjectGraph, Role } from "./object-graph";

/** One thing that a manifest names, and what it is to the image. */
export interface Mention {
  readonly descriptor: Descriptor;
  readonly role: Role;
  readonly edge: Edge;
  readonly platform: string | null;
  /** Of a type that no specification we know describes, where one would be expected. */
  readonly isUnknownType: boolean;
}

/** sha256 of `{}`. https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidance-for-an-empty-descriptor */
export const EMPTY_DESCRIPTOR = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

const KNOWN_LAYER =
  /^application\/(?:vnd\.oci\.image\.layer\.|vnd\.docker\.image\.rootfs\.|vnd\.oci\.empty\.|vnd\.in-toto)/;

/** Everything that the manifest points to and that its registry should hold, in order. */
export function mentions(manifest: Manifest, platform: string | null): Mention[] {
  const found: Mention[] = [];
  if (manifest.kind === "index") {
    for (const descriptor of manifest.manifests) {
      found.push({
        descriptor,
        role: Role.child,
        edge: descriptor.isAttestation ? Edge.attestation : Edge.image,
        platform: platformOf(descriptor) ?? platform,
        isUnknownType: !isManifestType(descriptor.mediaType) && !KNOWN_LAYER.test(descriptor.mediaType),
      });
    }
  } else if (manifest.kind === "image") {
    const { config } = manifest;
    if (config !== null) {
      found.push({ descriptor: config, role: Role.config, edge: Edge.image, platform, isUnknownType: false });
    }
    for (const descriptor of manifest.layers) {
      if (isForeignLayer(descriptor.mediaType)) continue;
      const isUnknownType = isRunnable(manifest) && !KNOWN_LAYER.test(descriptor.mediaType);
      found.push({ descriptor, role: Role.layer, edge: Edge.image, platform, isUnknownType });
    }
  }
  if (manifest.subject !== null) {
    const descriptor = manifest.subject;
    found.push({ descriptor, role: Role.subject, edge: Edge.subject, platform: null, isUnknownType: false });
  }
  return found;
}

/** An attestation's unknown/unknown names no platform that anybody could pull. */
function platformOf(descriptor: Descriptor): string | null {
  return descriptor.platform === null || descriptor.isAttestation
    ? null
    : formatPlatform(descriptor.platform);
}

export function isManifestType(mediaType: string): boolean {
  return isIndexType(mediaType) || isImageType(mediaType) || isSchema1Type(mediaType);
}

/** An artifact chooses its layer types freely; only an image's are prescribed. */
function isRunnable(manifest: ImageManifest): boolean {
  const type = manifest.config?.mediaType;
  return type === MediaType.ociConfig || type === MediaType.dockerConfig;
}

export interface Linked {
  readonly id: number;
  readonly isNew: boolean;
  /** The object was mentioned before, with another size: one of the two descriptors is wrong. */
  readonly otherSize: number | null;
}

/** Enters the mention into the graph. */
export function enter(graph: ObjectGraph, parent: number, mention: Mention): Linked {
  const before = graph.count;
  const { descriptor } = mention;
  const id = graph.add(descriptor.digest);
  graph.link(parent, id, mention.edge);
  if (id === before) {
    graph.describe(id, mention.role, descriptor.size, graph.depth(parent) + 1, mention.platform);
    return { id, isNew: true, otherSize: null };
  }
  // A tag may have led to an image before the index that names its platform.
  if (mention.platform !== null && graph.platform(id) === null) graph.setPlatform(id, mention.platform);
  const known = graph.size(id);
  if (known < 0 || known === descriptor.size) return { id, isNew: false, otherSize: null };
  graph.reopen(id, descriptor.digest);
  return { id, isNew: false, otherSize: known };
}
