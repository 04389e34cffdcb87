import { parseManifest } from "../oci/manifest";
import { isForeignLayer } from "../oci/media-type";

/**
 * The digests that a manifest names directly, without its subject and foreign layers: what a registry keeps
 * for its sake, and demands before it takes the manifest.
 *
 * @throws MalformedError when the bytes are no manifest
 */
export function manifestReferences(body: Buffer, mediaType: string): readonly string[] {
  const manifest = parseManifest(body, mediaType);
  if (manifest.kind === "index") return manifest.manifests.map((child) => `${child.digest}`);
  if (manifest.kind !== "image") return [];
  const config = manifest.config === null ? [] : [manifest.config];
  return [...config, ...manifest.layers]
    .filter((descriptor) => !isForeignLayer(descriptor.mediaType))
    .map((descriptor) => `${descriptor.digest}`);
}
