import { setMaxListeners } from "node:events";
import type { Acceptance } from "../integrity/accept";
import { type Assessment, assess } from "../integrity/assess";
import { ADAPTIVE_RATE, deadlineWarning, Pace } from "../integrity/pace";
import type { RepositoryScope } from "../integrity/repository-scope";
import { type WalkProgress, walkRegistry } from "../integrity/walk";
import type { Ledger } from "../integrity/walk-context";
import type { Credentials } from "../registry-client/credentials";
import { RateLimiter } from "../registry-client/rate-limiter";
import { RegistryClient } from "../registry-client/registry-client";
import type { CliEnvironment } from "./environment";
import { ProgressLine } from "./progress";
import type { ConnectionOptions, ProofOptions } from "./walk-options";

export interface WalkRequest {
  readonly url: URL;
  readonly connection: ConnectionOptions;
  readonly proof: ProofOptions;
  readonly credentials: Credentials | null;
  readonly instance: string;
  readonly scopes: readonly RepositoryScope[] | null;
  readonly newest: number | null;
  readonly acceptances: readonly Acceptance[];
  /** What the adaptive rate aims at a third of. */
  readonly budgetMs: number;
  /** Also ask whether an anonymous request is refused. */
  readonly isPrivate: boolean;
  /** Warnings, or their topics, that were given: none is given twice. A second walk takes the first one's set. */
  readonly said: Set<string>;
  /** Ends the walk before its deadline. */
  readonly signal?: AbortSignal;
}

export interface WalkOutcome {
  readonly assessment: Assessment;
  readonly endedAtMs: number;
  readonly authEnforced: boolean | null;
  readonly tlsNotAfterMs: number | null;
}

/** One walk from the first connection to the last, with its deadline, its pace and its progress line. */
export async function runWalk(
  environment: CliEnvironment,
  request: WalkRequest,
  inspect?: (client: RegistryClient, ledger: Ledger) => Promise<void>,
): Promise<WalkOutcome> {
  const { connection, proof } = request;
  const { now, sleep, random } = environment;
  const startedAtMs = now();
  const deadline = new AbortController();
  // One listener for each request that waits: as many as there are workers, not a leak.
  setMaxListeners(0, deadline.signal);
  const deadlineMs = connection.deadline.toMilliseconds();
  const pause = (ms: number): Promise<void> => sleep(ms, deadline.signal);
  const limiter = new RateLimiter({ now, sleep: pause, perSecond: connection.rate ?? ADAPTIVE_RATE.min });
  const pace =
    connection.rate === null
      ? new Pace({ targetMs: request.budgetMs / 3, now, setRate: (rate) => limiter.setRate(rate) })
      : null;
  const line = new ProgressLine(environment);
  const warn = (message: string, topic = message): void => {
    if (request.said.has(topic)) return;
    request.said.add(topic);
    line.clear();
    environment.writeError(`tallyman: ${message}\n`);
  };
  const client = new RegistryClient({
    baseUrl: request.url,
    address: connection.address,
    ca: connection.ca,
    insecureSkipTlsVerify: connection.insecureSkipTlsVerify,
    credentials: request.credentials,
    tokenHosts: connection.tokenHosts,
    concurrency: connection.concurrency,
    timeoutMs: connection.timeout.toMilliseconds(),
    signal: deadline.signal,
    acquire: () => limiter.acquire(),
    onThrottled: () => pace?.onThrottled(),
    now,
    sleep,
    random,
    warn,
  });
  const onProgress = (progress: WalkProgress): void => {
    pace?.onProgress(progress);
    line.update(progress);
    if (progress.requests > ESTIMATE_BEFORE_REQUESTS) return;
    const warning = deadlineWarning(progress, connection.rate ?? ADAPTIVE_RATE.max, deadlineMs);
    if (warning !== null) warn(warning, "deadline");
  };
  const end = (): void => deadline.abort();
  const timer = setTimeout(end, deadlineMs);
  request.signal?.addEventListener("abort", end);
  if (request.signal?.aborted === true) end();
  try {
    const authEnforced = request.isPrivate ? await isAuthEnforced(client, warn) : null;
    const result = await walkRegistry({
      client,
      scopes: request.scopes,
      newest: request.newest,
      blobs: proof.blobs,
      slice: proof.slice,
      concurrency: connection.concurrency,
      signal: deadline.signal,
      now,
      sleep: pause,
      seed: Math.floor(random() * 2 ** 32) | 0,
      onProgress,
    });
    if (inspect !== undefined) await inspect(client, result.ledger);
    const endedAtMs = now();
    const assessment = assess({
      result,
      registry: client.host,
      instance: request.instance,
      startedAtMs,
      endedAtMs,
      stats: client.stats,
      acceptances: request.acceptances,
    });
    return { assessment, endedAtMs, authEnforced, tlsNotAfterMs: client.tlsNotAfter };
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", end);
    line.clear();
    client.close();
  }
}

/** The estimate is a warning at the start; later, the walk itself shows. */
const ESTIMATE_BEFORE_REQUESTS = 500;

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
