import type { MetricKey } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import { type AlertContext, seriesOf } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import type { AlertReason } from "../alert-names";
import { boundary, ending, never, type ProofCase, type ProofSeries, theirs } from "./proof-case";
import { ShardSeries } from "./shard-series";

const MORE = 5;
/** A time after the end of every proof. */
const FRESH = 1e8;

interface ShardedProof extends ProofTimes {
  readonly context: AlertContext;
  readonly instance: string;
  readonly of: (key: MetricKey) => ShardSeries;
}

/** What a rule's proof shows beyond the cases of one shard; none where there are no shards. */
export function shardedCases(
  context: AlertContext,
  registry: Registry,
  reason: AlertReason,
  times: ProofTimes,
): readonly ProofCase[] {
  const { shards } = seriesOf(context, registry);
  const cases = CASES[reason];
  if (shards === null || cases === undefined) return [];
  const of = (key: MetricKey) => new ShardSeries(registry, shards, key);
  return cases({ ...times, context, instance: registry.instance, of });
}

/** The other shards of a proof that is about the first: whole, and reported of late. */
export function otherShards(context: AlertContext, registry: Registry) {
  const { shards } = seriesOf(context, registry);
  return (minutes: number): readonly ProofSeries[] => {
    if (shards === null) return [];
    const of = (key: MetricKey) => new ShardSeries(registry, shards, key);
    return [
      ...of("coverage_ratio").every([minutes, 1]).slice(1),
      ...of("last_run_timestamp").every([minutes, FRESH]),
    ];
  };
}

const CASES: Partial<Record<AlertReason, (proof: ShardedProof) => readonly ProofCase[]>> = {
  damage: ({ of, forMinutes }) => {
    const { of: failures, foreign } = of("failures");
    const lost = forMinutes + MORE;
    return [
      {
        name: "fires for the damage of one shard, whatever the others found",
        series: [failures(1, [lost, 0]), failures(2, [lost, 3])],
        expected: boundary(0, forMinutes),
      },
      {
        name: "is silent about the damage of another number of shards, and of none",
        series: [failures(1, [lost, 0]), ...foreign([lost, 7])],
        expected: never(0, forMinutes, lost - 1),
      },
    ];
  },

  never_reported: ({ of, forMinutes }) => [
    {
      name: "fires while only another number of shards reports, and none",
      series: of("last_run_timestamp").foreign([forMinutes + MORE, 60]),
      expected: boundary(0, forMinutes),
    },
  ],

  run_overdue: ({ context, of, forMinutes }) => {
    const { of: lastRun, foreign } = of("last_run_timestamp");
    const old = -FRESH - context.thresholds.staleAfter.toSeconds();
    const late = forMinutes + MORE;
    return [
      {
        name: "is silent while one shard reports: the others are told by themselves",
        series: [lastRun(1, [late, FRESH]), lastRun(2, [late, old])],
        expected: never(0, forMinutes, late - 1),
      },
      {
        name: "fires whatever another number of shards reports, and none",
        series: [lastRun(1, [late, old]), ...foreign([late, FRESH])],
        expected: boundary(0, forMinutes),
      },
    ];
  },

  walk_incomplete: ({ context, of, forMinutes }) => {
    const success = of("last_success_timestamp").of;
    const lastRun = of("last_run_timestamp").of;
    const limit = context.thresholds.incompleteAfter.toSeconds();
    const late = forMinutes + MORE;
    return [
      {
        name: "takes the shard whose last complete walk is the oldest",
        series: [
          success(1, [MORE + 1 + late, FRESH]),
          success(2, [MORE + 1 + late, MORE * 60 - limit]),
          ...[1, 2].map((i) => lastRun(i, [MORE + 1 + late, FRESH])),
        ],
        expected: [...never(MORE), ...boundary(MORE + 1, forMinutes)],
      },
      {
        name: "says nothing beside a shard that does not report",
        series: [
          ...[1, 2].map((i) => success(i, [late, -FRESH - limit])),
          lastRun(1, [late, FRESH]),
          lastRun(2, [late, -FRESH - limit]),
        ],
        expected: never(0, forMinutes, late - 1),
      },
    ];
  },

  walk_never_complete: ({ of, forMinutes }) => {
    const late = forMinutes + MORE;
    return [
      {
        name: "fires for one shard that was never complete, whatever the others were",
        series: [
          ...[1, 2].map((i) => of("coverage_ratio").of(i, [late, 0.5])),
          of("last_success_timestamp").of(1, [late, 60]),
        ],
        expected: boundary(0, forMinutes),
      },
    ];
  },

  catalog_unreadable: ({ of, forMinutes }) => {
    const { of: accessible, foreign } = of("catalog_accessible");
    const down = forMinutes + MORE;
    return [
      {
        name: "fires where one shard cannot read it",
        series: [accessible(1, [down, 1]), accessible(2, [down, 0])],
        expected: boundary(0, forMinutes),
      },
      {
        name: "is silent where another number of shards could not, or none",
        series: [accessible(1, [down, 1]), ...foreign([down, 0])],
        expected: never(0, forMinutes, down - 1),
      },
    ];
  },

  coverage_partial: ({ context, of, forMinutes }) => {
    const [coverage, lastRun] = [of("coverage_ratio"), of("last_run_timestamp")];
    const limit = context.thresholds.staleAfter.toSeconds();
    const long = MORE + 1 + forMinutes + MORE;
    return [
      {
        name: "counts the part of one shard as nothing, from the moment at which that one is missing",
        series: [
          ...coverage.every([long, 1]),
          ...lastRun.every([long, FRESH]).slice(1),
          lastRun.of(1, [long, MORE * 60 - limit]),
        ],
        expected: [...never(MORE), ...boundary(MORE + 1, forMinutes)],
      },
      {
        name: "counts the part of a shard that never reported as nothing, whatever another number of shards proved",
        series: [
          ...coverage.butLast([long, 1]),
          ...lastRun.butLast([long, FRESH]),
          ...coverage.foreign([long, 1]),
          ...lastRun.foreign([long, FRESH]),
        ],
        expected: boundary(0, forMinutes),
      },
      {
        name: "says nothing where none reports",
        series: [...coverage.every([long, 1]), ...lastRun.every([long, -FRESH - limit])],
        expected: never(0, forMinutes, long - 1),
      },
    ];
  },

  coverage_dropped: ({ of, forMinutes }) => {
    const tags = of("tags_checked").of;
    const long = forMinutes + MORE;
    return [
      {
        name: "adds up what the shards check",
        series: [tags(1, [MORE, 40], [long, 30]), tags(2, [MORE, 60], [long, 19])],
        expected: boundary(MORE, forMinutes),
      },
      {
        name: "is silent where one checks little and all together half",
        series: [tags(1, [MORE, 40], [long, 40]), tags(2, [MORE, 60], [long, 10])],
        expected: never(0, MORE, MORE + forMinutes, MORE + long - 1),
      },
    ];
  },

  nothing_checked: ({ of, forMinutes }) => {
    const tags = of("tags_checked").of;
    const long = forMinutes + MORE;
    return [
      {
        name: "is silent while one shard checks something",
        series: [tags(1, [long, 0]), tags(2, [long, 1])],
        expected: never(0, forMinutes, long - 1),
      },
    ];
  },

  damage_after_collection: ({ of, forMinutes, instance, context: { runMinutes: run } }) => {
    const failures = of("failures").of;
    const long = forMinutes + MORE;
    return [
      {
        name: "fires when the damage of one shard rose, whatever stood in another",
        series: [
          theirs("collectionSuccess", { instance }, [run + long, 0]),
          failures(1, [run + long, 5]),
          failures(2, [run, 1], [long, 2]),
        ],
        expected: [...never(run - 1), ...boundary(run, forMinutes), ...ending(run + long, 0).slice(0, 1)],
      },
    ];
  },
};
