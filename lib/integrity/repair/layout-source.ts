/**
 * An image layout: a folder as `skopeo copy … oci:<folder>` leaves it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
import { isObject } from "../../oci/descriptor";
import { Digest } from "../../oci/digest";
import type { BodySource } from "../../registry-client/http-message";
import { Folder } from "./folder";
import {
  type ImageSource,
  MAX_MANIFEST_BYTES,
  type OfferedManifest,
  type OfferedTag,
  SourceError,
} from "./image-source";

const NAME_ANNOTATION = "org.opencontainers.image.ref.name";

/** Blobs by digest, whatever repository they came from. */
export class LayoutSource implements ImageSource {
  private constructor(
    readonly name: string,
    private readonly folder: Folder,
  ) {}

  /** @throws SourceError when the folder is no layout */
  static async open(path: string): Promise<LayoutSource> {
    const folder = await Folder.open(path);
    const marker = parse(await folder.read("oci-layout", 4096));
    if (!isObject(marker) || typeof marker.imageLayoutVersion !== "string") {
      throw new SourceError(
        `${JSON.stringify(path)} is no OCI image layout: it has no file oci-layout with an imageLayoutVersion. ` +
          "`skopeo copy --all docker://… oci:<folder>` makes one",
      );
    }
    return new LayoutSource(`layout ${path}`, folder);
  }

  async manifest(_repository: string, digest: Digest): Promise<OfferedManifest | null> {
    const body = await this.folder.read(blobPath(digest), MAX_MANIFEST_BYTES);
    return body === null ? null : { body, contentType: null };
  }

  blob(_repository: string, digest: Digest, size: number): Promise<BodySource | null> {
    return this.folder.content(blobPath(digest), digest, size);
  }

  /** A layout names its images `1.0`, or in full `registry/repository:1.0`. */
  async tag(repository: string, tag: string): Promise<OfferedTag | null> {
    const index = parse(await this.folder.read("index.json", MAX_MANIFEST_BYTES));
    const entries: readonly unknown[] =
      isObject(index) && Array.isArray(index.manifests) ? index.manifests : [];
    for (const entry of entries) {
      if (!isObject(entry) || !isObject(entry.annotations)) continue;
      const name = entry.annotations[NAME_ANNOTATION];
      const digest = Digest.parse(entry.digest);
      if (digest === null || typeof name !== "string") continue;
      const inFull = `${repository}:${tag}`;
      if (name === tag || name === inFull || name.endsWith(`/${inFull}`))
        return { digest, isOwnRecord: false };
    }
    return null;
  }
}

function blobPath(digest: Digest): string {
  return `blobs/${digest.algorithm}/${digest.hex}`;
}

function parse(text: Buffer | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text.toString("utf8"));
  } catch {
    return null;
  }
}
