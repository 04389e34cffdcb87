import type { Descriptor, Platform } from "../oci/descriptor";
import type { Digest } from "../oci/digest";

/** What a manifest says of a blob. */
export type BuiltDescriptor = Pick<Descriptor, "mediaType" | "digest" | "size">;

/** An image, an index or any other manifest as bytes, with all that it needs to be pushed. */
export interface BuiltManifest {
  readonly digest: Digest;
  /** The Content-Type to push it with, whether or not the body says it too. */
  readonly mediaType: string;
  readonly body: Buffer;
  /** What an index that lists it says of it; null for an index. */
  readonly platform: Platform | null;
  /** Annotations of its entry in an index that lists it. */
  readonly entryAnnotations: Readonly<Record<string, string>>;
  /** Its own config and layers by digest, without its children's; a foreign layer is not among them. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** In the index's order, attestations included. */
  readonly children: readonly BuiltManifest[];
  readonly config: BuiltDescriptor | null;
  readonly layers: readonly BuiltDescriptor[];
}

/** Every manifest of the graph once, children before what lists them, the root last. */
export function allManifests(root: BuiltManifest): readonly BuiltManifest[] {
  const found = new Map<string, BuiltManifest>();
  const visit = (manifest: BuiltManifest): void => {
    if (found.has(`${manifest.digest}`)) return;
    for (const child of manifest.children) visit(child);
    found.set(`${manifest.digest}`, manifest);
  };
  visit(root);
  return [...found.values()];
}

/** Every blob of the graph once, by digest, in the order in which its manifests are pushed. */
export function allBlobs(root: BuiltManifest): ReadonlyMap<string, Buffer> {
  return new Map(allManifests(root).flatMap((manifest) => [...manifest.blobs]));
}
