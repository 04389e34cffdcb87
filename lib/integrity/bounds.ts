import { setTimeout as pause } from "node:timers/promises";
import { ConfigurationError, type Problem } from "../core/problem";
import type { RegistryClientOptions } from "../registry-client/client-options";
import type { Credentials } from "../registry-client/credentials";
import type { Acceptance } from "./accept";
import type { BlobWish } from "./blob-wish";
import type { ByteSlice } from "./byte-slice";
import type { MemoryPlace } from "./memory/memory-place";
import { placeOf, type Remembering } from "./memory/remembering";
import type { WalkProgress } from "./walk";

/** What a walk touches of the world, handed in: a test gives a clock of its own. */
export interface Surroundings {
  /** Epoch milliseconds, as `Date.now`. */
  readonly now: () => number;
  /** 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** Receives each warning once. */
  readonly warn: (message: string) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The same with what a simulation puts in the place of timers and sockets. */
export interface WalkSurroundings extends Surroundings {
  /** Calls back once after that time, unless what it returns was called before. @default by the timers of Node */
  readonly after?: (ms: number, callback: () => void) => () => void;
  /** @default over sockets */
  readonly openTransport?: RegistryClientOptions["openTransport"];
}

/** How a registry is reached, how much is asked of it, and when the walk ends whatever is left. */
export interface WalkBounds {
  /** @default anonymous */
  readonly credentials?: Credentials | null;
  /** Dialled instead of the host, whose name stays in Host header and server name. @default by DNS */
  readonly address?: { readonly host: string; readonly port: number } | null;
  /** PEM, trusted besides the system's roots. @default none */
  readonly ca?: string | null;
  /** @default false */
  readonly insecureSkipTlsVerify?: boolean;
  /** Further hosts to which a password may go as a token realm. @default none */
  readonly tokenHosts?: readonly string[];
  /**
   * How a blob is proven: its last byte, its head alone, every byte, or by turns. What one repository proved is asked
   * for its existence alone in further ones.
   * @default range
   */
  readonly blobs?: BlobWish;
  /** Blobs of this slice are read whole and hashed, whatever `blobs` says. @default none */
  readonly slice?: ByteSlice | null;
  /** Requests under way at once, 1 to 256. @default 4 */
  readonly concurrency?: number;
  /**
   * At most, and less while the registry throttles; 0 for no limit.
   * @default adaptive: 20 to 200, as slow as ends in a third of the budget
   */
  readonly requestsPerSecond?: number | null;
  /** Of one request. @default 30_000 */
  readonly timeoutMs?: number;
  /** Of the whole walk: what was not looked at by then is undetermined. @default 600_000 */
  readonly deadlineMs?: number;
  /** What the adaptive rate aims at a third of, such as the time between two runs. @default the deadline */
  readonly budgetMs?: number;
  /**
   * Time between two runs: walks that their deadline cuts then reach all repositories in the fewest runs.
   * @default none: where a walk begins is drawn by the second
   */
  readonly intervalMs?: number | null;
  /** Also ask whether an anonymous request is refused: `authEnforced`. @default false */
  readonly isPrivate?: boolean;
  /** Known damage that does not count until a date. @default none */
  readonly acceptances?: readonly Acceptance[];
  /** The report's `instance`. @default the registry's host */
  readonly instance?: string | null;
  /** What earlier walks read: `rememberInFile(path)`. @default none: every manifest is read */
  readonly memory?: Remembering | null;
  /** Ends the walk before its deadline; the report says what was left. */
  readonly signal?: AbortSignal;
  /** Called after every request's work. */
  readonly onProgress?: (progress: WalkProgress) => void;
}

type SettledBounds = Required<Omit<WalkBounds, "signal" | "onProgress" | "memory">> & {
  readonly memory: MemoryPlace | null;
};

const DEFAULT_DEADLINE_MS = 600_000;
const MAX_CONCURRENCY = 256;
/** setTimeout fires at once beyond it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The bounds with every default in its place. @throws ConfigurationError */
export function boundsOf(given: WalkBounds): SettledBounds {
  const { memory = null } = given;
  const blobs = given.blobs ?? "range";
  const bounds: SettledBounds = {
    credentials: given.credentials ?? null,
    address: given.address ?? null,
    ca: given.ca ?? null,
    insecureSkipTlsVerify: given.insecureSkipTlsVerify ?? false,
    tokenHosts: given.tokenHosts ?? [],
    blobs,
    slice: given.slice ?? (blobs === "full" ? { k: 1, n: 1 } : null),
    concurrency: given.concurrency ?? 4,
    requestsPerSecond: given.requestsPerSecond ?? null,
    timeoutMs: given.timeoutMs ?? 30_000,
    deadlineMs: given.deadlineMs ?? DEFAULT_DEADLINE_MS,
    budgetMs: given.budgetMs ?? given.deadlineMs ?? DEFAULT_DEADLINE_MS,
    intervalMs: given.intervalMs ?? null,
    isPrivate: given.isPrivate ?? false,
    acceptances: given.acceptances ?? [],
    instance: given.instance ?? null,
    memory: memory === null ? null : placeOf(memory),
  };
  const problems: Problem[] = [];
  const hold = (path: string, value: number, least: number, most: number): void => {
    if (value >= least && value <= most) return;
    const fix = "Leave it out for the default, or give a number within.";
    problems.push({ path, rule: `be a number from ${least} to ${most}`, value, fix });
  };
  hold("concurrency", bounds.concurrency, 1, MAX_CONCURRENCY);
  hold("requestsPerSecond", bounds.requestsPerSecond ?? 0, 0, 100_000);
  hold("timeoutMs", bounds.timeoutMs, 1, MAX_TIMER_MS);
  hold("deadlineMs", bounds.deadlineMs, 1, MAX_TIMER_MS);
  hold("budgetMs", bounds.budgetMs, 1, Number.MAX_SAFE_INTEGER);
  hold("intervalMs", bounds.intervalMs ?? 1, 1, Number.MAX_SAFE_INTEGER);
  if (memory !== null && bounds.memory === null) {
    const fix = "Write rememberInFile(path) or rememberInProcess().";
    problems.push({ path: "memory", rule: "be made by this library", value: typeof memory, fix });
  }
  ConfigurationError.throwIfAny(problems);
  return bounds;
}

/** Resolves after that time, or as soon as the signal is aborted; never rejects. */
export async function sleepUntilAborted(ms: number, signal?: AbortSignal): Promise<void> {
  await pause(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** `after` by the timers of Node. */
export function afterOnTimers(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
