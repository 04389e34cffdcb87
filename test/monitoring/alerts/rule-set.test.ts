import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration } from "../../../lib/core/duration";
import { kebabCase } from "../../../lib/core/references";
import { METRIC_PREFIX, SEED_METRICS } from "../../../lib/integrity/contract";
import type { AlertingRule } from "../../../lib/monitoring/alert-model";
import { ALERT_NAMES, INTEGRITY_ALERTS } from "../../../lib/monitoring/alerts/alert-names";
import { ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { alertThresholds } from "../../../lib/monitoring/alerts/thresholds";
import { ProbeRun } from "../../../lib/monitoring/probe-run";
import { resolveProbe } from "../../../lib/monitoring/probe-spec";
import { Registry } from "../../../lib/monitoring/registry";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import { parseYaml, renderYaml } from "../../../lib/text/yaml";
import { promtool } from "../../support/prometheus";
import { ALL, BASE_URL, INSTANCE, PLAIN, probeOf, shardedProbe } from "./rule-set-fixture";

const ROOT = join(__dirname, "../../..");
const OTHER = "other.example.com";

const all = ruleSet(probeOf(), ALL);
const rules = all.groups.flatMap((group) => group.rules);
const plain = ruleSet(probeOf(), PLAIN);
const sharded = ruleSet(shardedProbe(4), ALL);

function ruleOf(set: typeof all, alert: string, reason?: string): AlertingRule {
  const found = set.groups
    .flatMap((group) => group.rules)
    .find((rule) => rule.alert === alert && (reason === undefined || rule.labels.reason === reason));
  if (found === undefined) throw new Error(`no ${alert}`);
  return found;
}

test("the alerts are these, with their severities and times", () => {
  expect(
    rules.map((rule) => [rule.alert, rule.labels.reason, rule.labels.severity, String(rule.for)]),
  ).toEqual([
    // With the join the failure itself is a warning.
    ["RegistryManifestIntegrityFailure", "damage", "warning", "16m"],
    ["RegistryDeployedImageBroken", "deployed_damage", "critical", "1m"],
    ["RegistryIntegrityProbeAbsent", "never_reported", "warning", "22m"],
    ["RegistryIntegrityProbeStale", "run_overdue", "warning", "1m"],
    ["RegistryIntegrityProbeNoCompleteWalk", "walk_incomplete", "warning", "1m"],
    ["RegistryIntegrityProbeNoCompleteWalk", "walk_never_complete", "warning", "1h"],
    ["RegistryCatalogInaccessible", "catalog_unreadable", "critical", "16m"],
    ["RegistryProbeAuthFailure", "credentials_refused", "warning", "1m"],
    ["RegistryAuthNotEnforced", "anonymous_access", "critical", "5m"],
    ["RegistryIntegrityDegraded", "coverage_dropped", "warning", "16m"],
    ["RegistryIntegrityDegraded", "nothing_checked", "warning", "16m"],
    ["RegistryIntegrityDegraded", "coverage_partial", "info", "16m"],
    ["RegistryIntegrityDegraded", "walk_slow", "info", "16m"],
    ["RegistryIntegrityDegraded", "throttled", "info", "16m"],
    ["RegistryIntegrityDegraded", "bytes_unverified", "warning", "1m"],
    ["RegistryIntegrityDegraded", "series_truncated", "warning", "1m"],
    ["RegistryIntegrityDegraded", "acceptance_expired", "info", "1m"],
    ["RegistryProbePushRejected", "push_rejected", "warning", "1m"],
    ["RegistryGarbageCollectionStale", "collection_overdue", "warning", "1h"],
    ["RegistryGarbageCollectionFailed", "collection_failed", "warning", "1m"],
    ["RegistryOrphanedImages", "damage_after_collection", "critical", "1m"],
    ["RegistryProbeJobStuck", "job_past_deadline", "warning", "1m"],
    ["RegistryProbeJobStuck", "cron_job_suspended", "warning", "16m"],
    ["PushgatewayDown", "target_down", "warning", "5m"],
    ["RegistryDown", "target_down", "critical", "5m"],
    ["RegistryDown", "target_down", "warning", "5m"],
    ["RegistryLowCacheHitRate", "low_hit_rate", "info", "30m"],
    ["RegistryMaintenance", "maintenance", "info", "0s"],
    ["RegistryMaintenance", "maintenance", "info", "0s"],
  ]);
  // That of shards comes with shards alone.
  expect([...all.alerts, "RegistryIntegrityShardMissing"].sort()).toEqual([...ALERT_NAMES].sort());
  expect([...sharded.alerts].sort()).toEqual([...ALERT_NAMES].sort());
  expect(String(ruleOf(all, "RegistryManifestIntegrityFailure").keepFiringFor)).toBe("30m");
});

test("without options there are those of the probe's own metrics, and damage is critical", () => {
  expect(plain.alerts).toEqual(INTEGRITY_ALERTS);
  expect(ruleOf(plain, "RegistryManifestIntegrityFailure").labels.severity).toBe("critical");
  const open = ruleSet(probeOf(undefined, [INSTANCE], {}), PLAIN);
  expect(open.alerts).not.toContain("RegistryAuthNotEnforced");
});

test("an exporter has no Job to be stuck and pushes nothing", () => {
  const spec = resolveProbe({
    namespace: "monitoring",
    registries: [Registry.at(INSTANCE)],
    run: ProbeRun.exporter({ interval: Duration.minutes(10) }),
  });
  const set = ruleSet(spec, ALL);
  expect(set.alerts).not.toContain("RegistryProbeJobStuck");
  expect(set.alerts).not.toContain("PushgatewayDown");
  expect(set.alerts).not.toContain("RegistryProbePushRejected");
  expect(ruleOf(set, "RegistryIntegrityProbeStale").annotations.description).toContain("get deployment,pods");
});

describe("every rule", () => {
  test("has the same labels and annotations as every other", () => {
    for (const { labels, annotations } of rules) {
      expect(Object.keys(labels).sort()).toEqual(["instance", "reason", "severity", "team"]);
      expect(Object.keys(annotations)).toEqual(["summary", "description", "runbook_url"]);
    }
  });

  test("begins the work with kubectl, and says when critical how long its page may take", () => {
    for (const { annotations, labels, alert } of rules) {
      expect(annotations.description).toMatch(/ First: kubectl /);
      const says = /to this page at worst: (?:\d+h)?(?:\d+m)?(?:\d+s)? = .*scrape 1m/.test(
        annotations.description ?? "",
      );
      expect([alert, says]).toEqual([alert, labels.severity === "critical"]);
      expect(annotations.summary).not.toContain("undefined");
    }
    expect(ruleOf(plain, "RegistryManifestIntegrityFailure").annotations.description).toContain(
      "39m10s = interval 15m + startJitter 1m + deadline 5m + push 10s + scrape 1m + evaluation 1m + for 16m",
    );
    expect(ruleOf(all, "RegistryDown").annotations.description).toContain(
      "7m = scrape 1m + evaluation 1m + for 5m",
    );
  });

  test("reads its own registry alone, and does not change with a second one", () => {
    const both = ruleSet(probeOf(undefined, [OTHER, INSTANCE]), PLAIN);
    expect(both.groups[1]).toEqual(plain.groups[0]);
    for (const rule of both.groups[1]?.rules ?? []) expect(rule.expr).not.toContain(OTHER);
  });

  test("works where only the first probe's six series are: what needs more is not among these", () => {
    const seed = SEED_METRICS.map((key) => METRIC_PREFIX + key);
    const needs = (rule: AlertingRule) =>
      (rule.expr.match(new RegExp(`${METRIC_PREFIX}[a-z_]+`, "g")) ?? []).every((name) =>
        seed.includes(name),
      );
    for (const name of [
      "RegistryManifestIntegrityFailure",
      "RegistryIntegrityProbeAbsent",
      "RegistryIntegrityProbeStale",
      "RegistryCatalogInaccessible",
    ]) {
      expect([name, needs(ruleOf(plain, name))]).toEqual([name, true]);
    }
    expect(needs(ruleOf(plain, "RegistryIntegrityDegraded", "throttled"))).toBe(false);
  });
});

test.each([
  ["*/15 * * * *", "16m", "45m", "22m", "1h", "270s"],
  ["0 * * * *", "61m", "3h", "82m", "4h", "18m"],
  ["0 3 * * *", "1441m", "3d", "1502m", "4d", "54m"],
])("thresholds follow the schedule %s", (schedule, ...expected) => {
  const { confirmedFor, staleAfter, absentFor, incompleteAfter, slowWalk } = alertThresholds(
    probeOf(schedule),
  );
  expect([confirmedFor, staleAfter, absentFor, incompleteAfter, slowWalk].map(String)).toEqual(expected);
});

test("slices and dates are those of the probe", () => {
  expect(ruleOf(all, "RegistryIntegrityDegraded", "bytes_unverified").expr).toContain(
    'slice=~"[0-9]+/7"}) > 13500',
  );
  const expired = ruleOf(all, "RegistryIntegrityDegraded", "acceptance_expired");
  expect(expired.expr).toContain(`> ${Date.parse("2027-01-01T00:00:00Z") / 1000}`);
  expect(expired.annotations.description).toContain("app old, until 2026-12-31");
});

test("names are quoted for PromQL, also within patterns", () => {
  const set = ruleSet(probeOf(undefined, ["[::1]:5050"]), { ...PLAIN, inUse: true });
  expect(ruleOf(set, "RegistryManifestIntegrityFailure").expr).toContain('{instance="[::1]:5050"}');
  expect(ruleOf(set, "RegistryDeployedImageBroken").expr).toContain('image=~"\\\\[::1\\\\]:5050/.+"');
});

const ruleFile = renderRuleFile(all.groups);

test("the rule file reads back as it was meant, and promtool takes it", () => {
  expect(parseYaml(ruleFile)).toEqual({
    groups: all.groups.map((group) => ({
      name: group.name,
      rules: group.rules.map(({ keepFiringFor, ...rule }) => ({
        ...rule,
        for: rule.for.toPrometheus(),
        ...(keepFiringFor === undefined ? {} : { keep_firing_for: keepFiringFor.toPrometheus() }),
      })),
    })),
  });
  const result = promtool(["check", "rules", "rules.yml"], { "rules.yml": ruleFile });
  expect(result.output).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(result.ok).toBe(true);
});

test("the failure's description names five of the broken references", () => {
  const rule = ruleOf(plain, "RegistryManifestIntegrityFailure");
  const images = Array.from({ length: 7 }, (_, at) => `${INSTANCE}/app:${at}`);
  const input_series = [
    { series: `${METRIC_PREFIX}failures{instance="${INSTANCE}"}`, values: "7x30" },
    ...images.map((image) => ({
      series: `${METRIC_PREFIX}broken_reference{instance="${INSTANCE}",image="${image}",kind="layer_missing"}`,
      values: "1x30",
    })),
  ];
  // With no annotations expected, promtool prints those that there are.
  const exp_alerts = [{ exp_labels: { ...rule.labels }, exp_annotations: {} }];
  const alert_rule_test = [{ alertname: rule.alert, eval_time: "20m", exp_alerts }];
  const tests = [{ interval: "1m", input_series, alert_rule_test }];
  const { output } = promtool(["test", "rules", "rules.test.yml"], {
    "rules.yml": renderRuleFile(plain.groups),
    "rules.test.yml": renderYaml({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests }),
  });
  expect(output).toContain("that 7 manifests or blobs");
  expect(output.match(/app:\d \(layer_missing\)\. /g)).toHaveLength(5);
  expect(output).toContain("has 7 broken references");
});

describe.each(ALERT_NAMES)("the runbook of %s", (alert) => {
  const path = `docs/runbooks/${kebabCase(alert)}.md`;

  test("is linked, and has four parts, of which the diagnosis begins with kubectl", () => {
    expect(ruleOf(sharded, alert).annotations.runbook_url).toBe(`${BASE_URL}/${path}`);
    expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    const text = readFileSync(join(ROOT, path), "utf8");
    expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual([
      `# ${alert}`,
      "## Meaning",
      "## Impact",
      "## Diagnosis",
      "## Mitigation",
    ]);
    const diagnosis = text.slice(text.indexOf("## Diagnosis"), text.indexOf("## Mitigation"));
    expect(/```console\s+(\S+)/.exec(diagnosis)?.[1]).toBe("kubectl");
  });
});
