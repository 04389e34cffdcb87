import { printable } from "../core/printable";
import type { Digest } from "../oci/digest";
import type { Manifest } from "../oci/manifest";
import type { Reason } from "./contract";
import { enter, isManifestType, mentions } from "./descend";
import { ObjectGraph, Role } from "./object-graph";
import { lookAtObject } from "./object-look";
import type { RepositoryScope } from "./repository-scope";
import type { Resolution } from "./resolve-tag";
import { Suspects } from "./suspects";
import type { Verdict } from "./verdict";
import type { FindingDraft, WalkContext } from "./walk-context";

export const UNRESOLVED = -1;
const DOUBTFUL = -2;

/** What a walk knows of one repository, and what it still has to ask. */
export class RepositoryState {
  readonly graph: ObjectGraph;
  readonly suspects = new Suspects();
  /** What was settled early, by the object: a tag read later may reach it too. null: no tag stood by it any more. */
  readonly reported = new Map<number, FindingDraft | null>();
  tags: readonly string[] = [];
  /** Per tag: the id of its root; below 0 where it has none. */
  roots: number[] = [];
  /** References whose state is not known, of those that the walk has heard of. */
  doubtful = 0;
  /** Objects to ask for, the last first: depth first keeps it short. */
  readonly queue: number[] = [];
  private readonly maybeBlobs = new Set<number>();
  private overLimit = false;

  constructor(
    readonly context: WalkContext,
    readonly scope: RepositoryScope,
  ) {
    this.graph = new ObjectGraph(context.seed);
  }

  get repository(): string {
    return this.scope.repository;
  }

  /** What seems broken and is no finding yet. */
  get unsettled(): number {
    return (
      this.suspects.count - [...this.suspects.objects.keys()].filter((id) => this.reported.has(id)).length
    );
  }

  /** Enters a root; it is asked for by digest unless its bytes were seen already. */
  addRoot(digest: Digest): number {
    const before = this.graph.count;
    const id = this.graph.add(digest);
    if (id === before) {
      this.graph.describe(id, Role.root, -1, 0, null);
      this.queue.push(id);
    }
    return id;
  }

  /** Books what a tag resolved to; also what it resolves to on the second look. */
  bookTag(tag: number, resolution: Resolution): void {
    const { ledger, now } = this.context;
    if (resolution.kind === "undetermined") {
      if (resolution.reason === "server_error") {
        this.suspects.addTag(tag, { finding: "unservable", detail: resolution.detail, at: now() });
        return;
      }
      this.roots[tag] = DOUBTFUL;
      this.doubt(resolution.reason, this.tags[tag] as string, resolution.detail);
      return;
    }
    if (resolution.kind === "broken") {
      this.suspects.addTag(tag, { finding: resolution.finding, detail: resolution.detail, at: now() });
      return;
    }
    ledger.tags++;
    ledger.determined++;
    const before = this.graph.count;
    const id = this.graph.add(resolution.digest);
    this.roots[tag] = id;
    if (id !== before) return;
    this.graph.describe(id, Role.root, -1, 0, null);
    this.book(id, resolution.verdict);
  }

  /** Whether the object is asked for as a blob, at first. */
  isBlob(id: number): boolean {
    const role = this.graph.role(id);
    return role === Role.config || role === Role.layer || this.maybeBlobs.has(id);
  }

  /** Asks for one object; what it answers is not booked yet. */
  ask(id: number): Promise<Verdict> {
    return this.askBy(this.context, id);
  }

  /** The same for one that is in doubt. */
  askAgain(id: number): Promise<Verdict> {
    const { registry } = this.context;
    return this.askBy({ ...this.context, client: registry }, id);
  }

  private askBy(context: WalkContext, id: number): Promise<Verdict> {
    const { graph, repository } = this;
    const mayBeBlob = this.maybeBlobs.has(id);
    return lookAtObject(context, {
      repository,
      digest: graph.digest(id),
      role: graph.role(id),
      size: graph.size(id),
      mayBeBlob,
    });
  }

  /** Takes a first verdict: on into what is whole, aside with what seems broken. */
  book(id: number, verdict: Verdict): void {
    const { ledger, now } = this.context;
    if (verdict.kind === "whole") {
      ledger.determined++;
      this.count(id, verdict.manifest);
      if (verdict.manifest !== null) this.descend(id, verdict.manifest);
      else this.settle(id);
    } else if (verdict.kind === "broken") {
      this.suspects.addObject(id, { finding: verdict.finding, detail: verdict.detail, at: now() });
    } else if (verdict.reason === "server_error") {
      this.suspects.addObject(id, { finding: "unservable", detail: verdict.detail, at: now() });
    } else {
      this.doubt(verdict.reason, this.graph.digest(id).toString(), verdict.detail);
    }
  }

  /** A blob that is whole, and of which nothing is to be reported, needs its digest no more. */
  private settle(id: number): void {
    if (!this.suspects.has(id)) this.graph.settle(id);
  }

  private count(id: number, manifest: Manifest | null): void {
    const { ledger } = this.context;
    if (manifest === null) ledger.blobs++;
    else if (manifest.kind === "index") ledger.indexes++;
    else ledger.manifests++;
    if (manifest !== null && ledger.witness === null) {
      ledger.witness = { repository: this.repository, reference: this.graph.digest(id).toString() };
    }
    if (manifest?.kind === "schema1")
      this.inform("schema1", id, "a schema 1 manifest: its layers cannot be checked");
    if (manifest?.kind === "unknown") {
      this.inform(
        "unknown_media_type",
        id,
        `a manifest of the unknown type "${printable(manifest.mediaType, 80)}"`,
      );
    }
  }

  private descend(id: number, manifest: Manifest): void {
    const { limits } = this.context;
    if (this.graph.depth(id) >= limits.depth) {
      this.doubt("limit", this.graph.digest(id).toString(), `indexes are nested deeper than ${limits.depth}`);
      return;
    }
    for (const mention of mentions(manifest, this.graph.platform(id))) {
      if (this.graph.count >= limits.objects) {
        if (!this.overLimit)
          this.doubt("limit", null, `the repository has more than ${limits.objects} objects`);
        this.overLimit = true;
        return;
      }
      const { descriptor } = mention;
      const linked = enter(this.graph, id, mention);
      if (linked.otherSize !== null) {
        const detail = `one descriptor says ${linked.otherSize} bytes, another ${descriptor.size}`;
        this.suspects.addObject(linked.id, { finding: "size_mismatch", detail, at: null });
      }
      if (!linked.isNew) continue;
      if (mention.isUnknownType) {
        this.inform(
          "unknown_media_type",
          linked.id,
          `the unknown type "${printable(descriptor.mediaType, 80)}"`,
        );
      }
      if (descriptor.data !== null && descriptor.digest.verifies(descriptor.data)) {
        this.context.ledger.determined++;
        this.settle(linked.id);
        continue;
      }
      if (mention.role === Role.child && !isManifestType(descriptor.mediaType))
        this.maybeBlobs.add(linked.id);
      this.queue.push(linked.id);
    }
  }

  private inform(kind: "schema1" | "unknown_media_type", id: number, detail: string): void {
    this.suspects.addNote(id, { finding: kind, detail, at: null });
  }

  /** Books that something could not be determined. */
  doubt(reason: Reason, reference: string | null, detail: string): void {
    this.doubtful++;
    this.context.ledger.doubt({ reason, repository: this.repository, reference, detail });
  }
}
