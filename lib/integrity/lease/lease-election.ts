/**
 * Who of several replicas walks: the algorithm of client-go's leaderelection, with its guarantee. A holder stands
 * down `renewDeadlineMs` after it sent the last renewal that went through; another takes over no sooner than `leaseMs`
 * after it saw that renewal. Both are measured by clocks of their own that only ever go on.
 * https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
import { claimedSpec, isSameRecord, type Lease, releasedSpec } from "./lease-record";
import type { LeaseStore, StoreFailure } from "./lease-store";
import type { LeaseTimes } from "./lease-times";
import type { Standing } from "./standing";

export interface LeaseElectionOptions {
  readonly store: LeaseStore;
  /** Of this process and no other, not even of one before it in the same pod. */
  readonly identity: string;
  readonly times: LeaseTimes;
  /** Milliseconds of a clock that is never set. */
  readonly clock: () => number;
  /** Epoch milliseconds, for others to read. */
  readonly now: () => number;
  /** Ends early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 up to 1. */
  readonly random: () => number;
  /** @param detail what went wrong with the lease, where something did */
  readonly onStanding: (standing: Standing, detail: string | null) => void;
}

type Outcome =
  | { readonly kind: "mine"; readonly askedAtMs: number }
  | { readonly kind: "held"; readonly holder: string }
  /** Another was quicker: the next look shows who. */
  | { readonly kind: "raced" }
  | StoreFailure;

/** Another's word on its own duration is kept, but not for ever. */
const LONGEST_LEASE_MS = 3_600_000;
const RELEASE_TRIES = 2;

export class LeaseElection {
  private standing: Standing = { kind: "waiting" };
  private observed: { readonly lease: Lease; readonly changedAtMs: number } | null = null;
  private renewedAtMs = 0;
  private lastFailure: string | null = null;
  /** When the API last told something of the lease. */
  private toldAtMs: number;

  constructor(private readonly options: LeaseElectionOptions) {
    this.toldAtMs = options.clock();
  }

  /** Takes part until the signal; whatever it held then is held until `release`. */
  async run(signal: AbortSignal): Promise<void> {
    this.toldAtMs = this.options.clock();
    while (!signal.aborted) {
      this.standDownWhenDue();
      const outcome = await this.attempt(signal).catch(
        (error: unknown): StoreFailure => ({ kind: "failed", reason: "silent", detail: String(error) }),
      );
      if (signal.aborted) return;
      this.judge(outcome);
      await this.options.sleep(this.pauseMs(), signal);
    }
  }

  /** Lets go, so that another takes over at its next look; nothing where it does not hold the lease. */
  async release(timeoutMs: number): Promise<void> {
    const { store, clock, now, identity } = this.options;
    if (this.standing.kind !== "leader") return;
    const endsAtMs = clock() + timeoutMs;
    let lease = this.observed?.lease ?? null;
    for (let tries = 0; tries < RELEASE_TRIES && lease?.record.holder === identity; tries++) {
      const released = await store.update(lease, releasedSpec(lease.record, now()), endsAtMs - clock(), null);
      if (released !== "conflict") return;
      // A renewal that was given up may have gone through.
      const read = await store.read(endsAtMs - clock(), null);
      lease = read === "absent" || "kind" in read ? null : read;
    }
  }

  private async attempt(signal: AbortSignal): Promise<Outcome> {
    const { store } = this.options;
    if (this.standing.kind === "leader" && this.observed !== null) {
      const renewed = await this.claim(this.observed.lease, signal);
      if (renewed.kind !== "raced") return renewed;
    }
    const read = await store.read(this.requestMs(), signal);
    if (read === "absent") return this.claim(null, signal);
    if ("kind" in read) return read;
    this.observe(read);
    const holder = this.otherHolder(read);
    return holder === null ? this.claim(read, signal) : { kind: "held", holder };
  }

  /** @param lease null to make it */
  private async claim(lease: Lease | null, signal: AbortSignal): Promise<Outcome> {
    const { store, clock, now, identity, times } = this.options;
    const spec = claimedSpec(lease?.record ?? null, identity, times.leaseMs, now());
    const askedAtMs = clock();
    const timeoutMs = this.requestMs();
    const answer =
      lease === null
        ? await store.create(spec, timeoutMs, signal)
        : await store.update(lease, spec, timeoutMs, signal);
    if (answer === "conflict") return { kind: "raced" };
    if ("kind" in answer) return answer;
    this.observe(answer);
    return answer.record.holder === identity ? { kind: "mine", askedAtMs } : { kind: "raced" };
  }

  /** By this machine's clock, at the time that the answer came: later than the change itself. */
  private observe(lease: Lease): void {
    const { observed } = this;
    const isSame = observed !== null && isSameRecord(observed.lease.record, lease.record);
    this.observed = { lease, changedAtMs: isSame ? observed.changedAtMs : this.options.clock() };
  }

  /** null where the lease is free, this one's own, or has gone without a sign of life for its whole duration. */
  private otherHolder({ record }: Lease): string | null {
    const { identity, times, clock } = this.options;
    if (record.holder === null || record.holder === identity) return null;
    const durationMs = Math.max(times.leaseMs, Math.min(record.durationMs, LONGEST_LEASE_MS));
    const expiresAtMs = (this.observed?.changedAtMs ?? 0) + durationMs;
    return clock() < expiresAtMs ? record.holder : null;
  }

  private judge(outcome: Outcome): void {
    const nowMs = this.options.clock();
    const { times } = this.options;
    if (outcome.kind !== "failed") this.toldAtMs = nowMs;
    if (outcome.kind === "mine" && nowMs - outcome.askedAtMs < times.renewDeadlineMs) {
      this.renewedAtMs = outcome.askedAtMs;
      this.become({ kind: "leader" }, null);
    } else if (outcome.kind === "held") {
      this.become({ kind: "standby", holder: outcome.holder }, null);
    }
    this.lastFailure = outcome.kind === "failed" ? outcome.detail : null;
    this.standDownWhenDue();
    if (outcome.kind !== "failed" || this.standing.kind === "leader") return;
    if (nowMs - this.toldAtMs >= this.patienceMs(outcome)) {
      this.become({ kind: "alone", why: outcome.detail }, outcome.detail);
    }
  }

  private standDownWhenDue(): void {
    if (this.standing.kind !== "leader" || this.untilDeadlineMs() > 0) return;
    this.become({ kind: "waiting" }, this.lastFailure ?? "others write it each time");
  }

  private patienceMs({ reason }: StoreFailure): number {
    const { times } = this.options;
    if (reason === "no_account") return 0;
    return reason === "refused" ? times.aloneWhenRefusedMs : times.aloneWhenSilentMs;
  }

  private become(standing: Standing, detail: string | null): void {
    const before = this.standing;
    const isSame =
      before.kind === standing.kind &&
      (standing.kind !== "standby" || before.kind !== "standby" || before.holder === standing.holder);
    this.standing = isSame ? before : standing;
    if (!isSame) this.options.onStanding(standing, detail);
  }

  /** What is asked for must be answered before its holder has to stand down. */
  private requestMs(): number {
    const { requestMs } = this.options.times;
    return this.standing.kind === "leader" ? Math.min(requestMs, this.untilDeadlineMs()) : requestMs;
  }

  private untilDeadlineMs(): number {
    const { clock, times } = this.options;
    return Math.max(0, this.renewedAtMs + times.renewDeadlineMs - clock());
  }

  /** Replicas that began together must not ask together for ever. */
  private pauseMs(): number {
    const { times, random } = this.options;
    if (this.standing.kind === "alone") return times.aloneRetryMs;
    const pauseMs = times.retryMs * (1 + 0.2 * random());
    return this.standing.kind === "leader" ? Math.min(pauseMs, this.untilDeadlineMs()) : pauseMs;
  }
}
