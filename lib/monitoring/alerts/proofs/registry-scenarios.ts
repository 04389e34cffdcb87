import { LABEL_INSTANCE, type MetricKey, PUSH_JOB, SEED_METRICS } from "../../../integrity/contract";
import type { Registry } from "../../registry";
import { type AlertContext, seriesOf } from "../alert-context";
import { type AlertName, INTEGRITY_ALERTS } from "../alert-names";
import { ours, type ProofSeries, type Stretch } from "./proof-case";
import { shardLabel } from "./proof-labels";

/** What all alerts of a registry together do: those that are not named must not fire. */
export interface Scenario {
  readonly name: string;
  readonly instance: string;
  /** Those that are looked at. */
  readonly alerts: readonly AlertName[];
  readonly series: readonly ProofSeries[];
  readonly expected: readonly { readonly minute: number; readonly firing: readonly AlertName[] }[];
}

const MORE = 5;
/** A time after the end of every proof. */
const NOT_STALE = 1e8;
/** What a sound run reports; times are seconds before minute 0. */
const SOUND: Readonly<Partial<Record<MetricKey, number>>> = {
  failures: 0,
  catalog_accessible: 1,
  repos_checked: 3,
  tags_checked: 9,
  indexes_checked: 2,
  last_run_timestamp: 0,
  last_success_timestamp: 0,
  manifests_checked: 9,
  blobs_checked: 30,
  coverage_ratio: 1,
  walk_duration_seconds: 1,
  requests: 50,
  throttled_responses: 0,
  accepted_failures: 0,
  broken_references_truncated: 0,
  auth_enforced: 1,
};

type Changed = Readonly<Partial<Record<MetricKey, readonly Stretch[]>>>;

/** @param forMinutes of the alerts that there are, with their overrides */
export function registryScenarios(
  context: AlertContext,
  registry: Registry,
  forMinutes: ReadonlyMap<AlertName, number>,
): readonly Scenario[] {
  const { runMinutes: run, thresholds } = context;
  const { instance } = registry;
  const { shards } = seriesOf(context, registry);
  const looked: readonly AlertName[] = [
    ...INTEGRITY_ALERTS,
    ...(shards === null ? [] : ["RegistryIntegrityShardMissing" as const]),
  ];
  const alerts = looked.filter((name) => forMinutes.has(name));
  const wait = (name: AlertName) => forMinutes.get(name) ?? 0;
  const there = (...names: readonly AlertName[]) => alerts.filter((name) => names.includes(name));
  const longest = Math.max(0, ...forMinutes.values());
  const write = (keys: readonly MetricKey[], minutes: number, changed: Changed = {}) =>
    writeAll(registry, shards, keys, (key) => changed[key] ?? [[minutes, SOUND[key] ?? 0]]);
  const every = Object.keys(SOUND).filter((key): key is MetricKey => key in SOUND);
  const failureAt = wait("RegistryManifestIntegrityFailure");
  const blindAt = wait("RegistryCatalogInaccessible");
  const absentAt = wait("RegistryIntegrityProbeAbsent");
  const overdueMinutes = Math.ceil(thresholds.incompleteAfter.toSeconds() / 60) + 1;
  const deadFor =
    overdueMinutes + wait("RegistryIntegrityProbeStale") + wait("RegistryIntegrityProbeNoCompleteWalk") + 1;
  // No report grows stale in what is not about that.
  const freshly = (minutes: number): Changed => ({
    last_run_timestamp: [[minutes, NOT_STALE]],
    last_success_timestamp: [[minutes, NOT_STALE]],
  });
  const scenario = (
    name: string,
    series: readonly ProofSeries[],
    expected: Scenario["expected"],
  ): Scenario => ({ name: `${instance}: ${name}`, instance, alerts, series, expected });
  const sound = longest + MORE;
  return [
    scenario("all is well, nothing fires", write(every, sound, freshly(sound)), [
      { minute: 0, firing: [] },
      { minute: sound - 1, firing: [] },
    ]),
    scenario(
      "only the first probe's six series are there, nothing fires",
      write(SEED_METRICS, sound, freshly(sound)),
      [{ minute: sound - 1, firing: [] }],
    ),
    scenario(
      "damage is found where only the first probe's six series are",
      write(SEED_METRICS, sound, { ...freshly(sound), failures: [[sound, 3]] }),
      [{ minute: failureAt, firing: there("RegistryManifestIntegrityFailure") }],
    ),
    scenario(
      "the catalogue cannot be read where only the first probe's six series are",
      write(["catalog_accessible", "last_run_timestamp"], sound, {
        ...freshly(sound),
        catalog_accessible: [[sound, 0]],
      }),
      [{ minute: blindAt, firing: there("RegistryCatalogInaccessible") }],
    ),
    scenario("the probe is dead", write(every, deadFor), [
      {
        minute: deadFor - 1,
        firing: there("RegistryIntegrityProbeStale"),
      },
    ]),
    scenario(
      "the probe never ran",
      [],
      [
        ...(absentAt > 0 ? [{ minute: absentAt - 1, firing: [] }] : []),
        { minute: absentAt, firing: there("RegistryIntegrityProbeAbsent") },
      ],
    ),
    scenario(
      "the Pushgateway was wiped, and no run comes after",
      write(every, 0, Object.fromEntries(every.map((key) => [key, wiped(SOUND[key] ?? 0, run + sound)]))),
      [{ minute: MORE + absentAt, firing: there("RegistryIntegrityProbeAbsent") }],
    ),
    ...(shards === null ? [] : shardScenarios(shards)),
  ];

  function shardScenarios(n: number): readonly Scenario[] {
    const overdue = Math.ceil(thresholds.staleAfter.toSeconds() / 60) + 1;
    const dead = overdue + Math.max(wait("RegistryIntegrityShardMissing"), wait("RegistryIntegrityDegraded"));
    const all = freshly(dead + 1);
    const isLast = (label: string) => label === `${n}/${n}`;
    // The shards of the new number come only once those of the old have gone.
    const [before, after] = [MORE, MORE + run + sound];
    return [
      scenario(
        "one shard is dead, which says why a part is not proven",
        writeAll(registry, n, every, (key, label) => {
          const value = SOUND[key] ?? 0;
          return isLast(label) ? [[dead + 1, value]] : (all[key] ?? [[dead + 1, value]]);
        }),
        [{ minute: dead, firing: there("RegistryIntegrityShardMissing", "RegistryIntegrityDegraded") }],
      ),
      scenario(
        "the number of shards has changed, nothing fires",
        [
          ...writeAll(registry, n + 1, every, (key) => [
            [before, SOUND[key] ?? 0],
            [after, null],
          ]),
          ...writeAll(registry, n, every, (key) => [
            [before + 1, null],
            [after, freshly(after)[key]?.[0]?.[1] ?? SOUND[key] ?? 0],
          ]),
        ],
        [{ minute: before + after - 1, firing: [] }],
      ),
    ];
  }
}

/** What is looked at shard by shard; of other metrics two shards show as much as all. */
const OF_EVERY_SHARD: readonly MetricKey[] = [
  "last_run_timestamp",
  "last_success_timestamp",
  "coverage_ratio",
];

/** @param stretches of a metric, for the shard of that label; empty where there are none */
function writeAll(
  registry: Registry,
  shards: number | null,
  keys: readonly MetricKey[],
  stretches: (key: MetricKey, shard: string) => readonly Stretch[],
): readonly ProofSeries[] {
  const labels = { [LABEL_INSTANCE]: registry.instance, job: PUSH_JOB };
  return keys.flatMap((key) => {
    if (shards === null) return [ours(key, labels, ...stretches(key, ""))];
    const count = OF_EVERY_SHARD.includes(key) ? shards : Math.min(2, shards);
    return Array.from({ length: count }, (_, at) => {
      const label = shardLabel(at + 1, shards);
      return ours(key, { ...labels, ...label }, ...stretches(key, label.shard));
    });
  });
}

function wiped(value: number, minutes: number): readonly Stretch[] {
  return [
    [MORE, value],
    [minutes, null],
  ];
}
