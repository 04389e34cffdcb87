import { readFileSync } from "node:fs";
import { join } from "node:path";
import { METRIC_PREFIX, SEED_METRICS } from "../../lib/integrity/contract";
import { alertThresholds, INTEGRITY_ALERTS, integrityAlerts } from "../../lib/monitoring/integrity-alerts";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { renderRuleFile } from "../../lib/monitoring/render-rules";
import { parseYaml, renderYaml, type YamlValue } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";

const INSTANCE = "registry.example.com:5050";
const OTHER = "other.example.com";
const BASE_URL = "https://git.example.com/infra/blob/main";

function probe(schedule = "*/15 * * * *", hosts: readonly string[] = [INSTANCE]) {
  return resolveProbe({
    namespace: "monitoring",
    registries: hosts.map((host) => Registry.at(host)),
    run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091", schedule }),
  });
}

const spec = probe();
const groups = integrityAlerts(spec, { runbookBaseUrl: BASE_URL, ruleLabels: { team: "infra" } });
const rules = groups.flatMap((group) => group.rules);

describe("thresholds follow the schedule", () => {
  test.each([
    ["*/15 * * * *", "16m", "45m", "22m"],
    ["0 * * * *", "61m", "3h", "82m"],
    ["0 3 * * *", "1441m", "3d", "1502m"],
  ])("%s", (schedule, confirmedFor, staleAfter, staleFor) => {
    const thresholds = alertThresholds(probe(schedule));
    expect(String(thresholds.confirmedFor)).toBe(confirmedFor);
    expect(String(thresholds.staleAfter)).toBe(staleAfter);
    expect(String(thresholds.staleFor)).toBe(staleFor);
  });
});

describe("every alert", () => {
  test("has its severity, a summary, and a description that begins the work with kubectl", () => {
    expect(rules.map((rule) => [rule.alert, rule.labels.severity])).toEqual([
      ["RegistryManifestIntegrityFailure", "critical"],
      ["RegistryIntegrityProbeStale", "warning"],
      ["RegistryCatalogInaccessible", "critical"],
    ]);
    for (const { annotations, labels } of rules) {
      expect(annotations.summary).toContain("{{ $labels.instance }}");
      expect(annotations.description).toMatch(/First: kubectl -n monitoring (?:logs|get) /);
      expect(labels.team).toBe("infra");
    }
  });

  test.each(INTEGRITY_ALERTS)(
    "%s has a runbook, of four parts, whose diagnosis begins with kubectl",
    (alert) => {
      const url = rules.find((rule) => rule.alert === alert)?.annotations.runbook_url ?? "";
      expect(url.startsWith(`${BASE_URL}/docs/runbooks/`)).toBe(true);
      const text = readFileSync(join(__dirname, "../..", url.slice(BASE_URL.length + 1)), "utf8");
      expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual([
        `# ${alert}`,
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
      ]);
      const diagnosis = text.slice(text.indexOf("## Diagnosis"), text.indexOf("## Mitigation"));
      expect(/```console\s+(\S+)/.exec(diagnosis)?.[1]).toBe("kubectl");
    },
  );

  test("needs no other series than the first probe's six", () => {
    const used = rules.flatMap((rule) => rule.expr.match(new RegExp(`${METRIC_PREFIX}[a-z_]+`, "g")) ?? []);
    const seed = SEED_METRICS.map((key) => METRIC_PREFIX + key);
    expect([...new Set(used)].filter((name) => !seed.includes(name))).toEqual([]);
    expect(new Set(used).size).toBe(3);
  });

  test("reads its own registry alone, and does not change with a second one", () => {
    const both = integrityAlerts(probe(undefined, [OTHER, INSTANCE]), {
      runbookBaseUrl: BASE_URL,
      ruleLabels: { team: "infra" },
    });
    expect(both[1]).toEqual(groups[0]);
    for (const rule of both[1]?.rules ?? []) expect(rule.expr).not.toContain(OTHER);
  });
});

test("a hostile-looking instance is quoted for PromQL", () => {
  const registry = Registry.at("[::1]:5050");
  const [group] = integrityAlerts({ ...spec, registries: [registry] }, { runbookBaseUrl: BASE_URL });
  expect(group?.rules[0]?.expr).toContain('{instance="[::1]:5050"}');
});

const ruleFile = renderRuleFile(groups);

test("the rule file reads back as it was meant, and promtool takes it", () => {
  expect(parseYaml(ruleFile)).toEqual({
    groups: [
      expect.objectContaining({
        name: "registry-integrity-registry-example-com-5050",
        rules: rules.map((rule) => ({
          alert: rule.alert,
          expr: rule.expr,
          for: rule.for.toPrometheus(),
          labels: rule.labels,
          annotations: rule.annotations,
        })),
      }),
    ],
  });
  const several = renderRuleFile(
    integrityAlerts(probe(undefined, [INSTANCE, OTHER]), { runbookBaseUrl: BASE_URL }),
  );
  const result = promtool(["check", "rules", "one.yml", "two.yml"], {
    "one.yml": ruleFile,
    "two.yml": several,
  });
  expect(result.output).toContain("SUCCESS: 3 rules found");
  expect(result.output).toContain("SUCCESS: 6 rules found");
  expect(result.ok).toBe(true);
}, 30_000);

interface Case {
  readonly name: string;
  /** Series without the prefix, to promtool's notation, one sample a minute. */
  readonly series: Readonly<Record<string, string>>;
  /** By the minute: which alerts fire then, with their value. */
  readonly firing: Readonly<Record<number, Readonly<Record<string, number>>>>;
}

const [FAILURE, STALE, INACCESSIBLE] = INTEGRITY_ALERTS;
const here = `{instance="${INSTANCE}",job="tallyman"}`;
/** A sound probe, pushing every 15 minutes: the gauge holds the push's time until the next. */
const RUNS = Array.from({ length: 120 }, (_, minute) => String(Math.floor(minute / 15) * 900)).join(" ");
const sound = { [`last_run_timestamp${here}`]: RUNS, [`catalog_accessible${here}`]: "1x120" };

const cases: readonly Case[] = [
  {
    name: "nothing fires while all is well",
    series: { ...sound, [`failures${here}`]: "0x120" },
    firing: { 60: {}, 119: {} },
  },
  {
    name: "a loss fires at the boundary of for, not a minute before, and ends with the repair",
    series: { ...sound, [`failures${here}`]: "0x19 3x40 0x59" },
    // The loss is there from minute 20 on.
    firing: { 35: {}, 36: { [FAILURE]: 3 }, 60: { [FAILURE]: 3 }, 61: {} },
  },
  {
    name: "a finding of one run alone does not fire",
    series: { ...sound, [`failures${here}`]: "0x14 2x14 0x14 2x14 0x60" },
    firing: { 29: {}, 31: {}, 59: {}, 61: {}, 90: {} },
  },
  {
    name: "a probe that stops is stale after three intervals",
    series: { [`last_run_timestamp${here}`]: "600x120", [`catalog_accessible${here}`]: "1x120" },
    // 600 s + 2700 s is minute 55: it is over that from minute 56 on, for 22 minutes.
    firing: { 77: {}, 78: { [STALE]: 4080 } },
  },
  {
    name: "a probe that never ran is stale, and nothing else fires",
    series: {},
    firing: { 21: {}, 22: { [STALE]: 1 } },
  },
  {
    name: "a Pushgateway that lost its memory and has the next run in time is no reason",
    series: { [`last_run_timestamp${here}`]: "_x21 1260x60" },
    firing: { 20: {}, 21: {}, 22: {}, 43: {}, 60: {} },
  },
  {
    name: "a catalogue that cannot be read fires at the boundary of for; no failures are pushed then",
    series: { ...sound, [`catalog_accessible${here}`]: "1x9 0x110" },
    firing: { 25: {}, 26: { [INACCESSIBLE]: 0 } },
  },
  {
    name: "another registry's loss is not ours",
    series: {
      ...sound,
      [`failures${here}`]: "0x120",
      [`failures{instance="${OTHER}",job="tallyman"}`]: "7x120",
      [`catalog_accessible{instance="${OTHER}",job="tallyman"}`]: "0x120",
    },
    firing: { 100: {} },
  },
  {
    name: "a predecessor's group beside ours makes one alert, of the worse value",
    series: {
      ...sound,
      [`failures${here}`]: "2x120",
      [`failures{instance="${INSTANCE}",job="old"}`]: "5x120",
      [`last_run_timestamp{instance="${INSTANCE}",job="old"}`]: "0x120",
    },
    firing: { 100: { [FAILURE]: 5 } },
  },
];

/** All of a case's alerts at a minute: those that are not named must not fire. */
function alertTests(one: Case): YamlValue[] {
  return Object.entries(one.firing).flatMap(([minute, firing]) =>
    rules.map((rule) => ({
      eval_time: `${minute}m`,
      alertname: rule.alert,
      exp_alerts: expected(rule, firing[rule.alert]),
    })),
  );
}

function expected(rule: (typeof rules)[number], value: number | undefined): YamlValue[] {
  if (value === undefined) return [];
  const fill = (text: string) =>
    text.replaceAll("{{ $labels.instance }}", INSTANCE).replaceAll("{{ $value }}", String(value));
  const exp_annotations = Object.fromEntries(
    Object.entries(rule.annotations).map(([key, text]) => [key, fill(text)]),
  );
  return [{ exp_labels: { ...rule.labels }, exp_annotations }];
}

test("the rules, as promtool runs them", () => {
  const tests = cases.map((one) => ({
    name: one.name,
    interval: "1m",
    input_series: Object.entries(one.series).map(([series, values]) => ({
      series: METRIC_PREFIX + series,
      values,
    })),
    alert_rule_test: alertTests(one),
  }));
  const file = renderYaml({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests });
  const result = promtool(["test", "rules", "rules.test.yml"], {
    "rules.yml": ruleFile,
    "rules.test.yml": file,
  });
  expect(result.output).toContain("SUCCESS");
  expect(result.ok).toBe(true);
}, 30_000);
