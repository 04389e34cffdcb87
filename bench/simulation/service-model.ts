import { mix } from "./seeded";

export type RequestKind = "list" | "manifest" | "head" | "range";

/** Processor milliseconds that one answer takes of the registry, and of the walker. */
export interface RequestCosts {
  readonly registryMs: Readonly<Record<RequestKind, number>>;
  readonly walkerMs: number;
}

/** Answered in the registry's place before it does any work, from a bucket that fills by so many a second. */
export interface Throttle {
  readonly perSecond: number;
  readonly burst: number;
  /** 403 is what GHCR says. */
  readonly status: 429 | 403;
  readonly retryAfterSeconds: number;
  /** Since the first request. @default for ever */
  readonly lastsMs?: number;
}

/** Shares of all requests, 0 to 1. */
export interface FailureShares {
  /** 502 of something before the registry. */
  readonly serverError: number;
  /** The connection is closed without an answer. */
  readonly reset: number;
  /** Nothing comes until the client gives up. */
  readonly silent: number;
}

export interface ServiceOptions {
  readonly seed: number;
  readonly costs: RequestCosts;
  readonly cores: number;
  /** To the registry and back, without any work. */
  readonly roundTripMs: number;
  readonly throttle: Throttle | null;
  readonly failures: FailureShares | null;
}

export type Fate = "answered" | "throttled" | "server_error" | "reset" | "silent";

/** When an answer comes, and whether one does: processors that work first come, first served, and what goes wrong. */
export class ServiceModel {
  private readonly freeAtMs: Float64Array;
  private tokens: number;
  private filledAtMs: number | null = null;
  private throttledSinceMs: number | null = null;
  private requests = 0;
  /** Processor time of all answers so far. */
  workMs = 0;

  constructor(readonly options: ServiceOptions) {
    this.freeAtMs = new Float64Array(options.cores);
    this.tokens = options.throttle?.burst ?? 0;
  }

  fate(nowMs: number): Fate {
    const { failures, seed } = this.options;
    const word = mix(seed, this.requests++, 31) / 2 ** 32;
    if (!this.takeToken(nowMs)) return "throttled";
    if (failures === null) return "answered";
    if (word < failures.serverError) return "server_error";
    if (word < failures.serverError + failures.reset) return "reset";
    return word < failures.serverError + failures.reset + failures.silent ? "silent" : "answered";
  }

  /** When the answer is back. */
  answeredAtMs(kind: RequestKind, nowMs: number): number {
    const { costs, roundTripMs } = this.options;
    const arrivesAtMs = nowMs + roundTripMs / 2;
    let core = 0;
    for (let i = 1; i < this.freeAtMs.length; i++) {
      if ((this.freeAtMs[i] as number) < (this.freeAtMs[core] as number)) core = i;
    }
    const cost = costs.registryMs[kind];
    const doneAtMs = Math.max(arrivesAtMs, this.freeAtMs[core] as number) + cost;
    this.freeAtMs[core] = doneAtMs;
    this.workMs += cost;
    return doneAtMs + roundTripMs / 2;
  }

  private takeToken(nowMs: number): boolean {
    const { throttle } = this.options;
    if (throttle === null) return true;
    this.throttledSinceMs ??= nowMs;
    if (nowMs - this.throttledSinceMs > (throttle.lastsMs ?? Number.POSITIVE_INFINITY)) return true;
    const since = nowMs - (this.filledAtMs ?? nowMs);
    this.filledAtMs = nowMs;
    this.tokens = Math.min(throttle.burst, this.tokens + (since * throttle.perSecond) / 1000);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
