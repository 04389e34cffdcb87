import type { Digest } from "../../lib/oci/digest";
import type { BuiltManifest } from "../../lib/testing";
import { ACCEPT_ALL, type RawAnswer, rawHttp } from "./raw-http";

/** A manifest's or a blob's descriptor, as far as a request for it needs one. */
interface Sized {
  readonly digest: Digest;
  readonly size: number;
}

/** The requests of a pull to one repository, each answered by what the registry really said. */
export class RegistryObserver {
  constructor(
    private readonly url: string,
    private readonly repository: string,
  ) {}

  /** @param path below `/v2/<repository>/` */
  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    return rawHttp(`${this.url}/v2/${this.repository}/${path}`, { headers });
  }

  manifest(reference: Digest | string): Promise<RawAnswer> {
    return this.get(`manifests/${reference}`, ACCEPT_ALL);
  }

  headManifest(reference: Digest | string): Promise<RawAnswer> {
    return rawHttp(`${this.url}/v2/${this.repository}/manifests/${reference}`, {
      method: "HEAD",
      headers: ACCEPT_ALL,
    });
  }

  blob(digest: Digest): Promise<RawAnswer> {
    return this.get(`blobs/${digest}`);
  }

  headBlob(digest: Digest): Promise<RawAnswer> {
    return rawHttp(`${this.url}/v2/${this.repository}/blobs/${digest}`, { method: "HEAD" });
  }

  /** The byte that the descriptor's size says is the last. */
  lastByte(blob: Sized): Promise<RawAnswer> {
    return this.get(`blobs/${blob.digest}`, { range: `bytes=${blob.size - 1}-${blob.size - 1}` });
  }

  put(manifest: BuiltManifest, reference: Digest | string = manifest.digest): Promise<RawAnswer> {
    return rawHttp(`${this.url}/v2/${this.repository}/manifests/${reference}`, {
      method: "PUT",
      headers: { "content-type": manifest.mediaType },
      body: manifest.body,
    });
  }

  delete(reference: Digest | string): Promise<RawAnswer> {
    return rawHttp(`${this.url}/v2/${this.repository}/manifests/${reference}`, { method: "DELETE" });
  }
}

/** The code of the first error in a registry's JSON answer; null where there is none. */
export function errorCode(answer: RawAnswer): string | null {
  return /"code"\s*:\s*"([A-Z_]+)"/.exec(answer.body.toString("utf8"))?.[1] ?? null;
}

/** Sound as F6a puts it: 206, one byte there, and a total equal to the descriptor's size. */
export function provesLastByte(answer: RawAnswer, size: number): boolean {
  return (
    answer.status === 206 &&
    answer.body.length === 1 &&
    answer.headers["content-range"] === `bytes ${size - 1}-${size - 1}/${size}`
  );
}
