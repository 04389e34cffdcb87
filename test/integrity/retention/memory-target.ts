import type { RetentionTarget, TargetManifest } from "../../../lib/integrity/retention/retention-target";
import { Digest } from "../../../lib/oci/digest";
import { parseManifest } from "../../../lib/oci/manifest";

/** One repository of a registry that, as 2.8, deletes by digest with every tag, and looks at no reference. */
export class MemoryTarget implements RetentionTarget {
  readonly revisions = new Map<string, Buffer>();
  readonly blobs = new Map<string, Buffer>();
  readonly tagLinks = new Map<string, string>();
  readonly deletedDigests: string[] = [];
  beforeDelete: (digest: string) => void = () => undefined;

  repositories = async (): Promise<readonly string[]> => ["app"];
  tags = async (): Promise<readonly string[]> => [...this.tagLinks.keys()];
  config = async (_: string, digest: Digest): Promise<Buffer | null> => this.blobs.get(`${digest}`) ?? null;
  hasBlob = async (_: string, digest: Digest): Promise<boolean> => this.blobs.has(`${digest}`);

  manifest = async (_: string, reference: string): Promise<TargetManifest | null> => {
    const digest = Digest.parse(this.tagLinks.get(reference) ?? reference);
    const body = digest === null ? undefined : this.revisions.get(`${digest}`);
    if (digest === null || body === undefined) return null;
    return { digest, body, contentType: null, uploadedAtMs: null };
  };

  delete = async (_: string, digest: Digest): Promise<"deleted" | "absent"> => {
    this.beforeDelete(`${digest}`);
    if (!this.revisions.delete(`${digest}`)) return "absent";
    for (const [tag, link] of this.tagLinks) if (link === `${digest}`) this.tagLinks.delete(tag);
    this.deletedDigests.push(`${digest}`);
    return "deleted";
  };

  addBlob(content: string): { digest: string; size: number } {
    const bytes = Buffer.from(content);
    const digest = `${Digest.sha256(bytes)}`;
    this.blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  }

  addManifest(json: object): string {
    const body = Buffer.from(JSON.stringify(json));
    const digest = `${Digest.sha256(body)}`;
    this.revisions.set(digest, body);
    return digest;
  }

  /** Children, configs and layers that a revision names, or none where it is gone. */
  named(digest: string): { children: string[]; blobs: string[] } {
    const body = this.revisions.get(digest);
    if (body === undefined) return { children: [], blobs: [] };
    const manifest = parseManifest(body, null);
    if (manifest.kind === "index") {
      return { children: manifest.manifests.map((entry) => `${entry.digest}`), blobs: [] };
    }
    if (manifest.kind !== "image") return { children: [], blobs: [] };
    const config = manifest.config === null ? [] : [manifest.config];
    return { children: [], blobs: [...config, ...manifest.layers].map((entry) => `${entry.digest}`) };
  }

  /** What a pull of the digest would miss. */
  missing(digest: string): string[] {
    if (!this.revisions.has(digest)) return [digest];
    const { children, blobs } = this.named(digest);
    return [
      ...blobs.filter((blob) => !this.blobs.has(blob)),
      ...children.flatMap((child) => this.missing(child)),
    ];
  }

  /** As 2.8 without -m: each revision that is there holds its blobs. */
  collectByRevisions(): void {
    this.sweep(new Set(this.revisions.keys()));
  }

  /** As a collector that is right about indexes: what no tag reaches goes. */
  collectByTags(): void {
    const alive = new Set<string>();
    const visit = (digest: string): void => {
      alive.add(digest);
      for (const child of this.named(digest).children) visit(child);
    };
    for (const digest of this.tagLinks.values()) visit(digest);
    this.sweep(alive);
  }

  get bytes(): number {
    let sum = 0;
    for (const content of [...this.blobs.values(), ...this.revisions.values()]) sum += content.length;
    return sum;
  }

  private sweep(alive: ReadonlySet<string>): void {
    for (const digest of this.revisions.keys()) if (!alive.has(digest)) this.revisions.delete(digest);
    const held = new Set([...alive].flatMap((digest) => this.named(digest).blobs));
    for (const digest of this.blobs.keys()) if (!held.has(digest)) this.blobs.delete(digest);
  }
}
