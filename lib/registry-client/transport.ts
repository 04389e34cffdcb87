import type { HttpRequest, Reply } from "./http-message";
import type { Target } from "./origin";
import type { DialOptions } from "./wire/dial";

export interface TransportOptions extends DialOptions {
  /** Connections per origin. */
  readonly concurrency: number;
  /** From the moment a request has a connection, open or not yet, to its last byte; a whole blob has more by its size. A
   * large body that awaits its turn has it anew when that comes. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  readonly acquire: (() => Promise<void>) | null;
  readonly onThrottled: (() => void) | null;
}

/** Counters of one client: requests sent (retries, redirects and tokens too), answers that throttle, body bytes. */
export interface TransportStats {
  requests: number;
  throttled: number;
  bytes: number;
}

/** One request, one answer. Neither retries nor redirects. */
export interface Transport {
  readonly stats: Readonly<TransportStats>;
  /** Epoch milliseconds at which the certificate that the registry showed last expires; null before, and for http. */
  readonly tlsNotAfter: number | null;
  /**
   * The answer, whatever its status. A body that ended early is an answer too (`end: "cut"`).
   * @throws RegistryError timeout, unreachable, tls, bad_response or budget_spent
   */
  send(target: Target, request: HttpRequest): Promise<Reply>;
  /** The promise that `start` makes, or the error that ends all, whichever is first. */
  abortable(start: () => Promise<void>): Promise<void>;
  /** Ends the connections, those in use too; later requests fail. */
  close(): void;
}
