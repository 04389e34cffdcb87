import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack } from "cdktf";
import { formatProblem } from "../../lib/core/problem";
import { checkRun } from "../../lib/monitoring/check-run";
import { checkTwins } from "../../lib/monitoring/check-twins";
import { renderDashboard } from "../../lib/monitoring/dashboard/render-dashboard";
import { type CronJobRunOptions, ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { RegistryIntegrityProbe } from "../../lib/monitoring/registry-integrity-probe";
import { CRON_JOB_PATHS, renderCronJob } from "../../lib/monitoring/render-cron-job";
import { renderYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";

const INSTANCE = "registry.example.com:5050";
const pushgateway = "http://gateway:9091";

function probeOf(options: Partial<CronJobRunOptions> = {}, name = "probe") {
  const run = ProbeRun.cronJob({ pushgateway, ...options });
  return resolveProbe({ namespace: "monitoring", name, registries: [Registry.at(INSTANCE)], run });
}

const jobOf = (options: Partial<CronJobRunOptions>) =>
  renderCronJob(probeOf(options), "hash").spec.jobTemplate.spec;

describe("the CronJob of shards", () => {
  test("is an Indexed Job with a pod for each, of which one that fails takes no other with it", () => {
    expect(jobOf({ shards: 4 })).toMatchObject({
      completionMode: "Indexed",
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 0,
      backoffLimit: 4,
      maxFailedIndexes: 4,
    });
    expect(jobOf({ shards: 4 }).template.spec.container[0]?.args.join(" ")).toContain(" --shard auto/4");
  });

  test("differs in nothing else", () => {
    const without = (options: Partial<CronJobRunOptions>) => {
      const { template, ...job } = jobOf(options);
      const args = template.spec.container.map((one) => one.args.join(" ").replace(" --shard auto/4", ""));
      const counted = [
        "completionMode",
        "completions",
        "parallelism",
        "backoffLimit",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
      ];
      return [Object.entries(job).filter(([key]) => !counted.includes(key)), args];
    };
    expect(without({ shards: 4 })).toEqual(without({}));
  });

  test("of one shard is that without: no label, no index", () => {
    expect(jobOf({ shards: 1 })).toEqual(jobOf({}));
    expect(jobOf({})).toMatchObject({ backoffLimit: 0 });
    expect(Object.keys(jobOf({}))).not.toContain("completionMode");
  });
});

describe("what is refused", () => {
  const problems = (run: Parameters<typeof checkRun>[0]) =>
    checkRun(run, "run", () => false).map(formatProblem);

  test.each([0, -1, 1.5, 257, Number.NaN])("%s shards", (shards) => {
    expect(problems(ProbeRun.cronJob({ pushgateway, shards }))).toEqual([
      expect.stringMatching(
        /^run\.shards must be a whole number from 1 to 256, got .*one pod that walks all\.$/,
      ),
    ]);
  });

  test("shards of an exporter", () => {
    const untyped: object = { shards: 4 };
    expect(problems(ProbeRun.exporter(untyped))).toEqual([
      "run.shards must be left out, as of an exporter one pod walks all, got 4. Take " +
        "ProbeRun.cronJob, whose pods share the walk, or leave it out.",
    ]);
  });

  test.each([1, 2, 256])("not %i shards", (shards) => {
    expect(problems(ProbeRun.cronJob({ pushgateway, shards }))).toEqual([]);
  });

  test("two probes of one registry at one gateway, however many shards each has: they would forget one another", () => {
    for (const [a, b] of [
      [4, 4],
      [4, 8],
      [4, undefined],
    ]) {
      const twins = checkTwins(probeOf(a === undefined ? {} : { shards: a }), [
        probeOf(b === undefined ? {} : { shards: b }, "other"),
      ]);
      expect(twins).toEqual([expect.stringContaining("be pushed by one probe to one Pushgateway")]);
    }
  });
});

describe("RegistryIntegrityProbe", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-shards-"));
    writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function synth(options: Partial<CronJobRunOptions>, ignoreChanges: readonly string[] = []) {
    const app = new App({ outdir: join(folder, "out") });
    const stack = new TerraformStack(app, "stack");
    new KubernetesProvider(stack, "kubernetes", {});
    new RegistryIntegrityProbe(stack, "probe", {
      namespace: "monitoring",
      registries: [Registry.at(INSTANCE)],
      run: ProbeRun.cronJob({ pushgateway, ...options }),
      programFile: join(folder, "tallyman.mjs"),
      pod: { ignoreChanges },
    });
    app.synth();
    return JSON.parse(readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8")).resource;
  }

  test("writes them as the provider reads them, at the address of the same CronJob", () => {
    const [whole, four] = [synth({}), synth({ shards: 4 })].map((one) => one.kubernetes_cron_job_v1);
    expect(Object.keys(four)).toEqual(Object.keys(whole));
    const [cronJob] = Object.values<{ spec: { job_template: { spec: object } } }>(four);
    expect(cronJob?.spec.job_template.spec).toMatchObject({
      completion_mode: "Indexed",
      completions: 4,
      parallelism: 4,
      backoff_limit: 4,
      backoff_limit_per_index: 0,
      max_failed_indexes: 4,
    });
  });

  test("refuses to leave the number of pods as it is", () => {
    const { completions, dnsConfig } = CRON_JOB_PATHS;
    expect(() => synth({ shards: 4 }, [completions])).toThrow(
      /^pod\.ignoreChanges must not hold the number of pods where there are shards/,
    );
    expect(() => synth({ shards: 4 }, [dnsConfig])).not.toThrow();
    expect(() => synth({}, [completions])).not.toThrow();
  });
});

describe("the dashboard of shards", () => {
  const words = {
    title: "Registry integrity",
    uid: "registry-integrity",
    runbookBaseUrl: "https://git.example.com",
  };
  const queriesOf = (shards: number) =>
    renderDashboard({ probe: probeOf({ shards }), ...words }).panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => [title, expr] as const),
    );

  test("has a table of the shards' last reports below the eight panels, which stay where they are", () => {
    const four = renderDashboard({ probe: probeOf({ shards: 4 }), ...words }).panels;
    const whole = renderDashboard({ probe: probeOf(), ...words }).panels;
    const places = (panels: typeof four) => panels.map(({ id, title, gridPos }) => [id, title, gridPos]);
    expect(places(four).slice(0, -1)).toEqual(places(whole));
    expect(four.at(-1)).toMatchObject({ title: "Shards", type: "table" });
    for (const [title, expr] of queriesOf(4)) {
      if (!expr.startsWith("vector"))
        expect([title, expr]).toEqual([title, expect.stringContaining('shard=~"[0-9]+/4"')]);
    }
  });

  test.each<[string, string, readonly object[]]>([
    ["State", "all is proven", [{ labels: `{instance="${INSTANCE}"}`, value: 0 }]],
    ["State", "one is missing", [{ labels: `{instance="${INSTANCE}"}`, value: 1 }]],
    ["State", "one found damage", [{ labels: `{instance="${INSTANCE}"}`, value: 2 }]],
    ["State", "another number of shards", [{ labels: `{instance="${INSTANCE}"}`, value: 3 }]],
    ["Damage", "one found damage", [{ labels: `{instance="${INSTANCE}"}`, value: 5 }]],
    ["Coverage", "one is missing", [{ labels: `{instance="${INSTANCE}"}`, value: 0.5 }]],
    ["Requests", "all is proven", [{ labels: `{instance="${INSTANCE}"}`, value: 80 }]],
    [
      "Shards",
      "one is missing",
      [
        { labels: `{instance="${INSTANCE}",shard="1/2"}`, value: 540 },
        { labels: `{instance="${INSTANCE}",shard="2/2"}`, value: 5_600 },
      ],
    ],
  ])("%s, where %s", (title, situation, exp_samples) => {
    const [, raw = ""] = queriesOf(2).find(([name]) => name === title) ?? [];
    const expr = raw.replaceAll("$instance", ".+");
    const isMissing = situation === "one is missing";
    const count = situation === "another number of shards" ? 3 : 2;
    const one = (i: number) => {
      const values: Record<string, number> = {
        failures: situation === "one found damage" ? i + 1 : 0,
        catalog_accessible: 1,
        coverage_ratio: 1,
        requests: 40,
        last_run_timestamp: isMissing && i === 2 ? -5_000 : 60,
      };
      return Object.entries(values).map(([key, value]) => ({
        series: `registry_manifest_integrity_${key}{instance="${INSTANCE}",job="tallyman",shard="${i}/${count}"}`,
        values: `${value}x20`,
      }));
    };
    const input_series = [...one(1), ...one(2)];
    const tests = [
      {
        interval: "1m",
        input_series,
        promql_expr_test: [{ expr, eval_time: "10m", exp_samples: [...exp_samples] }],
      },
    ];
    const file = renderYaml({
      rule_files: [],
      evaluation_interval: "1m",
      tests: JSON.parse(JSON.stringify(tests)),
    });
    const { ok, output } = promtool(["test", "rules", "t.yml"], { "t.yml": file });
    expect([ok, output]).toEqual([true, output]);
  });
});
