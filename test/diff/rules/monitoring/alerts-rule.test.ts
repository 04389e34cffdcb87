import type { JsonObject } from "../../../../lib/diff/json";
import { alertsRule } from "../../../../lib/diff/rules/monitoring/alerts-rule";
import { holdsForOddJson, judgeWith, kindsOf, output } from "./judge-with";

const RULE = {
  alert: "RegistryBroken",
  expr: 'registry_failures{instance="a"} > 0',
  for: "16m",
  labels: { severity: "critical", instance: "a", team: "infra" },
  annotations: { summary: "broken", runbook_url: "https://example.com/docs/runbooks/registry-broken.md" },
};

type Over = Readonly<Record<string, JsonObject | string | undefined>>;

function rule(over: Over = {}): JsonObject {
  const entries = Object.entries({ ...RULE, ...over }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, value ?? null]));
}

function groups(...rules: readonly JsonObject[]): JsonObject {
  return { groups: [{ name: "registry", rules }] };
}

/** A rule by each way in which an output carries it. */
function everywhere(...rules: readonly JsonObject[]) {
  return output(
    {
      "kubernetes_manifest.rules": { manifest: { kind: "PrometheusRule", spec: groups(...rules) } },
      "kubernetes_config_map_v1.rules": { data: { "rules.yml": { "(document)": groups(...rules) } } },
      "helm_release.prometheus": {
        values: [
          {
            "(document)": {
              serverFiles: { alerts: groups(...rules), "alerting_rules.yml": groups(...rules) },
            },
          },
          { "(document)": { additionalPrometheusRulesMap: { mine: groups(...rules) } } },
        ],
      },
      "chart/helm_release.other": {
        values: [{ "(document)": { serverFiles: { alerts: groups(...rules) } } }],
      },
    },
    {
      "monitoring/rules.yml": groups(...rules),
      "monitoring/prometheus-values.yml": { serverFiles: { alerts: groups(...rules) } },
    },
  );
}

const OTHER = rule({ alert: "Other", expr: "up == 0", labels: { severity: "warning" } });

test.each<[string, Over, string, string]>([
  [
    "severity lowered",
    { labels: { ...RULE.labels, severity: "warning" } },
    "risk severity_lowered",
    "severity critical → warning, it no longer pages",
  ],
  [
    "severity dropped",
    { labels: { instance: "a", team: "infra" } },
    "risk severity_lowered",
    "severity critical → none",
  ],
  [
    "severity unknown",
    { labels: { ...RULE.labels, severity: "sev1" } },
    "notice severity_changed",
    "severity critical → sev1",
  ],
  ["for lengthened", { for: "1h" }, "risk for_lengthened", "for 16m → 1h"],
  ["for shortened", { for: "5m" }, "notice for_shortened", "for 16m → 5m"],
  ["for dropped", { for: undefined }, "notice for_shortened", "for 16m → 0s"],
  [
    "threshold raised",
    { expr: 'registry_failures{instance="a"} > 10' },
    "risk expression_changed",
    "threshold 0 → 10",
  ],
  [
    "another metric",
    { expr: 'registry_losses{instance="a"} > 0' },
    "notice expression_changed",
    "expression changed",
  ],
  [
    "routing label",
    { labels: { ...RULE.labels, team: "web" } },
    "notice alert_labels_changed",
    "team=infra → team=web",
  ],
  ["keep firing", { keep_firing_for: "30m" }, "notice keep_firing_changed", "none → 30m"],
  [
    "runbook removed",
    { annotations: { summary: "broken" } },
    "risk runbook_removed",
    "registry-broken.md removed",
  ],
  [
    "runbook changed",
    { annotations: { ...RULE.annotations, runbook_url: "https://example.com/b.md" } },
    "info runbook_changed",
    "/b.md",
  ],
  [
    "reworded",
    { annotations: { ...RULE.annotations, summary: "it is broken" } },
    "info text_reworded",
    "summary reworded",
  ],
])("%s is one change wherever it is carried, and covers every place", (_name, over, kind, text) => {
  const found = judgeWith(alertsRule, everywhere(OTHER, rule()), everywhere(OTHER, rule(over)));
  expect(kindsOf(found)).toEqual([kind]);
  expect(found.lines[0]).toContain(text);
  expect(found.lines[0]).toContain(" chart/helm_release.other RegistryBroken: RegistryBroken: ");
  expect(found.lines[0]).toContain(
    "Also at monitoring/helm_release.prometheus, monitoring/kubernetes_manifest.rules, monitoring/kubernetes_config_map_v1.rules.",
  );
  expect(found.open).toEqual([]);
});

test("equal durations, blanks and key order are no change", () => {
  const same = rule({ for: "960s", expr: ' registry_failures{ instance = "a" }  > 0 # why' });
  const { judged } = judgeWith(alertsRule, everywhere(rule()), everywhere(same));
  expect(judged).toEqual([]);
  expect(judgeWith(alertsRule, everywhere(rule()), everywhere(rule())).judged).toEqual([]);
});

test("a critical alert that goes is a danger, another a risk, one that comes is told", () => {
  const gone = judgeWith(alertsRule, everywhere(rule(), OTHER), everywhere(OTHER));
  expect(kindsOf(gone)).toEqual(["danger alert_removed"]);
  expect(gone.open).toEqual([]);
  expect(kindsOf(judgeWith(alertsRule, everywhere(rule(), OTHER), everywhere(rule())))).toEqual([
    "risk alert_removed",
  ]);
  const come = judgeWith(alertsRule, everywhere(OTHER), everywhere(rule(), OTHER));
  expect(kindsOf(come)).toEqual(["info alert_added"]);
  expect(come.open).toEqual([]);
});

test("an alert that goes with its whole resource is told beside the resource", () => {
  const base = output({ "kubernetes_manifest.rules": { manifest: groups(rule()) } });
  const found = judgeWith(alertsRule, base, output());
  expect(kindsOf(found)).toEqual(["danger alert_removed"]);
  // The stack, or the resource, that went is said by itself.
  expect(found.open).toEqual(["monitoring "]);
});

test("an alert of which one cluster's copy goes was removed there", () => {
  const resources = { "kubernetes_manifest.rules": { manifest: groups(rule(), OTHER) } };
  const both = output({
    ...resources,
    "other/kubernetes_manifest.rules": { manifest: groups(rule(), OTHER) },
  });
  const one = output({ ...resources, "other/kubernetes_manifest.rules": { manifest: groups(OTHER) } });
  const found = judgeWith(alertsRule, both, one);
  expect(found.lines).toEqual([
    expect.stringMatching(/^danger alert_removed other\/kubernetes_manifest\.rules /),
  ]);
});

test("a rule that only moved to another carrier was not removed", () => {
  const base = output({ "kubernetes_manifest.rules": { manifest: groups(rule()) }, "null_resource.a": {} });
  const head = output({
    "kubernetes_config_map_v1.r": { data: { r: { "(document)": groups(rule()) } } },
    "null_resource.a": {},
  });
  expect(judgeWith(alertsRule, base, head).judged).toEqual([]);
});

test("where only an artifact carries it, the artifact is named", () => {
  const at = (one: JsonObject) => output({}, { "monitoring/rules.yml": groups(one) });
  const found = judgeWith(alertsRule, at(rule()), at(rule({ for: "1h" })));
  expect(found.lines).toEqual([
    "risk for_lengthened artifacts/monitoring/rules.yml RegistryBroken: RegistryBroken: for 16m → 1h.",
  ]);
});

test("rules of one name are told apart by registry and reason, and told together where they change alike", () => {
  const of = (instance: string, pending: string) =>
    rule({ for: pending, labels: { severity: "warning", instance } });
  const at = (a: string, b: string, c: string) =>
    output({ "kubernetes_manifest.rules": { manifest: groups(of("a", a), of("b", b), of("c", c)) } });
  const found = judgeWith(alertsRule, at("1m", "1m", "1m"), at("2m", "2m", "5m"));
  expect(found.judged.map(({ change }) => change.text)).toEqual([
    "RegistryBroken (a, b): for 1m → 2m.",
    "RegistryBroken (c): for 1m → 5m.",
  ]);
  expect(found.open).toEqual([]);
  const two = output({ "kubernetes_manifest.rules": { manifest: groups(of("a", "1m"), of("b", "1m")) } });
  expect(judgeWith(alertsRule, at("1m", "1m", "1m"), two).lines).toEqual([
    expect.stringContaining("RegistryBroken (c): warning alert removed"),
  ]);
});

test("two rules of one name at two severities: lowering one is not removing the other", () => {
  const of = (severity: string, threshold: number) =>
    rule({ expr: `disk > ${threshold}`, labels: { severity } });
  const at = (...rules: readonly JsonObject[]) =>
    output({ "kubernetes_manifest.rules": { manifest: groups(...rules) } });
  const found = judgeWith(
    alertsRule,
    at(of("critical", 95), of("warning", 80)),
    at(of("warning", 95), of("info", 80)),
  );
  expect(kindsOf(found)).toEqual(["risk severity_lowered", "risk severity_lowered"]);
  expect(found.open).toEqual([]);
});

test("what follows from a rule is covered with it: its proof, its detection time, the numbers in its words", () => {
  const at = (pending: string, seconds: number) =>
    output(
      {
        "kubernetes_manifest.rules": {
          manifest: groups(
            rule({ for: pending, annotations: { summary: `after ${pending}: 1h5m = ${pending}` } }),
          ),
        },
      },
      {
        "monitoring/rules.test.yml": {
          tests: [
            { name: "RegistryBroken (damage) fires", input_series: [], eval: seconds },
            { name: "Other fires", input_series: [], eval: 1 },
          ],
        },
        "monitoring/detection-times.json": {
          schema: "tallyman.detection-times/1",
          alerts: [{ alert: "RegistryBroken", totalSeconds: seconds }],
        },
      },
    );
  const found = judgeWith(alertsRule, at("16m", 960), at("20m", 1200));
  expect(kindsOf(found)).toEqual(["risk for_lengthened"]);
  expect(found.open).toEqual([]);
});

test("a group that is evaluated more seldom is a risk", () => {
  const at = (interval: string) =>
    output({
      "kubernetes_manifest.rules": { manifest: { groups: [{ name: "g", interval, rules: [rule()] }] } },
    });
  const found = judgeWith(alertsRule, at("1m"), at("30m"));
  expect(kindsOf(found)).toEqual(["risk evaluation_slower"]);
  expect(found.open).toEqual([]);
});

test("no secret of an expression or a link is shown", () => {
  const link = "https://user:hunter2hunter2@example.com/docs/runbooks/a.md";
  const at = (runbook_url: string) => everywhere(rule({ annotations: { runbook_url } }));
  const found = judgeWith(alertsRule, at(link), at("https://example.com/docs/runbooks/b.md"));
  expect(JSON.stringify(found.judged.map(({ change }) => change))).not.toContain("hunter2");
});

test("a whole rule file of a ConfigMap goes: its alerts, and nothing else to say of it", () => {
  const file = { "(document)": groups(rule(), OTHER) };
  const at = (data: JsonObject) => output({ "kubernetes_config_map_v1.rules": { data } });
  const found = judgeWith(alertsRule, at({ a: "b", "rules.yml": file }), at({ a: "b" }));
  expect(kindsOf(found)).toEqual(["danger alert_removed", "risk alert_removed"]);
  expect(found.open).toEqual([]);
});

test("a rule on another registry is another rule", () => {
  const at = (instance: string) => everywhere(rule({ labels: { ...RULE.labels, instance } }));
  const found = judgeWith(alertsRule, at("a"), at("b"));
  expect(kindsOf(found)).toEqual(["danger alert_removed", "info alert_added"]);
  expect(found.lines[0]).toContain("RegistryBroken (a): critical alert removed");
});

test("where it moved in one stack and went from another, it went from the other", () => {
  const carrier = { manifest: groups(rule()) };
  const base = output({
    "a/kubernetes_manifest.r": carrier,
    "b/kubernetes_manifest.r": carrier,
    "a/null_resource.a": {},
  });
  const head = output({
    "b/kubernetes_config_map_v1.r": { data: { "r.yml": { "(document)": groups(rule()) } } },
    "a/null_resource.a": {},
  });
  expect(judgeWith(alertsRule, base, head).lines).toEqual([
    expect.stringMatching(/^danger alert_removed a\/kubernetes_manifest\.r /),
  ]);
});

test("rules that nothing but their order tells apart", () => {
  const at = (...pendings: readonly string[]) =>
    output({
      "kubernetes_manifest.rules": {
        manifest: groups(...pendings.map((one) => rule({ for: one, expr: `a > ${one}` }))),
      },
    });
  const found = judgeWith(alertsRule, at("1m", "2m", "3m", "4m"), at("2m", "3m", "4m"));
  expect(kindsOf(found)).toEqual(["danger alert_removed"]);
  expect(found.open).toEqual([]);
});

test("what goes beside them at the index of one of them is not taken for it", () => {
  const record = { record: "a:b", expr: "sum(c)" };
  const at = (...rules: readonly JsonObject[]) =>
    output({ "kubernetes_manifest.rules": { manifest: groups(...rules) } });
  const found = judgeWith(alertsRule, at(record, rule(), rule()), at(rule({ for: "1h" }), rule()));
  expect(kindsOf(found)).toEqual(["risk for_lengthened"]);
  expect(found.open).toEqual(["monitoring/kubernetes_manifest.rules manifest.groups.name=registry.rules.0"]);
});

test("a resource under another id carries the same rules", () => {
  const manifest = (...rules: readonly JsonObject[]) => ({
    manifest: { kind: "PrometheusRule", metadata: { name: "r", namespace: "m" }, ...groups(...rules) },
  });
  const at = (id: string, ...rules: readonly JsonObject[]) =>
    output({ [`kubernetes_manifest.${id}`]: manifest(...rules) });
  expect(judgeWith(alertsRule, at("old", rule(), OTHER), at("new", rule(), OTHER)).judged).toEqual([]);
  const found = judgeWith(alertsRule, at("old", rule(), OTHER), at("new", rule({ for: "1h" })));
  expect(found.lines).toEqual([
    expect.stringMatching(/^risk alert_removed monitoring\/kubernetes_manifest\.new Other: /),
    expect.stringMatching(/^risk for_lengthened monitoring\/kubernetes_manifest\.new RegistryBroken: /),
  ]);
  expect(found.open).toEqual([]);
});

test("random outputs", () => {
  holdsForOddJson(alertsRule, "kubernetes_manifest", [
    "alert",
    "expr",
    "for",
    "labels",
    "annotations",
    "groups",
    "rules",
    "tests",
    "schema",
    "severity",
  ]);
});

describe("inhibitions of an alert that went", () => {
  const inhibit = (source: string, target: string) => ({
    source_matchers: [`alertname = "${source}"`],
    target_matchers: [`alertname =~ "${target}"`],
    equal: ["instance"],
  });
  const at = (rules: readonly JsonObject[], inhibitions: readonly JsonObject[]) =>
    output(
      {},
      {
        "monitoring/rules.yml": groups(...rules),
        "monitoring/inhibit-rules.yml": { inhibit_rules: inhibitions },
      },
    );
  const base = at(
    [rule(), OTHER],
    [inhibit("RegistryBroken", "Other"), inhibit("Other", "RegistryBroken|Third")],
  );

  test("go with it, and are no facts of their own", () => {
    const found = judgeWith(alertsRule, base, at([OTHER], [inhibit("Other", "Third")]));
    expect(kindsOf(found)).toEqual(["danger alert_removed"]);
    expect(found.open).toEqual([]);
  });

  test.each([
    ["one more alert is silenced", [inhibit("Other", "Third|Fourth")]],
    ["one more alert silences", [inhibit("Other", "Third"), inhibit("Third", "Other")]],
    ["labels need no longer be equal", [{ ...inhibit("Other", "Third"), equal: [] }]],
  ])("do not hide that %s", (_name, inhibitions) => {
    const { open } = judgeWith(alertsRule, base, at([OTHER], inhibitions));
    expect(open.some((one) => one.startsWith("artifacts/monitoring/inhibit-rules.yml"))).toBe(true);
  });
});
