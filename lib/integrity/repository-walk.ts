import { printable } from "../core/printable";
import { isTag } from "../oci/reference";
import type { Reason } from "./contract";
import { newestTags } from "./newest-tags";
import { asUndetermined } from "./object-look";
import type { RepositoryScope } from "./repository-scope";
import { RepositoryState, UNRESOLVED } from "./repository-state";
import { resolveTag } from "./resolve-tag";
import { settle, settleEarly } from "./settle";
import type { WalkContext } from "./walk-context";
import { rotated } from "./walk-order";

/** One piece of work that sends requests. */
export type Task = () => Promise<void>;

/**
 * The walk through one repository: tags, then everything that they reach, then a second look at all that seemed
 * broken. It hands out its work piece by piece and holds its memory only until `isDone`.
 */
export class RepositoryWalk {
  isDone = false;
  private readonly state: RepositoryState;
  private nextTag = 0;
  private inFlight = 0;
  private phase: "list" | "listing" | "walk" | "settling" = "list";
  private failedToList = false;

  constructor(
    private readonly context: WalkContext,
    private readonly scope: RepositoryScope,
  ) {
    this.state = new RepositoryState(context, scope);
  }

  /** Requests that the walk knows it still has to send. */
  get pending(): number {
    return this.phase === "list" ? 1 : this.state.queue.length + (this.state.tags.length - this.nextTag);
  }

  /** The next piece of work; null when there is none, now or for good. */
  next(): Task | null {
    const work = this.take();
    if (work === null) return null;
    this.inFlight++;
    return async () => {
      try {
        await work();
      } finally {
        this.inFlight--;
      }
    };
  }

  private take(): Task | null {
    if (this.phase === "list") {
      this.phase = "listing";
      return () => this.list();
    }
    if (this.phase !== "walk") return null;
    if (this.context.now() >= this.context.settleFromMs && this.state.unsettled > 0) return this.takeEarly();
    const id = this.state.queue.pop();
    if (id !== undefined) return () => this.look(id);
    if (this.nextTag < this.state.tags.length) {
      const tag = this.nextTag++;
      return () => this.resolve(tag);
    }
    if (this.inFlight > 0 || this.isDone) return null;
    this.phase = "settling";
    return async () => {
      const mended = await settle(this.state);
      if (mended) this.phase = "walk";
      else this.finish();
    };
  }

  /** The time is nearly over: what seems broken is looked at again now, or nobody ever hears of it. */
  private takeEarly(): Task | null {
    if (this.inFlight > 0) return null;
    this.phase = "settling";
    return async () => {
      await settleEarly(this.state);
      this.phase = "walk";
    };
  }

  private async list(): Promise<void> {
    const { ledger } = this.context;
    try {
      const tags = this.scope.tags ?? (await this.listTags());
      this.state.tags = tags === null ? [] : await this.select(tags);
    } catch (error) {
      const { reason, detail } = asUndetermined(error);
      this.failedToList = true;
      ledger.doubt({ reason, repository: this.scope.repository, reference: null, detail });
    }
    this.state.roots = new Array<number>(this.state.tags.length).fill(UNRESOLVED);
    for (const digest of this.scope.digests) this.state.addRoot(digest);
    this.phase = "walk";
  }

  /** All tags that are safe to ask for; null when the registry knows no such repository. */
  private async listTags(): Promise<string[] | null> {
    const tags = new Set<string>();
    for await (const page of this.context.client.tags(this.scope.repository)) {
      if (page.kind === "unlisted") {
        this.reportUnlisted();
        return null;
      }
      for (const tag of page.tags) {
        if (isTag(tag)) tags.add(tag);
        else this.state.doubt("invalid_name", printable(tag, 128), "the registry lists a tag that is none");
      }
    }
    return [...tags];
  }

  private async select(tags: readonly string[]): Promise<readonly string[]> {
    const { newest } = this.scope;
    if (newest !== null && tags.length > newest) {
      return newestTags(this.context.client, this.scope.repository, tags, newest);
    }
    // A list has no order that lasts, and one repository may be more than a walk has time for.
    return this.scope.tags === null ? rotated([...tags].sort(), this.context.firstTag) : tags;
  }

  private reportUnlisted(): void {
    const { ledger } = this.context;
    const { repository } = this.scope;
    if (this.scope.source === "catalogue") {
      const detail = "the catalogue lists the repository, the registry says that it has no such name";
      ledger.find(
        { kind: "repository_unlisted", repository, tags: [], digest: null, path: [], platform: null, detail },
        false,
      );
      return;
    }
    this.failedToList = true;
    const detail = "the registry has no repository of this name, or none that these credentials may see";
    ledger.doubt({ reason: "invalid_name", repository, reference: null, detail });
  }

  private async resolve(tag: number): Promise<void> {
    const { state } = this;
    state.bookTag(tag, await resolveTag(this.context.client, state.repository, state.tags[tag] as string));
  }

  private async look(id: number): Promise<void> {
    this.state.book(id, await this.state.ask(id));
  }

  private finish(): void {
    this.isDone = true;
    const known = this.state.tags.length + this.state.graph.count;
    const { ledger } = this.context;
    if (!this.failedToList) {
      ledger.repositories++;
      ledger.coverageSum += known === 0 ? 1 : 1 - Math.min(1, this.state.doubtful / known);
    }
  }

  /** Ends a walk that was cut: what was not looked at, or not looked at twice, is in doubt. */
  abandon(reason: Reason, detail: string): void {
    if (this.isDone) return;
    this.isDone = true;
    const { ledger } = this.context;
    const left = this.phase === "list" || this.phase === "listing" ? 1 : this.pending + this.state.unsettled;
    const known = this.state.tags.length + this.state.graph.count;
    if (left > 0) {
      ledger.doubt(
        {
          reason,
          repository: this.scope.repository,
          reference: null,
          detail: `${detail}: ${left} references were not looked at`,
        },
        left,
      );
    }
    if (known > 0)
      ledger.coverageSum += Math.max(0, (known - this.state.doubtful - left) / this.expected(known));
  }

  /** References that there will be when every tag was read, if those left lead to as many objects as those before. */
  private expected(known: number): number {
    const { tags, graph } = this.state;
    if (this.nextTag === 0 || this.nextTag >= tags.length) return known;
    return tags.length + (graph.count * tags.length) / this.nextTag;
  }
}
