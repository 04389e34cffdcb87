import { printable } from "../core/printable";
import { isRepositoryName } from "../oci/reference";
import type { BlobWish } from "./blob-wish";
import type { ByteSlice } from "./byte-slice";
import type { Reason } from "./contract";
import { asUndetermined } from "./object-look";
import { OutageWatch } from "./outage-watch";
import { ProvenBlobs } from "./proven-blobs";
import type { RepositoryScope } from "./repository-scope";
import { RepositoryWalk, type Task } from "./repository-walk";
import { isInShard, type Shard } from "./shard";
import type { WalkClient } from "./walk-client";
import { Ledger, WALK_LIMITS, type WalkLimits } from "./walk-context";
import { rotated, tagShare, turnOf, type WalkTurn } from "./walk-order";

export interface WalkProgress {
  readonly repositoriesDone: number;
  readonly repositoriesTotal: number;
  readonly tags: number;
  readonly requests: number;
  /** Requests that are known to be still to send, in the repositories under way. */
  readonly pending: number;
}

export interface WalkOptions {
  readonly client: WalkClient;
  /** Asked for every second look. @default the client */
  readonly registry?: WalkClient;
  /** What to walk; null: all that the catalogue lists. */
  readonly scopes: readonly RepositoryScope[] | null;
  /** For repositories of the catalogue: only so many tags, the newest; null: all. */
  readonly newest: number | null;
  /** Walks that part of the repositories alone, whether listed or given. @default all of them */
  readonly shard?: Shard | null;
  readonly blobs: BlobWish;
  readonly slice: ByteSlice | null;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Aborted when the walk's deadline has passed; the client holds the same signal. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly seed: number;
  readonly limits?: WalkLimits;
  /** Time between two runs, by which the beginning moves; null: by the second. @default null */
  readonly intervalMs?: number | null;
  /** From then on second looks go first, in epoch ms. @default at the end of each repository alone */
  readonly settleFromMs?: number;
  /** Called after every request's work, and once when the list of repositories is known. */
  readonly onProgress?: (progress: WalkProgress) => void;
}

export interface WalkResult {
  readonly ledger: Ledger;
  /** Whether the list of repositories could be read; true where it was given. */
  readonly catalogueAccessible: boolean;
  /** 0 to 1: the mean over repositories of the share that was determined; 0 where the catalogue was not read. */
  readonly coverage: number;
}

/** Walks a registry once. */
export async function walkRegistry(options: WalkOptions): Promise<WalkResult> {
  const walk = new Walk(options);
  return walk.run();
}

class Walk {
  private readonly ledger: Ledger;
  private proven: ProvenBlobs;
  private readonly active: RepositoryWalk[] = [];
  private waiting: readonly RepositoryScope[] = [];
  /** How many of those waiting were taken up: a list of a million is not moved up a million times. */
  private taken = 0;
  private readonly turn: WalkTurn;
  private total = 0;
  private done = 0;
  private wake: (() => void)[] = [];
  private outage: Reason | null = null;
  private readonly watch: OutageWatch;

  constructor(private readonly options: WalkOptions) {
    this.ledger = new Ledger(options.limits ?? WALK_LIMITS);
    this.watch = new OutageWatch(this.ledger);
    this.proven = new ProvenBlobs(options.seed);
    this.turn = turnOf(options.now(), options.intervalMs ?? null);
  }

  async run(): Promise<WalkResult> {
    const { options } = this;
    let catalogueAccessible = true;
    if (options.scopes !== null)
      this.waiting = this.ordered(options.scopes.filter((one) => this.isMine(one.repository)));
    else catalogueAccessible = await this.readCatalogue();
    this.total = this.waiting.length;
    // Nobody is there to share with one repository.
    if (this.total === 1) this.proven = new ProvenBlobs(options.seed, 0);
    this.report();
    await Promise.all(Array.from({ length: options.concurrency }, () => this.work()));
    this.abandonRest();
    return { ledger: this.ledger, catalogueAccessible, coverage: this.coverage(catalogueAccessible) };
  }

  /** Given names keep their order in a walk that is no run of a schedule: it is nobody's first of many. */
  private ordered(scopes: readonly RepositoryScope[]): readonly RepositoryScope[] {
    return (this.options.intervalMs ?? null) === null ? scopes : rotated(scopes, this.turn.repositories);
  }

  /** Of a catalogue that could not be read to its end nobody knows the whole: no share of it can be told. */
  private coverage(catalogueAccessible: boolean): number {
    if (!catalogueAccessible) return 0;
    return this.total === 0 ? 1 : Math.min(1, this.ledger.coverageSum / this.total);
  }

  private isMine(repository: string): boolean {
    return isInShard(repository, this.options.shard ?? null);
  }

  /** Also keeps what was read before a failure: a part of the truth is worth walking. */
  private async readCatalogue(): Promise<boolean> {
    const names = new Set<string>();
    try {
      for await (const page of this.options.client.catalogue()) {
        for (const name of page) {
          if (!this.isMine(name)) continue;
          if (isRepositoryName(name)) names.add(name);
          else
            this.ledger.doubt({
              reason: "invalid_name",
              repository: printable(name, 255),
              reference: null,
              detail: "the catalogue lists a name that is none",
            });
        }
      }
      return true;
    } catch (error) {
      const { reason, detail } = asUndetermined(error);
      const hint = reason === "catalog_unsupported" ? " by --repository" : "";
      this.ledger.doubt({ reason, repository: null, reference: null, detail: `catalogue: ${detail}${hint}` });
      return false;
    } finally {
      this.waiting = rotated([...names].sort(), this.turn.repositories).map((repository) => ({
        repository,
        source: "catalogue" as const,
        tags: null,
        digests: [],
        newest: this.options.newest,
      }));
    }
  }

  private async work(): Promise<void> {
    for (;;) {
      if (this.options.signal.aborted || this.outage !== null) return;
      const task = this.take();
      if (task === null) {
        if (this.active.length === 0) return;
        await new Promise<void>((resolve) => this.wake.push(resolve));
        continue;
      }
      try {
        await task();
      } finally {
        this.settleFinished();
        this.outage ??= this.watch.look();
        const sleepers = this.wake;
        this.wake = [];
        for (const resolve of sleepers) resolve();
      }
      this.report();
    }
  }

  /** Work of the repositories under way first: their memory is held until they are done. */
  private take(): Task | null {
    for (const walk of this.active) {
      const task = walk.next();
      if (task !== null) return task;
    }
    const scope = this.waiting[this.taken];
    if (scope === undefined) return null;
    const firstTag = tagShare(this.turn, this.taken, this.waiting.length);
    this.taken++;
    const { client, registry = client, blobs, slice, now, sleep, seed, limits } = this.options;
    const context = {
      client,
      registry,
      blobs,
      slice,
      proven: this.proven,
      now,
      sleep,
      seed,
      limits: limits ?? WALK_LIMITS,
      ledger: this.ledger,
      firstTag,
      settleFromMs: this.options.settleFromMs ?? Number.POSITIVE_INFINITY,
    };
    const walk = new RepositoryWalk(context, scope);
    this.active.push(walk);
    return walk.next();
  }

  private settleFinished(): void {
    for (let i = this.active.length - 1; i >= 0; i--) {
      if (this.active[i]?.isDone !== true) continue;
      this.active.splice(i, 1);
      this.done++;
    }
  }

  private abandonRest(): void {
    const reason = this.outage ?? "budget_spent";
    const detail = this.outage === null ? "the walk's deadline has passed" : "the registry cannot be reached";
    for (const walk of this.active) walk.abandon(reason, detail);
    for (const { repository } of this.waiting.slice(this.taken)) {
      this.ledger.doubt({
        reason,
        repository,
        reference: null,
        detail: `${detail}: the repository was not looked at`,
      });
    }
  }

  private report(): void {
    const { onProgress, client } = this.options;
    if (onProgress === undefined) return;
    let pending = 0;
    for (const walk of this.active) pending += walk.pending;
    onProgress({
      repositoriesDone: this.done,
      repositoriesTotal: this.total,
      tags: this.ledger.tags,
      requests: client.stats.requests,
      pending,
    });
  }
}
