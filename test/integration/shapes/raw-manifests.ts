/** Manifests that no builder makes: with descriptors that lie, or that lead to what they should not. */
import type { Digest } from "../../../lib/oci/digest";
import { MediaType } from "../../../lib/oci/media-type";
import { type BuiltManifest, buildRawManifest } from "../../../lib/testing";

/** A descriptor as a manifest writes it, true or not. */
export interface Entry {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

export const entryOf = (manifest: BuiltManifest): Entry => ({
  mediaType: manifest.mediaType,
  digest: manifest.digest,
  size: manifest.body.length,
});

/**
 * An index with these entries, whatever they are.
 * @param beside the children and blobs that go into the storage with it
 */
export function rawIndex(entries: readonly Entry[], beside: Partial<BuiltManifest> = {}): BuiltManifest {
  const manifests = entries.map((entry) => ({ ...entry, digest: `${entry.digest}` }));
  const mediaType = MediaType.ociIndex;
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return { ...buildRawManifest({ body, mediaType }), ...beside };
}

/** An image with other layers in its manifest than it has; config and blobs stay. */
export function rawImage(layers: readonly Entry[], from: BuiltManifest): BuiltManifest {
  const body = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { ...from.config, digest: `${from.config?.digest}` },
      layers: layers.map((layer) => ({ ...layer, digest: `${layer.digest}` })),
    }),
  );
  return { ...buildRawManifest({ body, mediaType: MediaType.ociManifest }), blobs: from.blobs };
}
