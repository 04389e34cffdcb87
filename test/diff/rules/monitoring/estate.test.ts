import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LocalBackend } from "cdktf";
import { Duration } from "../../../../lib/core/duration";
import type { Change } from "../../../../lib/diff/change";
import { diffOutputs } from "../../../../lib/diff/diff-outputs";
import type { SynthesizedOutput } from "../../../../lib/diff/output";
import { readOutput } from "../../../../lib/diff/read-output";
import { MONITORING_RULES } from "../../../../lib/diff/rules/monitoring/monitoring-rules";
import { monitoringEstate } from "../../../../stacks/estate/monitoring";
import { monitoringChartEstate } from "../../../../stacks/estate/monitoring-chart";
import { type MonitoringEstate, MonitoringStack } from "../../../../stacks/monitoring";
import { type MonitoringChartEstate, MonitoringChartStack } from "../../../../stacks/monitoring-chart";

let folder = "";
let base: SynthesizedOutput;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-diff-estate-"));
  writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
  base = synthesize("base");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The estate's two stacks of monitoring, as they are or with that laid over both. */
function synthesize(
  name: string,
  over: Partial<MonitoringEstate & MonitoringChartEstate> = {},
): SynthesizedOutput {
  const outdir = join(folder, name);
  const app = new App({ outdir });
  const program = { programFile: join(folder, "tallyman.mjs") };
  const stacks = [
    new MonitoringStack(app, "monitoring", { ...monitoringEstate, ...over }, program),
    new MonitoringChartStack(app, "monitoring-chart", { ...monitoringChartEstate, ...over }, program),
  ];
  for (const stack of stacks) new LocalBackend(stack, { path: `${stack.node.id}.tfstate` });
  app.synth();
  return readOutput(outdir);
}

function changesOf(base: SynthesizedOutput, head: SynthesizedOutput): readonly Change[] {
  return diffOutputs(base, head, MONITORING_RULES).changes;
}

function told(changes: readonly Change[]): readonly string[] {
  return changes.map(({ grade, kind, text }) => `${grade} ${kind} ${text}`);
}

const ALSO = ", also in monitoring/kubernetes_manifest.alerts_prometheus-rule_6B67E7AF.";
const ALSO_JOB = ", also in monitoring/kubernetes_cron_job_v1.probe_cron-job_B7B304D9.";

test("the estate as it is, and once more: nothing", () => {
  expect(changesOf(base, synthesize("again"))).toEqual([]);
});

test("the probe once an hour: what that does to the time to a page is told first, and all else once", () => {
  const slow = synthesize("slow", { interval: Duration.hours(1), maxTimeToPage: Duration.hours(4) });
  const changes = changesOf(base, slow);
  const lines = told(changes);
  expect(lines).toEqual(
    expect.arrayContaining([
      "risk time_to_page_grown RegistryManifestIntegrityFailure, RegistryCatalogInaccessible: worst-case time to page 39 → 129 min (interval 15m → 1h, for 16m → 1h1m).",
      `risk schedule_slower CronJob registry-integrity-probe: runs every 15m → 1h at worst (*/15 * * * * → 0 * * * *)${ALSO_JOB}`,
      `risk for_lengthened RegistryManifestIntegrityFailure: for 16m → 61m${ALSO}`,
      `risk for_lengthened RegistryIntegrityDegraded (coverage_dropped, coverage_partial, nothing_checked, throttled, walk_slow): for 16m → 61m${ALSO}`,
      `risk expression_changed RegistryIntegrityProbeStale: expression less sensitive: threshold 2700 → 10800${ALSO}`,
      `info text_reworded RegistryAuthNotEnforced: description reworded${ALSO}`,
      expect.stringMatching(
        /^info dashboard_changed Dashboard Registry integrity changed \(State, Walk time\), also in /,
      ),
    ]),
  );
  expect(new Set(lines).size).toBe(lines.length);
  // What no rule of monitoring covers is in the rules' generated tests alone.
  expect(changes.filter(({ kind }) => kind === "value_changed").map(({ where }) => where)).toEqual(
    changes.filter(({ where }) => where.includes("rules.test.yml")).map(({ where }) => where),
  );
});

test("a cache that is no longer scraped: its target and its alerts", () => {
  const { kyverno: _, ...metrics } = monitoringEstate.metrics;
  const head = synthesize("fewer", { metrics });
  const lines = told(changesOf(base, head)).filter((line) => !/(resource|value)_removed/.test(line));
  expect(lines).toEqual(
    expect.arrayContaining([
      `risk alert_removed RegistryDown (kyverno): warning alert removed, nothing tells of it any more${ALSO}`,
      `risk alert_removed RegistryLowCacheHitRate (kyverno): info alert removed, nothing tells of it any more${ALSO}`,
      expect.stringContaining(
        "risk scrape_target_removed registry-scrape-kyverno: no longer scraped (10.0.20.10:5001/metrics/kyverno), alerts on its metrics go silent, also in ",
      ),
    ]),
  );
  expect(lines.filter((line) => line.startsWith("danger"))).toEqual([]);
});
