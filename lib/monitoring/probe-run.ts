import { Duration } from "../core/duration";
import { Schedule } from "../core/schedule";

/** The ways to ask for a blob, as `--blobs` takes them. */
export const BLOB_MODES = ["range", "head", "full"] as const;

/** How the probe runs. */
export type ProbeRun = CronJobRun;

/** A run by the clock that pushes its metrics, as nothing could scrape a pod that is gone. */
export interface CronJobRun extends CronJobRunOptions {
  readonly kind: "cronJob";
}

export interface CronJobRunOptions {
  /** `http://host:port` of the Pushgateway; may be a token. */
  readonly pushgateway: string;
  /**
   * The port that the network policy opens for it: that of its pods, where a Service translates.
   * @default the URL's; 9091, the Pushgateway's own, where the URL is a token
   */
  readonly pushgatewayPort?: number;
  /**
   * When it runs, in UTC; every threshold of the alerts derives from it.
   * @default every 15 minutes: a loss is paged within 40 minutes, at a load that no registry feels
   */
  readonly schedule?: Schedule | string;
  /**
   * After which a walk stops, and what it did not reach counts as undetermined.
   * @default a third of the interval, at most an hour
   */
  readonly deadline?: Duration;
  /**
   * A random wait before the first request, so that not every probe of a cluster starts in the same second.
   * @default 60s, or a fifteenth of the interval where that is less
   */
  readonly startJitter?: Duration;
  /**
   * For one request.
   * @default 30s
   */
  readonly timeout?: Duration;
  /**
   * Requests under way at once.
   * @default 4, which a small registry bears beside its pulls
   */
  readonly concurrency?: number;
  /**
   * Requests a second; 0 lifts the limit.
   * @default adaptive: what ends the walk in a third of the time, from 20 to 200, halved at a 429
   */
  readonly rate?: number;
  /**
   * How much of a blob is asked for: its last byte, its head alone, or all of it, hashed.
   * @default range: a head may be answered from a cache for a blob that is gone, and all of it is traffic at every run
   */
  readonly blobs?: (typeof BLOB_MODES)[number];
  /**
   * `all`, `k/n` or `auto/n`: the slice of the blobs that each run reads and hashes whole; `auto/7` covers all in seven.
   * @default none: the last byte of each blob is asked for, which finds all but a byte changed in place
   */
  readonly verifyBytes?: string;
  /**
   * `job=<name>[,<label>=<value>]`: the Pushgateway group of a predecessor, deleted once a push was accepted.
   * @default none
   */
  readonly replaceGroup?: string;
}

export const ProbeRun = {
  cronJob(options: CronJobRunOptions): CronJobRun {
    return { kind: "cronJob", ...options };
  },
};

const DEFAULT_SCHEDULE = "*/15 * * * *";
const PUSHGATEWAY_PORT = 9091;

/** A run with every time settled. */
export interface RunTimes {
  /** Five fields of cron, UTC. */
  readonly schedule: string;
  /** The longest gap between two runs. */
  readonly interval: Duration;
  readonly startJitter: Duration;
  readonly deadline: Duration;
  /** After which Kubernetes kills a wedged pod: later than any sound run, sooner than the next one. */
  readonly activeDeadlineSeconds: number;
  /** How late a run may start and still be worth it. */
  readonly startingDeadlineSeconds: number;
}

/** @param run with a schedule that parses */
export function runTimes(run: CronJobRun): RunTimes {
  const given = run.schedule ?? DEFAULT_SCHEDULE;
  const schedule = typeof given === "string" ? Schedule.parse(given) : given;
  const interval = schedule.interval();
  const seconds = interval.toSeconds();
  const startJitter = run.startJitter ?? Duration.seconds(Math.min(60, Math.floor(seconds / 15)));
  const deadline = run.deadline ?? Duration.seconds(Math.min(3_600, Math.floor(seconds / 3)));
  // Ten minutes over the program's own deadline leave room to pull the image; a tenth of the interval stays free.
  const sound = startJitter.toSeconds() + deadline.toSeconds() + 600;
  return {
    schedule: schedule.expression,
    interval,
    startJitter,
    deadline,
    activeDeadlineSeconds: Math.floor(Math.min(sound, seconds * 0.9)),
    // The controller looks every ten seconds: less than that would miss runs.
    startingDeadlineSeconds: Math.min(3_600, Math.max(30, Math.floor(seconds / 2))),
  };
}

/** The port that the network policy opens for the Pushgateway. */
export function pushgatewayPort(run: CronJobRun): number {
  if (run.pushgatewayPort !== undefined) return run.pushgatewayPort;
  const url = URL.canParse(run.pushgateway) ? new URL(run.pushgateway) : null;
  if (url === null) return PUSHGATEWAY_PORT;
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
