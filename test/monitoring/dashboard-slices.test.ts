/** The panel of slices: only where the probe rotates, and what its queries answer. */
import { Duration } from "../../lib/core/duration";
import { renderDashboard } from "../../lib/monitoring/dashboard/render-dashboard";
import { type CronJobRunOptions, ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { renderYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";

const INSTANCE = "registry.example.com:5050";
const BY_TURNS = { provenWithin: Duration.hours(1) };

function panelsOf(options: Partial<CronJobRunOptions>) {
  const run = ProbeRun.cronJob({ pushgateway: "http://gateway:9091", ...options });
  const probe = resolveProbe({ namespace: "monitoring", registries: [Registry.at(INSTANCE)], run });
  const words = { title: "Registry integrity", uid: "registry-integrity" };
  return renderDashboard({ probe, ...words, runbookBaseUrl: "https://git.example.com" }).panels;
}

test("it stands below the others, which stay where they are, and only where the probe rotates", () => {
  const places = (panels: ReturnType<typeof panelsOf>) =>
    panels.map(({ id, title, gridPos }) => [id, title, gridPos]);
  for (const shards of [1, 4]) {
    const rotating = panelsOf({ shards, blobs: BY_TURNS });
    expect(places(rotating).slice(0, -1)).toEqual(places(panelsOf({ shards })));
    expect(rotating.at(-1)).toMatchObject({ title: "Slices", type: "table", gridPos: { w: 12 } });
  }
  for (const blobs of ["range", "head", "full"] as const) {
    expect(panelsOf({ blobs }).map(({ title }) => title)).not.toContain("Slices");
  }
});

test("it is one table of two queries, each column with its own name and unit", () => {
  const { fieldConfig, transformations, targets } = Object(panelsOf({ blobs: BY_TURNS }).at(-1));
  expect(transformations.map(({ id }: { id: string }) => id)).toEqual(["merge", "organize"]);
  expect(targets.map(({ refId, format, instant }: (typeof targets)[0]) => [refId, format, instant])).toEqual([
    ["A", "table", true],
    ["B", "table", true],
  ]);
  expect(JSON.stringify(fieldConfig)).toBe(
    '{"defaults":{},"overrides":[' +
      '{"matcher":{"id":"byName","options":"Value #A"},"properties":[{"id":"displayName","value":"proven"},{"id":"unit","value":"s"}]},' +
      '{"matcher":{"id":"byName","options":"Value #B"},"properties":[{"id":"displayName","value":"broken"},{"id":"unit","value":"none"}]}]}',
  );
});

interface Written {
  readonly slice: string;
  readonly shard?: string;
  readonly job?: string;
  readonly provenAt: number;
  readonly broken: number;
}

const WHOLE: readonly Written[] = [
  { slice: "1/4", provenAt: 60, broken: 0 },
  { slice: "2/4", provenAt: -3_000, broken: 3 },
  // A twin writes the same slice, and a probe of before wrote of another number of slices.
  { slice: "2/4", job: "twin", provenAt: -6_000, broken: 2 },
  { slice: "1/8", provenAt: -90_000, broken: 9 },
];
const SHARDED: readonly Written[] = [
  { slice: "1/4", shard: "1/2", provenAt: 60, broken: 1 },
  { slice: "1/4", shard: "2/2", provenAt: -3_000, broken: 2 },
  { slice: "2/4", shard: "1/2", provenAt: 0, broken: 0 },
  { slice: "1/4", shard: "1/3", provenAt: -90_000, broken: 9 },
  { slice: "1/4", provenAt: -90_000, broken: 9 },
];

test.each<[string, number, readonly Written[], readonly Record<string, number>[]]>([
  [
    "one walk",
    1,
    WHOLE,
    [
      { "1/4": 540, "2/4": 3_600 },
      { "1/4": 0, "2/4": 3 },
    ],
  ],
  // What one shard has not proven is not proven.
  [
    "two shards",
    2,
    SHARDED,
    [
      { "1/4": 3_600, "2/4": 600 },
      { "1/4": 3, "2/4": 0 },
    ],
  ],
])("its queries, of %s: the age of each slice, and what is broken in it", (_, shards, written, expected) => {
  const { targets } = Object(panelsOf({ shards, blobs: BY_TURNS }).at(-1));
  const input_series = written.flatMap(({ slice, shard, job = "tallyman", provenAt, broken }) => {
    const labels = `{instance="${INSTANCE}",job="${job}",slice="${slice}"${shard === undefined ? "" : `,shard="${shard}"`}}`;
    const one = (key: string, value: number) => ({
      series: `registry_manifest_integrity_${key}${labels}`,
      values: `${value}x20`,
    });
    return [one("blobs_proven_timestamp", provenAt), one("blobs_broken", broken)];
  });
  const promql_expr_test = expected.map((values, i) => ({
    expr: targets[i].expr.replaceAll("$instance", ".+"),
    eval_time: "10m",
    exp_samples: Object.entries(values).map(([slice, value]) => ({
      labels: `{instance="${INSTANCE}",slice="${slice}"}`,
      value,
    })),
  }));
  const file = renderYaml({
    rule_files: [],
    evaluation_interval: "1m",
    tests: [{ interval: "1m", input_series, promql_expr_test }],
  });
  const { ok, output } = promtool(["test", "rules", "t.yml"], { "t.yml": file });
  expect([ok, output]).toEqual([true, output]);
});
