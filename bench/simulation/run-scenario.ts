import type { WalkBounds } from "../../lib/integrity/bounds";
import { ADAPTIVE_RATE } from "../../lib/integrity/pace";
import { type Shard, shardOf } from "../../lib/integrity/shard";
import { countsOf, tagsIn } from "./estate-shape";
import type { PushTraffic } from "./push-traffic";
import { type Reach, reachOf } from "./reach";
import type { Scenario } from "./scenarios";
import { SyntheticEstate } from "./synthetic-estate";
import { checkVerdicts, truthOf, visible } from "./verdict-check";
import { type WalkInWorld, walkInWorld } from "./walk-in-world";
import { openWorld, type World } from "./world";

/** The run's times, as the construct's defaults have them: a deadline of a third of the interval. */
export const INTERVAL_MS = 900_000;
export const DEADLINE_MS = INTERVAL_MS / 3;
export const START_JITTER_MS = 60_000;

const DAMAGED = 24;
/** No deadline at all: the longest that there is. */
const UNBOUNDED_MS = 2 ** 31 - 1;
const INTERVALS = 2;
/** Of a walk that may be cut. */
const NOTHING_DUE: ReadonlySet<string> = new Set();
const NO_PUSHES: PushTraffic = { perSecond: 0, cleanUpEvery: 1 };

/** A walk with all the time it needs. */
export interface WholeWalk {
  /** Until the last shard has ended. */
  readonly seconds: number;
  readonly requests: number;
  /** Processor seconds of the registry. */
  readonly registrySeconds: number;
  /** Of bodies; null where the walk was not simulated. */
  readonly mebibytes: number | null;
}

/** Walks of one interval after the other, each cut by its deadline, while the registry is written to. */
export interface IntervalWalks {
  /** Mean over the runs, as `coverage_ratio` says it, the shards' weighed by their repositories. */
  readonly coverage: number;
  /** Tags looked at, by all there are. */
  readonly tagShare: number;
  readonly requestsPerRun: number;
  /** Of the shard that has most to do; null where something is never reached. */
  readonly reach: Reach | null;
}

export async function walkWhole(scenario: Scenario): Promise<WholeWalk> {
  const world = openWorld({ ...scenario, damaged: DAMAGED, pushes: NO_PUSHES });
  const walks = await world.clock.run(() => walkAll(scenario, world, UNBOUNDED_MS, 0));
  const reports = reportsOf(walks);
  const { estate, planted } = world;
  checkVerdicts(truthOf(estate, planted), truthOf(estate, visible(planted, scenario.bounds)), reports);
  const expected = countsOf(scenario.shape);
  const tags = sum(reports, ({ checked }) => checked.tags);
  if (tags !== expected.tags || !reports.every(({ complete }) => complete)) {
    throw new Error(`the walk looked at ${tags} of ${expected.tags} tags`);
  }
  return {
    seconds: Math.max(...reports.map(({ durationMs }) => durationMs)) / 1000,
    requests: sum(reports, ({ checked }) => checked.requests),
    registrySeconds: world.service.workMs / 1000,
    mebibytes: sum(reports, ({ checked }) => checked.bytes) / 2 ** 20,
  };
}

/** What a whole walk takes, by what there is to ask for and the rate: where nothing binds but the rate, it is that. */
export function estimateWhole(scenario: Scenario): WholeWalk {
  const { shape, shards, perSecond, service } = scenario;
  const { repositories, indexes, manifests, blobs } = countsOf(shape);
  const asks = { list: repositories + shards, manifest: indexes + manifests, head: 0, range: blobs };
  const { registryMs } = service.costs;
  const requests = asks.list + asks.manifest + asks.range;
  const parts = tagsOfShards(scenario, deal(scenario));
  const loads = parts.map((tags) => sum(tags, (count) => count) / sum(parts.flat(), (count) => count));
  return {
    seconds: (requests * Math.max(...loads)) / ((perSecond ?? ADAPTIVE_RATE.max) / shards),
    requests,
    registrySeconds:
      (asks.list * registryMs.list + asks.manifest * registryMs.manifest + asks.range * registryMs.range) /
      1000,
    mebibytes: null,
  };
}

export async function walkIntervals(scenario: Scenario): Promise<IntervalWalks> {
  const world = openWorld({ ...scenario, damaged: DAMAGED });
  const truth = truthOf(world.estate, world.planted);
  const runs: WalkInWorld[][] = [];
  const startMs = world.clock.now();
  await world.clock.run(async () => {
    for (let run = 0; run < INTERVALS; run++) {
      await world.clock.sleep(startMs + run * INTERVAL_MS - world.clock.now());
      const walks = await walkAll(scenario, world, DEADLINE_MS, run);
      checkVerdicts(truth, NOTHING_DUE, reportsOf(walks));
      runs.push(walks);
    }
  });
  const reports = reportsOf(runs.flat());
  const parts = tagsOfShards(scenario, deal(scenario));
  const total = parts.flat().length;
  const coverageOf = (walks: WalkInWorld[]): number =>
    sum(walks, ({ facts }, i) => facts.assessment.report.coverage * (parts[i] as number[]).length) / total;
  const fullest = fullestOf(parts);
  const tagsPerWalk = Math.min(
    ...runs.map((walks) => walks[fullest]?.facts.assessment.report.checked.tags ?? 0),
  );
  return {
    coverage: sum(runs, coverageOf) / runs.length,
    tagShare: sum(reports, ({ checked }) => checked.tags) / INTERVALS / countsOf(scenario.shape).tags,
    requestsPerRun: sum(reports, ({ checked }) => checked.requests) / INTERVALS,
    reach: !runs.flat().some(({ facts }) => facts.assessment.undeterminedByReason.has("budget_spent"))
      ? { runsUntilAll: 1, longestGap: 1 }
      : reachOf({ tags: parts[fullest] as number[], tagsPerWalk, intervalMs: INTERVAL_MS }),
  };
}

/** Enough for the largest repositories and for garbage to stand; what is done is dropped, so that more adds nothing. */
const RESIDENT_REQUESTS = 50_000;

/** The beginning of a walk of the shard that has most to do, alone: what its process holds is what there is to see. */
export async function walkFullestShard(scenario: Scenario): Promise<void> {
  const world = openWorld({ ...scenario, damaged: DAMAGED });
  const i = fullestOf(tagsOfShards(scenario, deal(scenario))) + 1;
  const perSecond = (scenario.perSecond ?? ADAPTIVE_RATE.max) / scenario.shards;
  const deadlineMs = Math.min(DEADLINE_MS, (RESIDENT_REQUESTS / perSecond) * 1000);
  await world.clock.run(() => walkOne(scenario, world, deadlineMs, { i, n: scenario.shards }, 0));
}

function walkAll(scenario: Scenario, world: World, deadlineMs: number, run: number): Promise<WalkInWorld[]> {
  const n = scenario.shards;
  const all = Array.from({ length: n }, (_, i) => ({ i: i + 1, n }));
  return Promise.all(all.map((shard) => walkOne(scenario, world, deadlineMs, shard, run)));
}

function walkOne(
  { perSecond, concurrency, bounds }: Scenario,
  world: World,
  deadlineMs: number,
  shard: Shard,
  run: number,
): Promise<WalkInWorld> {
  const times: WalkBounds = {
    deadlineMs,
    budgetMs: Math.min(INTERVAL_MS, deadlineMs),
    intervalMs: INTERVAL_MS,
  };
  const all = { ...bounds, ...times, requestsPerSecond: perSecond, concurrency };
  return walkInWorld(world, { shard, seed: run * 1_000 + shard.i, bounds: all });
}

/** The shard of each repository. */
function deal({ shape, shards }: Scenario): Uint16Array {
  const estate = new SyntheticEstate(shape);
  return Uint16Array.from({ length: shape.repositories }, (_, i) =>
    shardOf(estate.repositoryName(i), shards),
  );
}

/** Tags of each repository, shard by shard, in the walk's order. */
function tagsOfShards({ shape, shards }: Scenario, dealt: Uint16Array): number[][] {
  const parts = Array.from({ length: shards }, (): number[] => []);
  for (const [repository, shard] of dealt.entries()) parts[shard - 1]?.push(tagsIn(shape, repository));
  return parts;
}

function fullestOf(parts: readonly (readonly number[])[]): number {
  const loads = parts.map((tags) => sum(tags, (count) => count));
  return loads.indexOf(Math.max(...loads));
}

function reportsOf(walks: readonly WalkInWorld[]) {
  return walks.map(({ facts }) => facts.assessment.report);
}

function sum<T>(items: readonly T[], of: (item: T, i: number) => number): number {
  return items.reduce((total, item, i) => total + of(item, i), 0);
}
