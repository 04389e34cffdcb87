import { forEachLimit } from "../../core/for-each-limit";
import { MalformedError } from "../../oci/descriptor";
import { type Manifest, parseManifest } from "../../oci/manifest";
import { isForeignLayer, isImageType } from "../../oci/media-type";
import { isTag } from "../../oci/reference";
import { RegistryError } from "../../registry-client/answers";
import { isManifestType } from "../descend";
import { companionSubject } from "./companion-tag";
import { believableTime, configTime } from "./creation-time";
import type { ManifestNode, Reference, RepositoryModel, TagReading } from "./repository-model";
import type { RetentionTarget, TargetManifest } from "./retention-target";

export interface ReadOptions {
  /** Digests that count if they are there: what runs in the cluster by digest alone. */
  readonly wanted: readonly string[];
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Manifests of one repository. @default 200000 */
  readonly maxManifests?: number;
}

const MAX_MANIFESTS = 200_000;

/** Reads tags, manifests and configs of a repository, and never throws for what a registry can do: that is `trouble`. */
export async function readRepository(
  target: RetentionTarget,
  repository: string,
  options: ReadOptions,
): Promise<RepositoryModel> {
  return new Reading(target, repository, options).run();
}

class Reading {
  private readonly manifests = new Map<string, ManifestNode>();
  private readonly trouble: string[] = [];
  private readonly asked = new Set<string>();
  /** Digests to read next; a needed one that is absent is trouble. */
  private next = new Map<string, { readonly isNeeded: boolean }>();

  constructor(
    private readonly target: RetentionTarget,
    private readonly repository: string,
    private readonly options: ReadOptions,
  ) {}

  async run(): Promise<RepositoryModel> {
    const { repository, options } = this;
    const tags: TagReading[] = [];
    await this.guarded("the list of tags", async () => {
      const names = await this.target.tags(repository);
      const unfit = names.filter((name) => !isTag(name)).length;
      if (unfit > 0) this.trouble.push(`${unfit} listed tags have names that are none`);
      await forEachLimit(names.filter(isTag), options.concurrency, (name) => this.readTag(name, tags));
    });
    for (const { name } of tags) {
      const subject = companionSubject(name)?.digest;
      if (subject) this.want(subject.toString(), false);
    }
    for (const digest of options.wanted) this.want(digest, false);
    while (this.next.size > 0) {
      const level = [...this.next];
      this.next = new Map();
      await forEachLimit(level, options.concurrency, ([digest, { isNeeded }]) =>
        this.readDigest(digest, isNeeded),
      );
    }
    tags.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { repository, tags, manifests: withIndexTimes(this.manifests), trouble: this.trouble };
  }

  private async readTag(name: string, tags: TagReading[]): Promise<void> {
    await this.guarded(`the tag ${name}`, async () => {
      const found = await this.target.manifest(this.repository, name);
      if (found === null) {
        this.trouble.push(`the tag ${name} is listed and does not resolve`);
        return;
      }
      const digest = found.digest.toString();
      tags.push({ name, digest });
      if (this.asked.has(digest)) return;
      this.asked.add(digest);
      await this.take(found);
    });
  }

  private async readDigest(digest: string, isNeeded: boolean): Promise<void> {
    await this.guarded(digest, async () => {
      const found = await this.target.manifest(this.repository, digest);
      if (found !== null) await this.take(found);
      else if (isNeeded) this.trouble.push(`${digest} is missing, and an index lists it`);
    });
  }

  private want(digest: string, isNeeded: boolean): void {
    if (this.manifests.has(digest)) return;
    if (this.asked.has(digest) && !this.next.has(digest)) return;
    if (this.asked.size >= (this.options.maxManifests ?? MAX_MANIFESTS)) {
      if (this.trouble.at(-1) !== TOO_MANY) this.trouble.push(TOO_MANY);
      return;
    }
    this.asked.add(digest);
    this.next.set(digest, { isNeeded: isNeeded || this.next.get(digest)?.isNeeded === true });
  }

  private async take(found: TargetManifest): Promise<void> {
    const digest = found.digest.toString();
    const manifest = parseManifest(found.body, found.contentType);
    if (manifest.kind === "schema1" || manifest.kind === "unknown") {
      this.trouble.push(`${digest} is of a kind whose references cannot be read (${manifest.kind})`);
      return;
    }
    const references = await this.referencesOf(manifest);
    this.manifests.set(digest, {
      digest,
      sizeBytes: found.body.length,
      references,
      subject: manifest.subject?.digest.toString() ?? null,
      createdMs: await this.createdOf(manifest),
      uploadedMs: found.uploadedAtMs,
    });
    for (const reference of references) if (reference.role === "child") this.want(reference.digest, true);
    if (manifest.subject !== null) this.want(manifest.subject.digest.toString(), false);
  }

  private async referencesOf(manifest: Manifest): Promise<Reference[]> {
    const references: Reference[] = [];
    if (manifest.kind === "index") {
      for (const { digest, size, mediaType } of manifest.manifests) {
        // The blob first: docker-registry 2.8 answers 500 where a layer is asked for as a manifest.
        const isBlob =
          !isManifestType(mediaType) && (await this.target.hasBlob(this.repository, digest, size));
        references.push({ digest: digest.toString(), sizeBytes: size, role: isBlob ? "blob" : "child" });
      }
    } else if (manifest.kind === "image") {
      const config = manifest.config === null ? [] : [manifest.config];
      for (const { digest, size, mediaType } of [...config, ...manifest.layers]) {
        if (!isForeignLayer(mediaType)) {
          references.push({ digest: digest.toString(), sizeBytes: size, role: "blob" });
        }
      }
    }
    return references;
  }

  /** The config's word before the annotation's: the annotation may be a base image's, handed down by a build. */
  private async createdOf(manifest: Manifest): Promise<number | null> {
    const annotated = believableTime(manifest.created);
    if (manifest.kind !== "image" || manifest.config === null) return annotated;
    const { config } = manifest;
    if (config.data === null && !isImageType(manifest.mediaType)) return annotated;
    const bytes = config.data ?? (await this.target.config(this.repository, config.digest));
    if (bytes === null) {
      this.trouble.push(`the config ${config.digest} is missing`);
      return null;
    }
    return configTime(bytes) ?? annotated;
  }

  private async guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RegistryError) && !(error instanceof MalformedError)) throw error;
      this.trouble.push(`${what}: ${error.message}`);
    }
  }
}

const TOO_MANY = "it has more manifests than are read of one repository";

/** An index is as new as its newest child; one whose children say nothing, as its annotation says. */
function withIndexTimes(read: ReadonlyMap<string, ManifestNode>): ReadonlyMap<string, ManifestNode> {
  const times = new Map<string, number | null>();
  const timeOf = (digest: string): number | null => {
    const known = times.get(digest);
    if (known !== undefined) return known;
    const node = read.get(digest);
    if (node === undefined) return null;
    times.set(digest, node.createdMs);
    const children = node.references
      .filter(({ role }) => role === "child")
      .map((child) => timeOf(child.digest));
    const all = [node.createdMs, ...children].filter((time) => time !== null);
    const newest = all.length === 0 ? null : Math.max(...all);
    times.set(digest, newest);
    return newest;
  };
  return new Map([...read].map(([digest, node]) => [digest, { ...node, createdMs: timeOf(digest) }]));
}
