import type { Duration } from "../../core/duration";
import { LeaseElection } from "../../integrity/lease/lease-election";
import { leaseTimes } from "../../integrity/lease/lease-times";
import { describeStanding, mayWalk, type Standing } from "../../integrity/lease/standing";
import { WalkTurns } from "../../integrity/lease/walk-turns";
import type { CliEnvironment } from "../environment";
import type { LeaseOptions } from "./lease-options";
import { type PodLease, podLeaseStore } from "./pod-lease-store";

export interface LeaseSeatOptions {
  readonly lease: LeaseOptions;
  readonly interval: Duration;
  /** What the first walk of whoever took over may take. */
  readonly longestWalk: Duration;
  readonly warn: (message: string) => void;
}

/** Until the new walk is scraped. */
const SCRAPE_MS = 60_000;
/** The process ends within a second of being asked. */
const RELEASE_MS = 300;

/** One replica's place in the election: when it walks, what it says of that, and how long what it proved is told. */
export class LeaseSeat {
  standing: Standing = { kind: "waiting" };
  private hasWalked = false;
  private handover: AbortController | null = null;

  private constructor(
    private readonly pod: PodLease,
    private readonly options: LeaseSeatOptions,
    private readonly environment: CliEnvironment,
  ) {}

  static async take(options: LeaseSeatOptions, environment: CliEnvironment): Promise<LeaseSeat> {
    return new LeaseSeat(await podLeaseStore(options.lease, environment), options, environment);
  }

  get name(): string {
    return this.pod.name;
  }

  /** A sentence for the page. */
  describe(): string {
    return `This replica ${describeStanding(this.standing, this.name)}.`;
  }

  /**
   * Walks in turn with the others, until the signal.
   *
   * @param walk goes on until its own signal, and is called anew for each turn
   * @param forget called when another has had the time for a walk of its own
   */
  async run(
    walk: (signal: AbortSignal) => Promise<void>,
    forget: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { now, sleep, random } = this.environment;
    const { lease, interval } = this.options;
    const turns = new WalkTurns(walk);
    const election = new LeaseElection({
      ...{ store: this.pod.store, now, sleep, random },
      identity: `${lease.identity}_${suffix(random())}`,
      times: leaseTimes(lease.duration, interval),
      clock: () => performance.now(),
      onStanding: (standing, detail) => {
        this.standing = standing;
        this.say(standing, detail);
        turns.follow(standing);
        this.planHandover(standing, forget);
      },
    });
    const end = new AbortController();
    const abort = (): void => end.abort();
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const running = election.run(end.signal);
    try {
      await turns.until(running);
    } finally {
      signal.removeEventListener("abort", abort);
      abort();
      this.handover?.abort();
      await running;
      await turns.end();
      // Only now may another begin.
      await election.release(RELEASE_MS);
      this.pod.close();
    }
  }

  private say(standing: Standing, detail: string | null): void {
    const { warn } = this.options;
    if (standing.kind !== "waiting") warn(describeStanding(standing, this.name));
    else {
      warn(
        `stands down: the lease ${this.name} could not be renewed (${detail ?? "no reason known"}). The walk under way is given up`,
      );
    }
  }

  /** Two truths for a while do no harm, as rules take the worse of them; none at all would end a page too early. */
  private planHandover(standing: Standing, forget: () => void): void {
    if (mayWalk(standing)) {
      this.hasWalked = true;
      this.handover?.abort();
      this.handover = null;
    }
    if (standing.kind !== "standby" || !this.hasWalked || this.handover !== null) return;
    const handover = new AbortController();
    this.handover = handover;
    const waitMs = this.options.longestWalk.toMilliseconds() + SCRAPE_MS;
    void this.environment.sleep(waitMs, handover.signal).then(() => {
      if (!handover.signal.aborted) forget();
    });
  }
}

/** Tells a process from one before it in the same pod. */
function suffix(random: number): string {
  return Math.floor(random * 0x1_0000_0000)
    .toString(16)
    .padStart(8, "0");
}
