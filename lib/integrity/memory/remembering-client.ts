import { Digest } from "../../oci/digest";
import {
  type Absent,
  type ManifestAnswer,
  type ManifestPresent,
  RegistryError,
} from "../../registry-client/answers";
import { type ManifestHead, manifestHead } from "../../registry-client/manifest-head";
import type { RegistryClient } from "../../registry-client/registry-client";
import type { WalkClient } from "../walk-client";
import type { MemoryBuilder } from "./memory-builder";
import { BodyKind } from "./memory-format";
import { isDue } from "./reread";
import type { WalkMemory } from "./walk-memory";

/** So many questions in a row that a HEAD gave no answer to: this registry, or what stands before it, takes none. */
const MAX_HEADS_IN_VAIN = 8;

/**
 * A client that asks for manifests which an earlier walk read by their existence alone, and remembers what this one
 * meets. Every doubt ends in the plain question: what is absent, of another digest, type or length, or long not read
 * is asked for as without a memory, so that a finding is the registry's own answer.
 */
export class RememberingClient implements WalkClient {
  /** Manifests that a HEAD and the memory answered. */
  remembered = 0;
  private headsInVain = 0;

  constructor(
    private readonly client: RegistryClient,
    private readonly known: WalkMemory | null,
    private readonly next: MemoryBuilder,
    private readonly now: () => number,
  ) {}

  get stats(): RegistryClient["stats"] {
    return this.client.stats;
  }

  catalogue(): ReturnType<RegistryClient["catalogue"]> {
    return this.client.catalogue();
  }

  tags(repository: string): ReturnType<RegistryClient["tags"]> {
    return this.client.tags(repository);
  }

  blob(...question: Parameters<RegistryClient["blob"]>): ReturnType<RegistryClient["blob"]> {
    return this.client.blob(...question);
  }

  async readBlob(
    repository: string,
    digest: Digest,
    maxBytes: number,
  ): Promise<Awaited<ReturnType<RegistryClient["readBlob"]>>> {
    const answer = await this.client.readBlob(repository, digest, maxBytes);
    if (answer.kind === "present") await this.next.keep(digest, answer.body, BodyKind.config, this.now());
    return answer;
  }

  async manifest(repository: string, reference: string): Promise<ManifestAnswer> {
    const asked = Digest.parse(reference);
    const at = (asked === null ? this.known?.findTag(repository, reference) : this.known?.find(asked)) ?? -1;
    const answer = this.isTrusted(at) ? await this.byExistence(repository, reference, asked) : null;
    if (answer !== null) return answer;
    const whole = await this.client.manifest(repository, reference);
    if (whole.kind === "present") await this.learn(repository, reference, asked, whole);
    return whole;
  }

  /** The bytes that a digest names, without a request: they say nothing of what the registry has. */
  async recall(digest: Digest): Promise<Buffer | null> {
    const at = this.known?.find(digest) ?? -1;
    if (this.known === null || at < 0) return null;
    const body = await this.known.body(at, digest);
    if (body === null) this.next.spoilt(at);
    else this.next.met(at);
    return body;
  }

  wasManifest(digest: Digest): boolean {
    const at = this.known?.find(digest) ?? -1;
    return at >= 0 && this.known?.entry(at).kind === BodyKind.manifest;
  }

  /** A manifest that is there, as the memory has it; null: in doubt. */
  private async byExistence(
    repository: string,
    reference: string,
    asked: Digest | null,
  ): Promise<ManifestPresent | null> {
    const head = await this.head(repository, reference);
    if (head?.kind !== "present") return null;
    const digest = Digest.parse(head.contentDigest);
    if (digest === null || (asked !== null && !digest.equals(asked))) return null;
    // A tag may have moved to what is not known, or to what is to be read again.
    if (!this.isTrusted(this.known?.find(digest) ?? -1)) return null;
    const body = await this.recall(digest);
    if (body === null || (head.length !== null && head.length !== body.length)) return null;
    if (asked === null) this.next.tag(repository, reference, digest);
    this.remembered++;
    const { contentType, contentDigest } = head;
    return { kind: "present", body, contentType, contentDigest };
  }

  private async head(repository: string, reference: string): Promise<ManifestHead | Absent | null> {
    if (this.headsInVain >= MAX_HEADS_IN_VAIN) return null;
    try {
      const head = await manifestHead(this.client.session, repository, reference);
      this.headsInVain = 0;
      return head;
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code === "budget_spent") throw error;
      this.headsInVain++;
      return null;
    }
  }

  private isTrusted(at: number): boolean {
    if (this.known === null || at < 0) return false;
    const entry = this.known.entry(at);
    return entry.kind === BodyKind.manifest && !isDue(entry, this.now());
  }

  private async learn(
    repository: string,
    reference: string,
    asked: Digest | null,
    { body, contentDigest }: ManifestPresent,
  ): Promise<void> {
    const digest = asked ?? Digest.parse(contentDigest) ?? Digest.sha256(body);
    if (!digest.verifies(body)) return;
    await this.next.keep(digest, body, BodyKind.manifest, this.now());
    if (asked === null) this.next.tag(repository, reference, digest);
  }
}
