import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, type ProofCase } from "./proof-case";
import { ShardSeries } from "./shard-series";

const MORE = 5;
/** A time after the end of every proof. */
const FRESH = 1e8;

export function overdueShardProof(
  context: AlertContext,
  registry: Registry,
  shards: number,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { of, foreign } = new ShardSeries(registry, shards, "last_run_timestamp");
  const limit = context.thresholds.staleAfter.toSeconds();
  const late = forMinutes + MORE;
  const old = -FRESH - limit;
  return [
    {
      name: "fires for one shard that is dead while another reports, and ends with its next report",
      series: [
        of(1, [MORE + 1 + late + MORE, FRESH]),
        // Just as old as it may be at minute MORE: one evaluation later it is too old.
        of(2, [MORE + 1 + late, MORE * 60 - limit], [MORE, FRESH]),
      ],
      expected: [...never(MORE), ...boundary(MORE + 1, forMinutes), ...ending(MORE + 1 + late, 0)],
    },
    {
      name: "says nothing where none reports, from the moment at which that is told",
      series: [of(1, [late + MORE, old]), of(2, [late + MORE, (late - 1) * 60 - limit])],
      expected: [...boundary(0, forMinutes), ...ending(late, 0)],
    },
    {
      name: "is silent about groups of another number of shards, of none, and of another registry",
      series: [of(1, [late, FRESH]), ...foreign([late, old])],
      expected: never(0, forMinutes, late - 1),
    },
  ];
}

export function neverReportedShardProof(
  _context: AlertContext,
  registry: Registry,
  shards: number,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { of, butLast, foreign } = new ShardSeries(registry, shards, "last_run_timestamp");
  const gone = forMinutes + MORE;
  return [
    {
      name: "fires while one shard is absent, and ends with its first report",
      series: [...butLast([gone + MORE, 60]), of(shards, [gone, null], [MORE, 60])],
      expected: [...boundary(0, forMinutes), ...ending(gone, 0)],
    },
    {
      name: "takes groups of another number of shards, of none, and of another registry for none of them",
      series: [...butLast([gone, 60]), ...foreign([gone, 60])],
      expected: boundary(0, forMinutes),
    },
    ...(forMinutes > 1
      ? [
          {
            name: "is silent when all came within the first run, each when it was done",
            series: [...butLast([forMinutes + gone, 60]), of(shards, [forMinutes - 1, null], [gone + 1, 60])],
            expected: [
              { minute: forMinutes - 2, state: "pending" as const },
              ...never(forMinutes - 1, forMinutes, forMinutes + gone - 1),
            ],
          },
        ]
      : []),
    {
      name: "is silent about reports, however old, and where there is none at all",
      series: [...butLast([gone, -FRESH], [gone, null]), of(shards, [gone, -FRESH], [gone, null])],
      expected: never(0, forMinutes, gone - 1, gone, 2 * gone - 1),
    },
  ];
}
