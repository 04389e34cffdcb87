/**
 * What a registry has on disk, in memory, in the layout of the distribution registry: blob data once for all
 * repositories, and in each repository links to it. Damage is done to links and data, one at a time, as it
 * happens to real ones.
 */
import type { Digest } from "../oci/digest";
import { allManifests, type BuiltManifest } from "./built-manifest";
import { DescriptorCache } from "./descriptor-cache";
import { manifestReferences } from "./manifest-references";

/** Where a tag points: a digest, an emptied link (the registry answers 500), or null for a link that is gone. */
export type TagLink = string | null;

interface Repository {
  /** null while the folder of the tags is not there: before the first tag, or after damage. */
  tags: Map<string, TagLink> | null;
  /** Media type of each linked manifest. */
  readonly revisions: Map<string, string>;
  readonly layers: Set<string>;
}

/** A digest, as a value or as `<algorithm>:<hex>`. */
export type DigestLike = Digest | string;

export class Storage {
  readonly cache: DescriptorCache;
  readonly #data = new Map<string, Buffer>();
  readonly #repositories = new Map<string, Repository>();

  constructor(options: { readonly descriptorCache: boolean }) {
    this.cache = new DescriptorCache(options.descriptorCache);
  }

  /** Writes the whole graph as if it lay on the disk already: nothing is validated, and the cache stays cold. */
  put(repository: string, tag: string | null, image: BuiltManifest): void {
    for (const manifest of allManifests(image)) {
      for (const [digest, data] of manifest.blobs) this.putBlob(repository, digest, data);
      this.putManifest(repository, manifest.digest, manifest.mediaType, manifest.body);
    }
    if (tag !== null) this.moveTag(repository, tag, image.digest);
  }

  putBlob(repository: string, digest: DigestLike, data: Buffer): void {
    this.#data.set(`${digest}`, data);
    this.linkBlob(repository, digest);
  }

  /** Lets the repository serve data that is, or is not, there. */
  linkBlob(repository: string, digest: DigestLike): void {
    this.#open(repository).layers.add(`${digest}`);
  }

  hasBlobLink(repository: string, digest: DigestLike): boolean {
    return this.#repositories.get(repository)?.layers.has(`${digest}`) === true;
  }

  /** Links a manifest by its digest, without a tag. */
  putManifest(repository: string, digest: DigestLike, mediaType: string, body: Buffer): void {
    this.#data.set(`${digest}`, body);
    this.#open(repository).revisions.set(`${digest}`, mediaType);
  }

  /** Creates the tag, or points it elsewhere. */
  moveTag(repository: string, tag: string, digest: DigestLike): void {
    const opened = this.#open(repository);
    opened.tags ??= new Map();
    opened.tags.set(tag, `${digest}`);
  }

  /** In the order of the names, as the catalogue lists them. */
  repositories(): readonly string[] {
    return [...this.#repositories.keys()].sort();
  }

  /** In the order in which they came; null when the repository, or the folder of its tags, is not there. */
  tags(repository: string): readonly string[] | null {
    const tags = this.#repositories.get(repository)?.tags;
    return tags ? [...tags.keys()] : null;
  }

  /** undefined when there is no such tag. */
  tagLink(repository: string, tag: string): TagLink | undefined {
    return this.#repositories.get(repository)?.tags?.get(tag);
  }

  /** The media type of a manifest that the repository links to, whether or not its data is there. */
  revision(repository: string, digest: DigestLike): string | null {
    return this.#repositories.get(repository)?.revisions.get(`${digest}`) ?? null;
  }

  /** Every linked manifest of a repository, by digest. */
  revisions(repository: string): readonly string[] {
    return [...(this.#repositories.get(repository)?.revisions.keys() ?? [])];
  }

  /** The bytes, whoever links to them. */
  data(digest: DigestLike): Buffer | null {
    return this.#data.get(`${digest}`) ?? null;
  }

  /** The size that the registry believes a blob of this repository to have: from its cache, else from link and data. */
  statBlob(repository: string, digest: DigestLike): number | null {
    const cached = this.cache.size(repository, `${digest}`);
    if (cached !== null) return cached;
    if (!this.hasBlobLink(repository, digest)) return null;
    const size = this.cache.size(null, `${digest}`) ?? this.data(digest)?.length ?? null;
    if (size !== null) this.cache.remember(repository, `${digest}`, size);
    return size;
  }

  /** What the API's DELETE does: the manifest's link goes, and every tag that points to it. */
  deleteManifest(repository: string, digest: DigestLike): void {
    this.unlinkManifest(repository, digest);
    const { tags } = this.#existing(repository);
    for (const [tag, link] of tags ?? []) if (link === `${digest}`) tags?.delete(tag);
  }

  /** The link of the manifest goes, its data and the tags that point to it stay. */
  unlinkManifest(repository: string, digest: DigestLike): void {
    if (!this.#existing(repository).revisions.delete(`${digest}`))
      throw absent("manifest", repository, digest);
  }

  /** The repository loses the blob, whose data stays; a warm cache hides it until a restart. */
  deleteBlobLink(repository: string, digest: DigestLike): void {
    if (!this.#existing(repository).layers.delete(`${digest}`)) throw absent("blob", repository, digest);
  }

  /** Data of a blob or a manifest goes, the links to it stay. */
  deleteBlobData(digest: DigestLike): void {
    if (!this.#data.delete(`${digest}`)) throw absent("data", "any repository", digest);
  }

  /** Other bytes under the same digest, of a blob or a manifest. */
  replaceBlobData(digest: DigestLike, data: Buffer): void {
    this.#stored(digest);
    this.#data.set(`${digest}`, data);
  }

  /** Keeps only the first `bytes` of the data. */
  cutBlobData(digest: DigestLike, bytes: number): void {
    this.#data.set(`${digest}`, this.#stored(digest).subarray(0, bytes));
  }

  /** Inverts the lowest bit of one byte. @default the byte in the middle */
  flipBlobByte(digest: DigestLike, offset?: number): void {
    const data = Buffer.from(this.#stored(digest));
    const at = offset ?? data.length >> 1;
    if (at >= data.length) throw new RangeError(`offset must be below ${data.length}, got ${at}`);
    data[at] = (data[at] ?? 0) ^ 1;
    this.#data.set(`${digest}`, data);
  }

  deleteTag(repository: string, tag: string): void {
    if (this.#existing(repository).tags?.delete(tag) !== true) throw absent("tag", repository, tag);
  }

  /** The tag is listed and does not resolve. */
  deleteTagLink(repository: string, tag: string): void {
    this.#existing(repository).tags?.set(tag, null);
  }

  /** The tag is listed and answers 500 for ever. */
  emptyTagLink(repository: string, tag: string): void {
    this.#existing(repository).tags?.set(tag, "");
  }

  /** The repository stays in the catalogue while its tags/list is 404 NAME_UNKNOWN. */
  deleteTagsFolder(repository: string): void {
    this.#existing(repository).tags = null;
  }

  /**
   * What `registry garbage-collect -m` of 2.8 does: every manifest without a tag of its own is unlinked, children
   * of tagged indexes too; then all data that no tagged manifest names directly goes. Links of layers stay, and
   * the running registry's cache knows nothing of it.
   *
   * @throws Error as the real one aborts, when a repository has no folder of tags or a manifest cannot be read
   */
  garbageCollectDeletingUntagged(): void {
    this.garbageCollect({ deleteUntagged: true });
  }

  /** As without `-m` unless told: then only what no linked manifest names goes. */
  garbageCollect(options: { readonly deleteUntagged: boolean }): void {
    const marked = new Set<string>();
    const unlinked: [Repository, string][] = [];
    for (const [name, repository] of this.#repositories) {
      if (options.deleteUntagged && repository.tags === null && repository.revisions.size > 0) {
        throw new Error(`garbage collection aborted: ${name} has no folder of tags`);
      }
      const tagged = new Set(repository.tags?.values());
      for (const [digest, mediaType] of repository.revisions) {
        if (options.deleteUntagged && !tagged.has(digest)) {
          unlinked.push([repository, digest]);
          continue;
        }
        marked.add(digest);
        for (const reference of manifestReferences(this.#stored(digest), mediaType)) marked.add(reference);
      }
    }
    for (const [repository, digest] of unlinked) repository.revisions.delete(digest);
    for (const digest of [...this.#data.keys()]) if (!marked.has(digest)) this.#data.delete(digest);
  }

  #open(name: string): Repository {
    const known = this.#repositories.get(name);
    if (known) return known;
    const repository: Repository = { tags: null, revisions: new Map(), layers: new Set() };
    this.#repositories.set(name, repository);
    return repository;
  }

  #existing(name: string): Repository {
    const repository = this.#repositories.get(name);
    if (!repository)
      throw new Error(`repository "${name}" is not in this storage. Put an image there first.`);
    return repository;
  }

  #stored(digest: DigestLike): Buffer {
    const data = this.data(digest);
    if (data === null) throw absent("data", "any repository", digest);
    return data;
  }
}

function absent(what: string, where: string, which: DigestLike): Error {
  return new Error(`${what} ${which} is not in ${where}. Damage can be done only to what was put there.`);
}
