import { Digest } from "../../oci/digest";
import { isTag } from "../../oci/reference";
import type { BodySource } from "../../registry-client/http-message";
import { blobDataPath, LAYOUT_ROOT, tagLinkPath } from "../disk/layout";
import { Folder } from "./folder";
import {
  type ImageSource,
  MAX_MANIFEST_BYTES,
  type OfferedManifest,
  type OfferedTag,
  SourceError,
} from "./image-source";

const MAX_LINK_BYTES = 256;

/** The storage folder of a registry: bytes stay there after garbage collection has cut the links to them. */
export class DiskSource implements ImageSource {
  private constructor(
    readonly name: string,
    private readonly folder: Folder,
  ) {}

  /** @param root holds `docker/registry/v2`. @throws SourceError */
  static async open(root: string): Promise<DiskSource> {
    const folder = await Folder.open(root);
    try {
      await Folder.open(`${root}/${LAYOUT_ROOT}`);
    } catch {
      throw new SourceError(
        `${JSON.stringify(root)} is no registry's storage: it must hold ${LAYOUT_ROOT}, as the folder that rootdirectory names does`,
      );
    }
    return new DiskSource(`disk ${root}`, folder);
  }

  async manifest(_repository: string, digest: Digest): Promise<OfferedManifest | null> {
    const body = await this.folder.read(blobDataPath(digest), MAX_MANIFEST_BYTES);
    return body === null ? null : { body, contentType: null };
  }

  /** Whichever repository had it: the storage keeps the bytes of all in one place. */
  blob(_repository: string, digest: Digest, size: number): Promise<BodySource | null> {
    return this.folder.content(blobDataPath(digest), digest, size);
  }

  async tag(repository: string, tag: string): Promise<OfferedTag | null> {
    if (!isTag(tag)) return null;
    const link = await this.folder.read(tagLinkPath(repository, tag), MAX_LINK_BYTES);
    const digest = Digest.parse(link?.toString("utf8").trim());
    return digest === null ? null : { digest, isOwnRecord: true };
  }
}
