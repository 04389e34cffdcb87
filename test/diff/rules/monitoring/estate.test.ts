import { Duration } from "../../../../lib/core/duration";
import type { Change } from "../../../../lib/diff/change";
import { diffOutputs } from "../../../../lib/diff/diff-outputs";
import type { SynthesizedOutput } from "../../../../lib/diff/output";
import { MONITORING_RULES } from "../../../../lib/diff/rules/monitoring/monitoring-rules";
import { monitoringEstate } from "../../../../stacks/estate/monitoring";
import { EstateOutputs } from "../../estate-output";

const outputs = new EstateOutputs();
let base: SynthesizedOutput;

beforeAll(() => {
  base = outputs.monitoring();
});

afterAll(() => outputs.remove());

function changesOf(base: SynthesizedOutput, head: SynthesizedOutput): readonly Change[] {
  return diffOutputs(base, head, MONITORING_RULES).changes;
}

function told(changes: readonly Change[]): readonly string[] {
  return changes.map(({ grade, kind, text }) => `${grade} ${kind} ${text}`);
}

const ALSO = ". Also at monitoring/kubernetes_manifest.alerts_prometheus-rule_6B67E7AF.";
const ALSO_JOB = ". Also at monitoring-chart/kubernetes_cron_job_v1.probe_cron-job_B7B304D9.";

test("the estate as it is, and once more: nothing", () => {
  expect(changesOf(base, outputs.monitoring())).toEqual([]);
});

test("the probe once an hour: what that does to the time to a page is told first, and all else once", () => {
  const slow = outputs.monitoring({ interval: Duration.hours(1), maxTimeToPage: Duration.hours(4) });
  const changes = changesOf(base, slow);
  const lines = told(changes);
  expect(lines).toEqual(
    expect.arrayContaining([
      "risk time_to_page_grown RegistryManifestIntegrityFailure, RegistryCatalogInaccessible: worst-case time to page 39 → 129 min (interval 15m → 1h, for 16m → 1h1m).",
      `risk schedule_slower CronJob registry-integrity-probe: runs every 15m → 1h at worst (*/15 * * * * → 0 * * * *)${ALSO_JOB}`,
      `risk for_lengthened RegistryCatalogInaccessible, RegistryIntegrityDegraded (coverage_dropped, coverage_partial, nothing_checked, throttled, walk_slow), RegistryManifestIntegrityFailure, RegistryProbeJobStuck (cron_job_suspended): for 16m → 61m${ALSO}`,
      `risk expression_changed RegistryIntegrityProbeStale: expression less sensitive: threshold 2700 → 10800${ALSO}`,
      `info text_reworded RegistryAuthNotEnforced: description reworded${ALSO}`,
      expect.stringMatching(
        /^info dashboard_changed Dashboard Registry integrity changed \(State, Walk time\)\. Also at /,
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
  const head = outputs.monitoring({ metrics });
  const lines = told(changesOf(base, head)).filter((line) => !/(resource|value)_removed/.test(line));
  expect(lines).toEqual(
    expect.arrayContaining([
      `risk alert_removed RegistryDown (kyverno): warning alert removed, nothing tells of it any more${ALSO}`,
      `risk alert_removed RegistryLowCacheHitRate (kyverno): info alert removed, nothing tells of it any more${ALSO}`,
      expect.stringContaining(
        "risk scrape_target_removed registry-scrape-kyverno: no longer scraped (10.0.20.10:5001/metrics/kyverno), alerts on its metrics go silent. Also at ",
      ),
    ]),
  );
  expect(lines.filter((line) => line.startsWith("danger"))).toEqual([]);
});
