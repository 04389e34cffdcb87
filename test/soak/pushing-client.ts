import { allManifests, type BuiltManifest } from "../../lib/testing";
import { type RawAnswer, type RawRequest, rawHttp } from "../support/raw-http";
import type { StrainedRegistry } from "./strained-registry";

/** A garbage collection between two of its requests takes what no tag leads to yet: then it begins anew. */
const TRIES = 5;

/** Pushes as clients do, each request at a time when the registry runs. */
export class PushingClient {
  /** Pushes that something had come between. */
  again = 0;
  /** By `repository:tag`, all that was pushed last. */
  private readonly pushed = new Map<
    string,
    { readonly repository: string; readonly tag: string; readonly image: BuiltManifest }
  >();

  constructor(private readonly registry: StrainedRegistry) {}

  /** @throws Error with the registry's last answer, where it refuses again and again */
  async push(repository: string, tag: string, image: BuiltManifest): Promise<void> {
    let refusal: RawAnswer | null = null;
    for (let i = 0; i < TRIES; i++) {
      refusal = await this.tryPush(repository, tag, image);
      if (refusal === null) {
        this.pushed.set(`${repository}:${tag}`, { repository, tag, image });
        return;
      }
      this.again++;
    }
    throw new Error(`no push to ${repository}:${tag}: ${refusal?.status} ${refusal?.body}`);
  }

  /** Everything once more: what is there is left as it is. */
  async pushAllAgain(): Promise<void> {
    for (const { repository, tag, image } of [...this.pushed.values()])
      await this.push(repository, tag, image);
  }

  /** What was pushed there last, unless it was deleted. */
  imageAt(repository: string, tag: string): BuiltManifest | null {
    return this.pushed.get(`${repository}:${tag}`)?.image ?? null;
  }

  /** By digest, with every tag of the repository that leads to it. */
  async delete(repository: string, image: BuiltManifest): Promise<void> {
    const { status, body } = await this.ask("DELETE", `${repository}/manifests/${image.digest}`);
    if (status !== 202 && status !== 404) throw new Error(`DELETE answers ${status} ${body}`);
    for (const [key, one] of this.pushed) {
      if (one.repository === repository && one.image.digest.equals(image.digest)) this.pushed.delete(key);
    }
  }

  /** Blobs that are not there, then the images, then what lists them, the tag last. @returns a refusal, or null */
  private async tryPush(repository: string, tag: string, image: BuiltManifest): Promise<RawAnswer | null> {
    for (const manifest of allManifests(image)) {
      for (const [digest, data] of manifest.blobs) {
        const refusal = await this.upload(repository, digest, data);
        if (refusal !== null) return refusal;
      }
      const reference = manifest === image ? tag : `${manifest.digest}`;
      const answer = await this.ask("PUT", `${repository}/manifests/${reference}`, {
        headers: { "content-type": manifest.mediaType },
        body: manifest.body,
      });
      if (answer.status !== 201) return answer;
    }
    return null;
  }

  private async upload(repository: string, digest: string, body: Buffer): Promise<RawAnswer | null> {
    const { status } = await this.ask("HEAD", `${repository}/blobs/${digest}`);
    if (status === 200) return null;
    const begun = await this.ask("POST", `${repository}/blobs/uploads/`);
    if (begun.status !== 202) return begun;
    const upload = new URL(begun.headers.location ?? "", this.registry.real.url);
    upload.searchParams.set("digest", digest);
    const ended = await this.ask("PUT", upload.pathname.slice("/v2/".length) + upload.search, { body });
    return ended.status === 201 ? null : ended;
  }

  private ask(method: string, path: string, request: RawRequest = {}): Promise<RawAnswer> {
    return this.registry.alone(() => rawHttp(`${this.registry.real.url}/v2/${path}`, { ...request, method }));
  }
}
