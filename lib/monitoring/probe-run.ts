import { Duration } from "../core/duration";
import { Schedule } from "../core/schedule";
import type { EgressRule } from "./egress-rule";
import type { Memory } from "./walk-memory";

/** The ways to ask for a blob, as `--blobs` takes them. */
export const BLOB_MODES = ["range", "head", "full"] as const;

/** Blobs are proven by turns: each run asks for the existence of all, and proves its slice of them. */
export interface BlobsByTurns {
  /** In which every blob is proven once. The runs that fit into it share the blobs: their number is rounded down. */
  readonly provenWithin: Duration;
}

/** How the probe runs. */
export type ProbeRun = CronJobRun | ExporterRun;

/** A run by the clock that pushes its metrics, as nothing could scrape a pod that is gone. */
export interface CronJobRun extends CronJobRunOptions {
  readonly kind: "cronJob";
}

/** A pod that stays, walks by itself and is scraped: it needs no Pushgateway, and has a page for people. */
export interface ExporterRun extends ExporterRunOptions {
  readonly kind: "exporter";
}

/** How a walk goes, in either form. */
export interface WalkOptions {
  /**
   * After which a walk stops, and what it did not reach counts as undetermined.
   * @default a third of the interval, at most an hour
   */
  readonly deadline?: Duration;
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
   * Requests a second at most; 0 lifts the limit. A 429 halves it, and calm brings it back by fifths.
   * @default adaptive: what ends the walk in a third of the time, from 20 to 200
   */
  readonly rate?: number;
  /**
   * How much of a blob is asked for: its last byte, its head alone, or all of it, hashed. Or by turns: of all blobs
   * whether they are there, at each run, and of a share the last byte, so that every one is proven
   * `{ provenWithin: Duration.hours(1) }`. What a cache hides is found, and paged, so much later.
   * @default range: a head may be answered from a cache for a blob that is gone, and all of it is traffic at every run
   */
  readonly blobs?: (typeof BLOB_MODES)[number] | BlobsByTurns;
  /**
   * `all`, `k/n` or `auto/n`: the slice of the blobs that each run reads and hashes whole; `auto/7` covers all in seven.
   * @default none: the last byte of each blob is asked for, which finds all but a byte changed in place
   */
  readonly verifyBytes?: string;
  /**
   * Where what walks read is kept for the next one: manifests that it knows are asked for by existence alone, and read
   * again within a day.
   * @default nowhere: every walk reads every manifest
   */
  readonly memory?: Memory;
}

export interface CronJobRunOptions extends WalkOptions {
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
   * A random wait before the first request, so that not every probe of a cluster starts in the same second.
   * @default 60s, or a fifteenth of the interval where that is less
   */
  readonly startJitter?: Duration;
  /**
   * So many pods at once (a Kubernetes Indexed Job), each with a part of every registry's repositories, dealt by their
   * names, and with its part of `rate`; `concurrency` is each one's own. From 1 to 256. Terraform makes the CronJob
   * anew when the number changes. With `memory` each has a file of its own on the one claim, which several nodes have to
   * be able to mount (ReadWriteMany).
   * @default 1: one pod walks all
   */
  readonly shards?: number;
  /**
   * `job=<name>[,<label>=<value>]`: the Pushgateway group of a predecessor, deleted once a push was accepted.
   * @default none
   */
  readonly replaceGroup?: string;
}

export interface ExporterRunOptions extends WalkOptions {
  /**
   * From the start of a walk to that of the next; every threshold of the alerts derives from it.
   * @default 15m: a loss is paged within 40 minutes, at a load that no registry feels
   */
  readonly interval?: Duration;
  /**
   * A random wait before the first walk.
   * @default 0s, as pods do not start by the clock
   */
  readonly startJitter?: Duration;
  /**
   * Of the first registry, in the pod and of the Service; each further registry has the next one.
   * @default 9099
   */
  readonly port?: number;
  /**
   * A ServiceMonitor, whose CRD must be there when Terraform plans; `labels` are what the operator selects by
   * (`release` for kube-prometheus-stack). false: whoever keeps Prometheus' configuration has it scraped, with
   * `honor_labels`.
   * @default without further labels
   */
  readonly serviceMonitor?: false | { readonly labels?: Readonly<Record<string, string>> };
  /**
   * Of which one walks, by a Lease of the Kubernetes API for each registry, and the others stand by. Each pod is to be
   * scraped: what stands by has no series.
   * @default 1, without a Lease: a pod that is lost is made anew within minutes, and no threshold is shorter
   */
  readonly replicas?: number;
  /**
   * Where the network policy lets replicas out to the Kubernetes API, which it cannot name.
   * @default ports 443 and 6443 anywhere: the Service's, and that of the servers behind it
   */
  readonly apiServer?: readonly EgressRule[];
}

export const ProbeRun = {
  cronJob(options: CronJobRunOptions): CronJobRun {
    return { kind: "cronJob", ...options };
  },

  exporter(options: ExporterRunOptions = {}): ExporterRun {
    return { kind: "exporter", ...options };
  },
};

/** How many walks share each registry; null where one walks all of it. */
export function shardsOf(run: ProbeRun): number | null {
  const shards = run.kind === "cronJob" ? (run.shards ?? 1) : 1;
  return shards === 1 ? null : shards;
}

const DEFAULT_SCHEDULE = "*/15 * * * *";
const PUSHGATEWAY_PORT = 9091;

/** The times of a run, settled; thresholds derive from these alone. */
export interface WalkTimes {
  /** The longest gap between two runs. */
  readonly interval: Duration;
  readonly startJitter: Duration;
  readonly deadline: Duration;
}

/** A CronJob with every time settled. */
export interface RunTimes extends WalkTimes {
  /** Five fields of cron, UTC. */
  readonly schedule: string;
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
  const deadline = run.deadline ?? defaultDeadline(interval);
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

/** @param run with a schedule that parses */
export function walkTimes(run: ProbeRun): WalkTimes {
  if (run.kind === "cronJob") return runTimes(run);
  const { interval = Duration.minutes(15), startJitter = Duration.seconds(0) } = run;
  return { interval, startJitter, deadline: run.deadline ?? defaultDeadline(interval) };
}

function defaultDeadline(interval: Duration): Duration {
  return Duration.seconds(Math.min(3_600, Math.floor(interval.toSeconds() / 3)));
}

/** The port that the network policy opens for the Pushgateway. */
export function pushgatewayPort(run: CronJobRun): number {
  if (run.pushgatewayPort !== undefined) return run.pushgatewayPort;
  const url = URL.canParse(run.pushgateway) ? new URL(run.pushgateway) : null;
  if (url === null) return PUSHGATEWAY_PORT;
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
