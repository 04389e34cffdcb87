import { Digest } from "../../oci/digest";
import { blobSource } from "../../registry-client/blob-source";
import type { BodySource } from "../../registry-client/http-message";
import type { RegistryClient } from "../../registry-client/registry-client";
import type { ImageSource, OfferedManifest, OfferedTag } from "./image-source";

/** Another registry, read by its own client with its own credentials: a mirror, a cache, a second site. */
export class RegistrySource implements ImageSource {
  readonly name: string;

  /** @param prefix repositories stand below it, as `backup/team/app`; empty for the same names */
  constructor(
    private readonly client: RegistryClient,
    private readonly prefix: string,
  ) {
    this.name = `registry ${client.host}${prefix === "" ? "" : `/${prefix}`}`;
  }

  async manifest(repository: string, digest: Digest): Promise<OfferedManifest | null> {
    const answer = await this.client.manifest(this.path(repository), digest.toString());
    return answer.kind === "present" ? answer : null;
  }

  async blob(repository: string, digest: Digest, size: number): Promise<BodySource | null> {
    const path = this.path(repository);
    // Its last byte and not its head: a mirror's cache may claim what is lost there too.
    const answer = await this.client.blob(path, digest, size, "range");
    return answer.kind === "present" ? blobSource(this.client.session, path, digest, size) : null;
  }

  async tag(repository: string, tag: string): Promise<OfferedTag | null> {
    const answer = await this.client.manifest(this.path(repository), tag);
    return answer.kind === "present" ? { digest: Digest.sha256(answer.body), isOwnRecord: false } : null;
  }

  private path(repository: string): string {
    return this.prefix === "" ? repository : `${this.prefix}/${repository}`;
  }
}
