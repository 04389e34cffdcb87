import { Duration } from "../../lib/core/duration";
import { worstCaseTimeToPage } from "../../lib/monitoring/detection-time";
import { alertThresholds } from "../../lib/monitoring/integrity-alerts";
import { countsOf } from "./estate-shape";
import {
  DEADLINE_MS,
  estimateWhole,
  INTERVAL_MS,
  type IntervalWalks,
  START_JITTER_MS,
  type WholeWalk,
} from "./run-scenario";
import type { Scenario } from "./scenarios";

/** What was measured of one scenario. */
export interface Measured {
  readonly scenario: Scenario;
  /** null where the whole walk is not simulated at this rate. */
  readonly whole: WholeWalk | null;
  readonly intervals: IntervalWalks;
  /** Resident set of a process that walks the fullest shard, the simulated registry's share in it. */
  readonly residentMiB: number;
}

const INTERVAL = Duration.milliseconds(INTERVAL_MS);
const RUNS_A_DAY = 86_400_000 / INTERVAL_MS;

/** The figures as Markdown. */
export function renderFigures(measured: readonly Measured[]): string {
  const whole = table(
    ["registry", "repositories", "tags", "shards", "requests/s", "requests", "time", "registry CPU", "read"],
    measured.map(wholeCells),
  );
  const intervals = table(
    [
      "registry",
      "shards",
      "requests/s",
      "coverage",
      "requests/day",
      "runs to see all",
      "oldest proof",
      "to page",
      "memory",
    ],
    measured.map(intervalCells),
  );
  return `A walk of all, with all the time it needs:\n\n${whole}\n\nEvery 15 minutes, cut after 5:\n\n${intervals}`;
}

function wholeCells({ scenario, whole }: Measured): readonly string[] {
  const { repositories, tags } = countsOf(scenario.shape);
  const { requests, seconds, registrySeconds, mebibytes } = whole ?? estimateWhole(scenario);
  return [
    scenario.name,
    integer(repositories),
    integer(tags),
    `${scenario.shards}`,
    rateOf(scenario),
    integer(requests),
    `${whole === null ? "≈ " : ""}${duration(seconds)}`,
    duration(registrySeconds),
    mebibytes === null ? "" : `${integer(mebibytes)} MiB`,
  ];
}

function intervalCells({ scenario, whole, intervals, residentMiB }: Measured): readonly string[] {
  const { reach, coverage, requestsPerRun } = intervals;
  const { blobs } = scenario.bounds;
  const turns = typeof blobs === "object" ? blobs.rotate.n : 1;
  const isComplete = reach?.runsUntilAll === 1;
  const walkSeconds = isComplete && whole !== null ? whole.seconds : DEADLINE_MS / 1000;
  return [
    scenario.name,
    `${scenario.shards}`,
    rateOf(scenario),
    isComplete ? "100 %" : `${(coverage * 100).toFixed(coverage < 0.1 ? 2 : 1)} %`,
    integer(requestsPerRun * RUNS_A_DAY),
    reach === null ? "never" : integer(reach.runsUntilAll),
    reach === null ? "none" : duration((reach.longestGap * turns * INTERVAL_MS) / 1000 + walkSeconds),
    reach === null ? "never" : duration(secondsToPage(reach.longestGap * turns)),
    `${integer(residentMiB)} MiB`,
  ];
}

/** From a loss to its page, where the object is looked at in one of so many runs. */
export function secondsToPage(longestGap: number): number {
  const times = {
    interval: INTERVAL,
    startJitter: Duration.milliseconds(START_JITTER_MS),
    deadline: Duration.milliseconds(DEADLINE_MS),
  };
  const { confirmedFor } = alertThresholds({ times });
  const input = { ...times, interval: INTERVAL.times(longestGap), for: confirmedFor };
  return worstCaseTimeToPage(input).total.toSeconds();
}

function rateOf({ perSecond }: Scenario): string {
  return perSecond === null ? "adaptive" : integer(perSecond);
}

function integer(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Two units at most: `3 d 5 h`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(seconds / 3_600);
  if (hours < 48) return `${hours} h`;
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  return days > 9 || rest === 0 ? `${Math.round(hours / 24)} d` : `${days} d ${rest} h`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
