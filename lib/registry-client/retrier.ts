import { RegistryError } from "./answers";
import { isThrottled, type Reply } from "./http-message";
import { parseRetryAfter } from "./retry-after";

export interface RetrierOptions {
  /** Further tries after the first. */
  readonly retries: number;
  readonly now: () => number;
  /** Milliseconds; rejects when the walk's signal does. */
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
}

const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const BASE_DELAY_MS = 200;
const MAX_DELAY_MS = 30_000;
/** A server that was silent for a whole timeout is asked once more, not three times. */
const TIMEOUT_RETRIES = 1;

/** Tries again what may pass: statuses that say so, connections that failed. 404 is an answer. */
export class Retrier {
  constructor(private readonly options: RetrierOptions) {}

  /** The first reply that is worth nothing to retry, or the last one; throws the last error. */
  async run(attempt: () => Promise<Reply>): Promise<Reply> {
    const { retries } = this.options;
    let timeouts = 0;
    for (let tried = 0; ; tried += 1) {
      let retryAfter: string | undefined;
      try {
        const reply = await attempt();
        if (tried >= retries || !(RETRIED_STATUSES.has(reply.status) || isThrottled(reply))) return reply;
        retryAfter = reply.headers["retry-after"];
      } catch (error) {
        if (!(error instanceof RegistryError) || !error.retryable || error.code === "budget_spent")
          throw error;
        if (error.code === "timeout") timeouts += 1;
        if (tried >= retries || timeouts > TIMEOUT_RETRIES) throw error;
      }
      await this.options.sleep(this.delayMs(tried, retryAfter));
    }
  }

  private delayMs(tried: number, retryAfter: string | undefined): number {
    const backoffMs = BASE_DELAY_MS * 2 ** tried * (0.5 + this.options.random());
    const askedMs = parseRetryAfter(retryAfter, this.options.now()) ?? 0;
    return Math.min(MAX_DELAY_MS, Math.max(backoffMs, askedMs));
  }
}
