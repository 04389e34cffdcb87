import { setMaxListeners } from "node:events";
import { RateLimiter } from "../registry-client/rate-limiter";
import { RegistryClient } from "../registry-client/registry-client";
import { assess } from "./assess";
import { afterOnTimers, boundsOf, type WalkBounds, type WalkSurroundings } from "./bounds";
import type { RunFacts } from "./exposition";
import { RememberedWalk } from "./memory/remembered-walk";
import { Pace } from "./pace";
import type { RepositoryScope } from "./repository-scope";
import type { Shard } from "./shard";
import { type WalkProgress, type WalkResult, walkRegistry } from "./walk";
import type { Ledger } from "./walk-context";

/** What one walk looks at. */
export interface WalkTarget {
  readonly url: URL;
  /** null: all that the catalogue lists. */
  readonly scopes: readonly RepositoryScope[] | null;
  /** For repositories of the catalogue; null: all tags. */
  readonly newest: number | null;
  /** The part of the repositories that this walk takes, with its part of the rate. @default all of them */
  readonly shard?: Shard | null;
}

/** Looks once more, by the walk's own client, before the report is made. */
export type Inspect = (client: RegistryClient, ledger: Ledger) => Promise<void>;

/** Share of the deadline after which what seems broken is looked at again before anything new is. */
const SETTLE_FROM = 0.9;

/**
 * One walk from the first connection to the last, with its deadline and its pace; every connection is closed at its
 * end.
 *
 * @throws ConfigurationError for bounds that cannot be, before the first request
 */
export async function boundedWalk(
  target: WalkTarget,
  surroundings: WalkSurroundings,
  given: WalkBounds,
  inspect?: Inspect,
): Promise<RunFacts> {
  const { now, sleep, random, warn, after = afterOnTimers } = surroundings;
  const bounds = boundsOf(given);
  const startedAtMs = now();
  const deadline = new AbortController();
  // One listener for each request that waits: as many as there are workers, not a leak.
  setMaxListeners(0, deadline.signal);
  const pause = (ms: number): Promise<void> => sleep(ms, deadline.signal);
  const { shard = null } = target;
  const limiter = new RateLimiter({ now, sleep: pause, perSecond: 0 });
  const pace = new Pace({
    perSecond: bounds.requestsPerSecond,
    targetMs: bounds.budgetMs / 3,
    now,
    setRate: (rate) => limiter.setRate(rate),
    shards: shard?.n ?? 1,
  });
  const client = new RegistryClient({
    baseUrl: target.url,
    address: bounds.address,
    ca: bounds.ca,
    insecureSkipTlsVerify: bounds.insecureSkipTlsVerify,
    credentials: bounds.credentials,
    tokenHosts: bounds.tokenHosts,
    concurrency: bounds.concurrency,
    timeoutMs: bounds.timeoutMs,
    signal: deadline.signal,
    acquire: () => limiter.acquire(),
    onThrottled: () => pace.onThrottled(),
    now,
    sleep,
    random,
    warn,
    ...(surroundings.openTransport === undefined ? {} : { openTransport: surroundings.openTransport }),
  });
  const end = (): void => deadline.abort();
  const cancelDeadline = after(bounds.deadlineMs, end);
  given.signal?.addEventListener("abort", end);
  if (given.signal?.aborted === true) end();
  let remembered: RememberedWalk | null = null;
  try {
    const { memory } = bounds;
    if (memory !== null) remembered = await RememberedWalk.begin(memory, client, surroundings, shard);
    const authEnforced = bounds.isPrivate ? await isAuthEnforced(client, warn) : null;
    const result = await walkRegistry({
      client: remembered?.client ?? client,
      registry: client,
      scopes: target.scopes,
      newest: target.newest,
      shard,
      blobs: bounds.blobs,
      slice: bounds.slice,
      concurrency: bounds.concurrency,
      signal: deadline.signal,
      intervalMs: bounds.intervalMs,
      settleFromMs: startedAtMs + bounds.deadlineMs * SETTLE_FROM,
      now,
      sleep: pause,
      seed: Math.floor(random() * 2 ** 32) | 0,
      onProgress: (progress: WalkProgress) => {
        pace.onProgress(progress);
        given.onProgress?.(progress);
      },
    });
    if (inspect !== undefined) await inspect(client, result.ledger);
    await remembered?.end(given.signal?.aborted === true ? "called off" : extentOf(result));
    const endedAtMs = now();
    const { acceptances, blobs } = bounds;
    const { host: registry, stats } = client;
    const instance = bounds.instance ?? registry;
    const walked = { result, registry, instance, shard, startedAtMs, endedAtMs, stats };
    const known = remembered?.client.remembered ?? null;
    const assessment = assess({ ...walked, acceptances, blobs, remembered: known });
    return { assessment, endedAtMs, authEnforced, tlsNotAfterMs: client.tlsNotAfter };
  } finally {
    cancelDeadline();
    given.signal?.removeEventListener("abort", end);
    await remembered?.end("called off");
    client.close();
  }
}

function extentOf({ catalogueAccessible, ledger }: WalkResult): "whole" | "in part" {
  return catalogueAccessible && ledger.undeterminedCount === 0 ? "whole" : "in part";
}

async function isAuthEnforced(
  client: RegistryClient,
  warn: (message: string) => void,
): Promise<boolean | null> {
  try {
    const access = await client.anonymousAccess();
    if (access === "allowed") warn("the registry is declared private and answers an anonymous request");
    return access === "refused";
  } catch {
    // The walk meets the same trouble, and reports it with its reason.
    return null;
  }
}
