/** For tests and demonstrations: a registry in memory, images as bytes, damage and faults to order. */
export type { Descriptor, Platform } from "../oci/descriptor";
export { Digest, type DigestAlgorithm } from "../oci/digest";
export type { AuthOptions, BearerOptions, UserCredentials } from "./auth";
export { allBlobs, allManifests, type BuiltDescriptor, type BuiltManifest } from "./built-manifest";
export {
  DISTRIBUTION_2_8,
  EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  ghcrLike,
  type RegistryBehaviour,
} from "./embedded-registry";
export type { Fault } from "./faults";
export {
  buildDeepIndex,
  buildWideIndex,
  HOSTILE_REPOSITORY_NAMES,
  HOSTILE_TAG_NAMES,
} from "./hostile-content";
export type { TlsMaterial } from "./http-listener";
export {
  type ArtifactOptions,
  buildArtifact,
  buildAttestation,
  buildImage,
  buildIndex,
  type ImageOptions,
  type IndexOptions,
  type LayerSpec,
} from "./image-builder";
export type { TagsPaging } from "./listings";
export { buildRawManifest, type MediaTypeFamily, type RawManifestOptions } from "./manifest-assembly";
export type { Listener, RegistryRequest } from "./registry-request";
export type { Reply } from "./reply";
export type { RequestRecord } from "./request-log";
export type { ActiveFault, ScriptedFault } from "./script";
export {
  type SnapshotConstruct,
  SnapshotError,
  type SnapshotStack,
  type StackSnapshot,
  snapshot,
} from "./snapshot";
export type { DigestLike, Storage, TagLink } from "./storage";
