import { join } from "node:path";
import { printable } from "../../core/printable";
import type { Digest } from "../../oci/digest";
import type { Manifest } from "../../oci/manifest";
import { isTag } from "../../oci/reference";
import type { Reason } from "../contract";
import { enter, isManifestType, mentions } from "../descend";
import { ObjectGraph, Role } from "../object-graph";
import type { Undetermined } from "../report";
import type { Verdict } from "../verdict";
import { WALK_LIMITS } from "../walk-context";
import type { DigestTable } from "./digest-table";
import { lookAtBlob, lookAtEither, lookAtManifest, type ObjectPlace } from "./disk-object";
import { tagLinkPath, tagPath, tagsPath } from "./layout";
import { asLink, type LinkLook, layerLinks, revisionLinks, type StorageContext } from "./repository-links";
import { isRealFolder, listFolder, readLinkFile } from "./storage-files";

export type Broken = Extract<Verdict, { kind: "broken" }>;

/** Set on a link's entry once a tag led to it. */
export const REACHED = 1;

/** The state of one pass: from the tags down, as a pull would go. */
export class RepositoryPass {
  readonly graph: ObjectGraph;
  readonly place: ObjectPlace;
  readonly tags: string[] = [];
  /** Per tag: the id of its root, or -1. */
  readonly roots: number[] = [];
  readonly brokenTags = new Map<number, Broken & { readonly digest: Digest | null }>();
  readonly brokenObjects = new Map<number, Broken>();
  readonly notes = new Map<
    number,
    { readonly kind: "schema1" | "unknown_media_type"; readonly detail: string }
  >();
  readonly undetermined: Undetermined[] = [];
  hasTagsFolder = true;
  indexes = 0;
  manifests = 0;
  blobs = 0;
  bytesRead = 0;
  private readonly queue: number[] = [];
  private readonly maybeBlobs = new Set<number>();
  private readonly unresolved = new Map<string, Verdict>();
  private isOverLimit = false;

  constructor(
    readonly storage: StorageContext,
    readonly repository: string,
    isFresh: boolean,
  ) {
    this.graph = new ObjectGraph(storage.seed);
    const revisions = revisionLinks(storage, repository);
    const layers = layerLinks(storage, repository);
    this.place = { storage, revisions, layers, isFresh };
    for (const { path, look } of [...revisions.unreadable, ...layers.unreadable]) {
      this.doubt(look.reason, null, `${path} ${look.detail}`);
    }
  }

  walk(): void {
    this.readTags();
    for (let id = this.queue.pop(); id !== undefined; id = this.queue.pop()) this.book(id, this.look(id));
    for (const broken of this.brokenTags.values()) this.reach(broken.digest);
  }

  doubt(reason: Reason, reference: string | null, detail: string): void {
    this.undetermined.push({ reason, repository: this.repository, reference, detail });
  }

  private readTags(): void {
    const path = tagsPath(this.repository);
    const folder = isRealFolder(join(this.storage.root, path, ".."));
    const look = folder.kind === "there" ? listFolder(join(this.storage.root, path)) : folder;
    if (look.kind === "unknown") this.doubt(look.reason, null, `${path} ${look.detail}`);
    this.hasTagsFolder = look.kind !== "absent";
    if (look.kind !== "there") return;
    for (const entry of look.value) {
      const tag = entry.name;
      if (entry.isSymbolicLink()) {
        this.doubt("bad_response", tag, "the tag's folder is a symbolic link, which is not followed");
      } else if (!isTag(tag)) {
        if (entry.isDirectory()) this.doubt("invalid_name", tag, "the folder's name is no tag");
      } else if (entry.isDirectory()) this.resolve(tag);
    }
  }

  private resolve(tag: string): void {
    const link = this.tagLink(tag);
    if (link.kind === "unknown") {
      this.doubt(link.reason, tag, `the tag's current link ${link.detail}`);
      return;
    }
    const at = this.tags.push(tag) - 1;
    this.roots.push(-1);
    if (link.kind !== "there") {
      const isAbsent = link.kind === "absent";
      this.brokenTags.set(at, {
        kind: "broken",
        finding: isAbsent ? "manifest_missing" : "unservable",
        detail: isAbsent ? "the tag has no current link" : `the tag's current link: ${link.detail}`,
        digest: null,
      });
      return;
    }
    this.resolveRoot(at, link.value);
  }

  private tagLink(tag: string): LinkLook {
    // `current` may be a symbolic link itself.
    const folder = isRealFolder(`${this.storage.root}/${tagPath(this.repository, tag)}/current`);
    if (folder.kind !== "there") return folder;
    return asLink(readLinkFile(`${this.storage.root}/${tagLinkPath(this.repository, tag)}`), null);
  }

  /** A root that the registry would not answer leaves its tag unresolved; all else is a finding on the object. */
  private resolveRoot(at: number, digest: Digest): void {
    const text = digest.toString();
    const verdict = this.unresolved.get(text) ?? lookAtManifest(this.place, digest, -1, Role.root);
    if (verdict.kind === "undetermined") {
      this.unresolved.set(text, verdict);
      this.doubt(verdict.reason, this.tags[at] as string, verdict.detail);
      return;
    }
    if (
      verdict.kind === "broken" &&
      (verdict.finding === "manifest_missing" || verdict.finding === "unservable")
    ) {
      this.unresolved.set(text, verdict);
      this.brokenTags.set(at, { ...verdict, digest });
      return;
    }
    const before = this.graph.count;
    const id = this.graph.add(digest);
    this.roots[at] = id;
    if (id !== before) return;
    this.graph.describe(id, Role.root, -1, 0, null);
    this.book(id, verdict);
  }

  private look(id: number): Verdict {
    const { graph, place } = this;
    const digest = graph.digest(id);
    const role = graph.role(id);
    if (role === Role.config || role === Role.layer) return lookAtBlob(place, digest, graph.size(id), role);
    if (this.maybeBlobs.has(id)) return lookAtEither(place, digest, graph.size(id), role);
    return lookAtManifest(place, digest, graph.size(id), role);
  }

  private book(id: number, verdict: Verdict): void {
    this.reach(this.graph.digest(id));
    if (verdict.kind === "undetermined") {
      this.doubt(verdict.reason, this.graph.digest(id).toString(), verdict.detail);
    } else if (verdict.kind === "broken") {
      if (!this.brokenObjects.has(id)) this.brokenObjects.set(id, verdict);
    } else {
      this.bytesRead += verdict.bytes;
      if (verdict.manifest === null) this.blobs++;
      else this.descend(id, verdict.manifest);
    }
  }

  private reach(digest: Digest | null): void {
    if (digest === null) return;
    const { revisions, layers } = this.place;
    this.storage.blobs.refer(digest);
    for (const { table } of [revisions, layers]) markReached(table, digest);
    if (digest.algorithm === "sha256") return;
    // A layer pushed by its sha512 needs the link of its sha256 too. Its data a garbage collection would not keep.
    const link = layers.read(digest);
    if (link.kind === "there") markReached(layers.table, link.value);
  }

  private descend(id: number, manifest: Manifest): void {
    const { graph } = this;
    if (manifest.kind === "index") this.indexes++;
    else this.manifests++;
    if (manifest.kind === "schema1") {
      this.notes.set(id, { kind: "schema1", detail: "a schema 1 manifest: its layers cannot be checked" });
    } else if (manifest.kind === "unknown") {
      const detail = `a manifest of the unknown type "${printable(manifest.mediaType, 80)}"`;
      this.notes.set(id, { kind: "unknown_media_type", detail });
    }
    refersTo(manifest, (digest) => this.storage.blobs.refer(digest));
    if (graph.depth(id) >= WALK_LIMITS.depth) {
      this.doubt("limit", graph.digest(id).toString(), `indexes are nested deeper than ${WALK_LIMITS.depth}`);
      return;
    }
    for (const mention of mentions(manifest, graph.platform(id))) {
      if (graph.count >= WALK_LIMITS.objects) {
        if (!this.isOverLimit) this.doubt("limit", null, `more than ${WALK_LIMITS.objects} objects`);
        this.isOverLimit = true;
        return;
      }
      const { descriptor } = mention;
      const linked = enter(graph, id, mention);
      if (linked.otherSize !== null && !this.brokenObjects.has(linked.id)) {
        const detail = `one descriptor says ${linked.otherSize} bytes, another ${descriptor.size}`;
        this.brokenObjects.set(linked.id, { kind: "broken", finding: "size_mismatch", detail });
      }
      if (!linked.isNew) continue;
      if (mention.isUnknownType) {
        const detail = `the unknown type "${printable(descriptor.mediaType, 80)}"`;
        this.notes.set(linked.id, { kind: "unknown_media_type", detail });
      }
      if (descriptor.data !== null && descriptor.digest.verifies(descriptor.data)) {
        this.reach(descriptor.digest);
        continue;
      }
      if (mention.role === Role.child && !isManifestType(descriptor.mediaType))
        this.maybeBlobs.add(linked.id);
      this.queue.push(linked.id);
    }
  }
}

function markReached(table: DigestTable, digest: Digest): void {
  const entry = table.find(digest);
  if (entry >= 0) table.mark(entry, REACHED);
}

/** What a garbage collection would keep because of this manifest. */
export function refersTo(manifest: Manifest, visit: (digest: Digest) => void): void {
  if (manifest.kind === "index") for (const { digest } of manifest.manifests) visit(digest);
  if (manifest.kind !== "image") return;
  if (manifest.config !== null) visit(manifest.config.digest);
  for (const { digest } of manifest.layers) visit(digest);
}
