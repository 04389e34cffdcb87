import type { Acceptance } from "../integrity/accept";
import { boundedWalk, type Inspect } from "../integrity/bounded-walk";
import type { RunFacts } from "../integrity/exposition";
import type { Remembering } from "../integrity/memory/remembering";
import { ADAPTIVE_RATE, deadlineWarning } from "../integrity/pace";
import type { RepositoryScope } from "../integrity/repository-scope";
import type { Shard } from "../integrity/shard";
import type { WalkProgress } from "../integrity/walk";
import type { Credentials } from "../registry-client/credentials";
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
  /** @default all of the repositories */
  readonly shard?: Shard | null;
  readonly acceptances: readonly Acceptance[];
  /** What the adaptive rate aims at a third of. */
  readonly budgetMs: number;
  /** Time between two runs, by which the beginning of a walk moves. @default none: it is no run of a schedule */
  readonly intervalMs?: number;
  /** Also ask whether an anonymous request is refused. */
  readonly isPrivate: boolean;
  /** Warnings, or their topics, that were given: none is given twice. A second walk takes the first one's set. */
  readonly said: Set<string>;
  /** @default none */
  readonly memory?: Remembering | null;
  /** Ends the walk before its deadline. */
  readonly signal?: AbortSignal;
}

export type WalkOutcome = RunFacts;

/** One walk with its progress line and with its warnings on standard error. */
export async function runWalk(
  environment: CliEnvironment,
  request: WalkRequest,
  inspect?: Inspect,
): Promise<WalkOutcome> {
  const { connection, proof } = request;
  const { now, sleep, random } = environment;
  const line = new ProgressLine(environment);
  const warn = (message: string, topic = message): void => {
    if (request.said.has(topic)) return;
    request.said.add(topic);
    line.clear();
    environment.writeError(`tallyman: ${message}\n`);
  };
  const deadlineMs = connection.deadline.toMilliseconds();
  const { shard = null } = request;
  const highestRate = (connection.rate ?? ADAPTIVE_RATE.max) / (shard?.n ?? 1);
  const onProgress = (progress: WalkProgress): void => {
    line.update(progress);
    if (progress.requests > ESTIMATE_BEFORE_REQUESTS) return;
    const warning = deadlineWarning(progress, highestRate, deadlineMs);
    if (warning !== null) warn(warning, "deadline");
  };
  const { url, scopes, newest, credentials, instance, acceptances, budgetMs, isPrivate, signal } = request;
  const { intervalMs = null, memory = null } = request;
  const { address, ca, insecureSkipTlsVerify, tokenHosts, concurrency, rate, timeout } = connection;
  const bounds = {
    ...{ address, ca, insecureSkipTlsVerify, tokenHosts, concurrency, credentials, instance, acceptances },
    ...{
      blobs: proof.blobs,
      slice: proof.slice,
      budgetMs,
      intervalMs,
      deadlineMs,
      isPrivate,
      onProgress,
      memory,
    },
    requestsPerSecond: rate,
    timeoutMs: timeout.toMilliseconds(),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    const target = { url, scopes, newest, shard };
    return await boundedWalk(target, { now, sleep, random, warn }, bounds, inspect);
  } finally {
    line.clear();
  }
}

/** The estimate is a warning at the start; later, the walk itself shows. */
const ESTIMATE_BEFORE_REQUESTS = 500;
