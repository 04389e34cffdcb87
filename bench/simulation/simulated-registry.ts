/**
 * What a distribution registry answers, of an estate that nobody stored.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { MediaType } from "../../lib/oci/media-type";
import type { HttpRequest } from "../../lib/registry-client/http-message";
import { type LayerPlace, placeOf } from "./blob-name";
import { type HeldObject, KnownObjects } from "./known-objects";
import type { Damage } from "./planted-damage";
import { Pushes } from "./pushes";
import type { SyntheticEstate } from "./synthetic-estate";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The connection ends before the body does. */
  readonly isCut?: boolean;
}

const EMPTY = Buffer.alloc(0);
const LAST_BYTE = Buffer.alloc(1);
const PATH = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/?]+)(?:\?(.*))?$/;
const RANGE = /^bytes=([0-9]+)-([0-9]+)$/;

export class SimulatedRegistry {
  readonly pushes: Pushes;
  private readonly known: KnownObjects;
  private readonly damage: ReadonlyMap<string, Damage>;

  constructor(
    private readonly estate: SyntheticEstate,
    planted: readonly Damage[] = [],
  ) {
    this.pushes = new Pushes(estate);
    this.known = new KnownObjects(estate, this.pushes);
    this.damage = new Map(planted.map((one) => [`${one.place.repository}/${one.hex}`, one]));
  }

  answer(path: string, request: HttpRequest): Answer {
    if (path.startsWith("/v2/_catalog")) return this.catalogue(path);
    const [, name = "", route, reference = "", query = ""] = PATH.exec(path) ?? [];
    const repository = this.estate.repositoryNumber(name);
    if (repository === null) return refusal(404, "NAME_UNKNOWN");
    if (route === "tags") return this.tags(repository, name, query);
    if (route === "manifests") return this.manifest(repository, reference);
    return this.blob(repository, reference.replace(/^sha256:/, ""), request);
  }

  private catalogue(path: string): Answer {
    const { count, last } = pageOf(path.slice(path.indexOf("?") + 1));
    const names: string[] = [];
    const total = this.estate.shape.repositories;
    let next = last === null ? 0 : (this.estate.repositoryNumber(last) ?? total) + 1;
    for (; next < total && names.length < count; next++) {
      names.push(this.estate.repositoryName(next));
    }
    return listing({ repositories: names }, next < total ? "/v2/_catalog" : null, names, count);
  }

  private tags(repository: number, name: string, query: string): Answer {
    const { count, last } = pageOf(query);
    const names: string[] = [];
    const total = this.pushes.tagsEver(repository);
    let next = last === null ? 0 : (this.estate.tagNumber(last) ?? total) + 1;
    for (; next < total && names.length < count; next++) {
      if (this.pushes.current(repository, next) !== null) names.push(this.estate.tagName(next));
    }
    return listing({ name, tags: names }, next < total ? `/v2/${name}/tags/list` : null, names, count);
  }

  private manifest(repository: number, reference: string): Answer {
    const tag = this.estate.tagNumber(reference);
    if (tag === null) return this.manifestByDigest(repository, reference.replace(/^sha256:/, ""));
    const place = this.pushes.current(repository, tag);
    return place === null ? refusal(404, "MANIFEST_UNKNOWN") : manifestAnswer(this.known.indexAt(place));
  }

  private manifestByDigest(repository: number, hex: string): Answer {
    const harm = this.damage.get(`${repository}/${hex}`)?.harm;
    if (harm === "gone") return refusal(404, "MANIFEST_UNKNOWN");
    if (harm === "failing") return refusal(500, "UNKNOWN");
    const found = this.known.find(repository, hex);
    if (found === null || found.kind === "config" || found.kind === "layer")
      return refusal(404, "MANIFEST_UNKNOWN");
    return harm === "flipped" ? manifestAnswer(flipped(found)) : manifestAnswer(found);
  }

  private blob(repository: number, hex: string, request: HttpRequest): Answer {
    const harm = this.damage.get(`${repository}/${hex}`)?.harm;
    const found = harm === "gone" ? null : this.findBlob(repository, hex);
    if (found === null) return refusal(404, "BLOB_UNKNOWN");
    const { size, body } = found;
    const { headers } = request;
    const range = RANGE.exec(headers[headers.indexOf("Range") + 1] ?? "");
    if (range !== null && request.method === "GET") {
      const first = Number(range[1]);
      const length = Number(range[2]) - first + 1;
      const part = {
        "content-range": `bytes ${first}-${first + length - 1}/${size}`,
        "content-length": `${length}`,
      };
      // A registry's cache goes on telling the size of data that is short: the byte alone is missing.
      if (harm === "short") return { status: 206, headers: part, body: EMPTY, isCut: true };
      return { status: 206, headers: part, body: body?.subarray(first, first + length) ?? LAST_BYTE };
    }
    const whole = { "content-length": `${size}`, "content-type": "application/octet-stream" };
    if (request.method === "HEAD") return { status: 200, headers: whole, body: EMPTY };
    if (body === null) throw new Error(`the simulation has no bytes of layer ${hex}: ask for a part of it`);
    if (harm !== "short") return { status: 200, headers: whole, body };
    const cut = { ...whole, "content-length": `${size - 1}` };
    return { status: 200, headers: cut, body: body.subarray(0, size - 1) };
  }

  private findBlob(repository: number, hex: string): { size: number; body: Buffer | null } | null {
    const place = placeOf(this.estate.shape.seed, hex);
    if (place !== null) return this.holds(repository, place) ? this.estate.layer(place) : null;
    const found = this.known.find(repository, hex);
    return found === null ? null : { size: found.body.length, body: found.body };
  }

  private holds(repository: number, place: LayerPlace): boolean {
    if (place.scope === 0) return place.owner === this.estate.baseOf(repository);
    if (place.owner !== repository) return false;
    return place.scope === 1 || this.pushes.isHeld({ repository, tag: place.tag, version: place.version });
  }
}

function manifestAnswer({ kind, hex, body }: HeldObject): Answer {
  const headers = {
    "content-type": kind === "index" ? MediaType.ociIndex : MediaType.ociManifest,
    "docker-content-digest": `sha256:${hex}`,
    "content-length": `${body.length}`,
  };
  return { status: 200, headers, body };
}

/** One byte turned in the middle; the registry does not hash again. */
function flipped(object: HeldObject): HeldObject {
  const body = Buffer.from(object.body);
  body.writeUInt8(body.readUInt8(body.length >> 1) ^ 1, body.length >> 1);
  if (createHash("sha256").update(body).digest("hex") === object.hex) throw new Error("nothing was turned");
  return { ...object, body };
}

function pageOf(query: string): { readonly count: number; readonly last: string | null } {
  const words = new URLSearchParams(query);
  return { count: Number(words.get("n") ?? 100), last: words.get("last") };
}

function listing(value: object, next: string | null, names: readonly string[], count: number): Answer {
  const body = Buffer.from(JSON.stringify(value));
  const headers: IncomingHttpHeaders = {
    "content-type": "application/json",
    "content-length": `${body.length}`,
  };
  const last = names[names.length - 1];
  if (next !== null && last !== undefined) {
    headers.link = `<${next}?last=${encodeURIComponent(last)}&n=${count}>; rel="next"`;
  }
  return { status: 200, headers, body };
}

function refusal(status: number, code: string): Answer {
  const body = Buffer.from(`{"errors":[{"code":"${code}","message":"simulated"}]}`);
  const headers = { "content-type": "application/json", "content-length": `${body.length}` };
  return { status, headers, body };
}
