import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Duration } from "../../lib/core/duration";
import type { RuleGroup } from "../../lib/monitoring/alert-model";
import { AlertSink } from "../../lib/monitoring/alert-sink";
import { integrityAlerts } from "../../lib/monitoring/integrity-alerts";
import { MonitoringRelease, type MonitoringReleaseOptions } from "../../lib/monitoring/monitoring-release";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import type { KubePrometheusStackValues, PrometheusChartValues } from "../../lib/monitoring/release-values";
import { renderRuleFile } from "../../lib/monitoring/render-rules";
import { checkSink } from "../../lib/monitoring/sinks/check-sink";
import { type CreatedSink, createSink } from "../../lib/monitoring/sinks/create-sink";
import { hashFiles, renderRuleChart } from "../../lib/monitoring/sinks/rule-chart";
import type { SinkNames } from "../../lib/monitoring/sinks/sink-names";
import { parseYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";

const NAMES: SinkNames = { name: "registry-integrity-probe", namespace: "monitoring" };

/** The real groups, and one with all that Terraform, Helm and YAML could take for their own. */
const groups: readonly RuleGroup[] = [
  ...integrityAlerts(
    resolveProbe({
      namespace: "monitoring",
      registries: [Registry.at("registry.example.com:5050")],
      run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
    }),
    { runbookBaseUrl: "https://git.example.com/infra/blob/main" },
  ),
  {
    name: "hostile: yes",
    rules: [
      {
        alert: "Hostile",
        expr: 'up{job=~"a|b", code!~"5..%{"} == 0\nor\nabsent(up)',
        for: Duration.minutes(1),
        labels: { severity: "no" },
        annotations: {
          summary:
            '{{ $value | printf "%.1f" }} of {{ $labels.instance }}: ' +
            "$$" +
            "{x} $" +
            '{y} %{ z } %%{ "quoted" \\ # end',
          description: "{{ range query `up` }}{{ .Labels.job }}\n{{ end }}'; on: off",
        },
      },
    ],
  },
];
const EXPECTED = asObject(parseYaml(renderRuleFile(groups))).groups;

let folder = "";
let app: App;
let stack: TerraformStack;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-sinks-"));
  app = new App({ outdir: join(folder, "out") });
  stack = newStack(app);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function newStack(scope: App): TerraformStack {
  const made = new TerraformStack(scope, "stack");
  new KubernetesProvider(made, "kubernetes", {});
  new HelmProvider(made, "helm", {});
  return made;
}

function synth(): Record<string, unknown> {
  app.synth();
  return asObject(JSON.parse(read("stacks/stack/cdk.tf.json")));
}

function read(path: string): string {
  return readFileSync(join(folder, "out", path), "utf8");
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => asObject(inner)[key], value);
}

function only(tree: Record<string, unknown>, type: string): Record<string, unknown> {
  const all = Object.values(asObject(at(tree, "resource", type)));
  expect(all).toHaveLength(1);
  return asObject(all[0]);
}

/** As Terraform reads its JSON's templates, where no expression is left in them. */
function asTerraformReads(value: unknown): unknown {
  if (typeof value === "string") {
    expect(value.replace(/\$\$\{|%%\{/g, "")).not.toMatch(/[$%]\{/);
    return value.replace(/([$%])\1\{/g, "$1{");
  }
  if (Array.isArray(value)) return value.map(asTerraformReads);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asTerraformReads(item)]));
}

function create(sink: AlertSink, names = NAMES): CreatedSink {
  return createSink(stack, sink, groups, names);
}

/** Helm's: maps are merged deeply, everything else is replaced. */
function mergeValues(base: unknown, over: unknown): unknown {
  const isMap = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  if (!isMap(base) || !isMap(over)) return over;
  const merged = asObject(base);
  for (const [key, value] of Object.entries(asObject(over))) {
    merged[key] = key in merged ? mergeValues(merged[key], value) : value;
  }
  return merged;
}

describe("every sink carries the same groups", () => {
  const ways: Readonly<Record<string, () => unknown>> = {
    "PrometheusRule by manifest": () => {
      create(AlertSink.prometheusRule());
      const { manifest } = only(synth(), "kubernetes_manifest");
      return at(asTerraformReads(manifest), "spec", "groups");
    },
    "PrometheusRule by helm": () => {
      create(AlertSink.prometheusRule({ via: "helm" }));
      const { chart } = only(synth(), "helm_release");
      return at(parseYaml(read(`stacks/stack/${String(chart)}/prometheus-rule.yaml`)), "spec", "groups");
    },
    "values of kube-prometheus-stack": () => {
      create(AlertSink.kubePrometheusStackValues({ key: "registry" }));
      synth();
      const values = parseYaml(read("artifacts/monitoring/kube-prometheus-stack-values.yml"));
      return at(values, "additionalPrometheusRulesMap", "registry", "groups");
    },
    "values of the prometheus chart": () => {
      create(AlertSink.prometheusChartValues());
      synth();
      return at(
        parseYaml(read("artifacts/monitoring/prometheus-values.yml")),
        "serverFiles",
        "alerts",
        "groups",
      );
    },
    "values of the prometheus chart, in a release": () => {
      const { prometheusValues } = create(AlertSink.prometheusChartValues({ key: "alerting_rules.yml" }));
      new MonitoringRelease(stack, "release", {
        chart: "prometheus",
        namespace: "monitoring",
        values: [prometheusValues],
      });
      const values = asTerraformReads(at(only(synth(), "helm_release"), "values", "0"));
      return at(parseYaml(String(values)), "serverFiles", "alerting_rules.yml", "groups");
    },
    ConfigMap: () => {
      create(AlertSink.configMap({ labels: { prometheus_rules: "1" } }));
      const map = only(synth(), "kubernetes_config_map_v1");
      expect(map.metadata).toMatchObject({
        name: "registry-integrity-probe-rules",
        namespace: "monitoring",
        labels: { prometheus_rules: "1" },
      });
      return at(parseYaml(String(asTerraformReads(at(map, "data", "rules.yml")))), "groups");
    },
  };

  test.each(Object.keys(ways))("%s", (name) => {
    expect(ways[name]?.()).toEqual(EXPECTED);
  });

  test("the groups of the table are sound, so that equal ones are too", () => {
    const result = promtool(["check", "rules", "rules.yml"], { "rules.yml": renderRuleFile(groups) });
    expect(result.output).toContain("SUCCESS");
    expect(groups.length).toBeGreaterThan(1);
  });
});

describe("the sink by kind", () => {
  test.each([
    [AlertSink.ruleFile(), []],
    [AlertSink.prometheusChartValues(), []],
    [AlertSink.kubePrometheusStackValues(), []],
    [AlertSink.configMap(), ["kubernetes_config_map_v1"]],
    [AlertSink.prometheusRule(), ["kubernetes_manifest"]],
    [AlertSink.prometheusRule({ via: "helm" }), ["helm_release"]],
  ])("%j makes no more than %j, and both values files", (sink, types) => {
    create(sink, { ...NAMES, artifactFolder: "elsewhere" });
    expect(Object.keys(asObject(synth().resource ?? {}))).toEqual(types);
    expect(readdirSync(join(folder, "out/artifacts/elsewhere")).sort()).toEqual([
      "kube-prometheus-stack-values.yml",
      "prometheus-values.yml",
    ]);
  });

  test("the values files may lie in the artifacts' own folder", () => {
    create(AlertSink.ruleFile(), { ...NAMES, artifactFolder: "." });
    synth();
    expect(readdirSync(join(folder, "out/artifacts"))).toContain("prometheus-values.yml");
  });

  test("a PrometheusRule keeps its address and has what selectors and admission look at", () => {
    const sink = AlertSink.prometheusRule({
      labels: { release: "prometheus" },
      namespace: "rules",
      name: "own",
    });
    create(sink, { ...NAMES, labels: { team: "infra" }, annotations: { note: "100%{" } });
    const tree = synth();
    expect(Object.keys(asObject(at(tree, "resource", "kubernetes_manifest")))).toEqual(["prometheus-rule"]);
    // What somebody edited by hand is put back, and not refused as a conflict.
    expect(only(tree, "kubernetes_manifest").field_manager).toEqual({ force_conflicts: true });
    expect(only(tree, "kubernetes_manifest").manifest).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "own",
        namespace: "rules",
        labels: { release: "prometheus", team: "infra", "app.kubernetes.io/component": "alerts" },
        annotations: { note: "100%%{" },
      },
    });
  });

  test("labels of the stack's PrometheusRule stand beside its groups", () => {
    const { kubePrometheusStackValues } = create(
      AlertSink.kubePrometheusStackValues({ labels: { team: "infra" } }),
    );
    expect(kubePrometheusStackValues).toMatchObject({
      additionalPrometheusRulesMap: { "registry-integrity-probe": { additionalLabels: { team: "infra" } } },
    });
  });

  test("the namespace may be a token, however the object travels", () => {
    const namespace = new TerraformVariable(stack, "namespace", { type: "string" }).stringValue;
    create(AlertSink.prometheusRule({ via: "helm" }), { ...NAMES, namespace });
    expect(only(synth(), "helm_release").namespace).toBe("$" + "{var.namespace}");
  });

  test("other text that only Terraform knows cannot travel in a chart, and the error says what to do", () => {
    const team = new TerraformVariable(stack, "team", { type: "string" }).stringValue;
    expect(() => create(AlertSink.prometheusRule({ via: "helm", labels: { team } }))).toThrow(
      /^sink must carry literal text alone via helm, .*via: "manifest"\.$/,
    );
  });
});

describe("the chart of one PrometheusRule", () => {
  const sink = AlertSink.prometheusRule({ via: "helm", labels: { release: "prometheus" } });
  const files = renderRuleChart(NAMES, groups, sink);

  test("hands its rules on as they are, into the release's namespace", () => {
    expect(files["templates/prometheus-rule.yaml"]).toBe('{{ .Files.Get "prometheus-rule.yaml" }}\n');
    expect(files["prometheus-rule.yaml"]).toContain("{{ $value }}");
    expect(at(parseYaml(files["prometheus-rule.yaml"] ?? ""), "metadata")).not.toHaveProperty("namespace");
  });

  test("other rules are another version in another place; the same are the same", () => {
    const other = renderRuleChart(NAMES, groups.slice(1), sink);
    const version = (one: typeof files) => at(parseYaml(one["Chart.yaml"] ?? ""), "version");
    expect(version(files)).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(version(other)).not.toBe(version(files));
    expect(hashFiles(other)).not.toBe(hashFiles(files));
    expect(hashFiles(Object.fromEntries(Object.entries(files).reverse()))).toBe(hashFiles(files));
  });

  test("lies whole in the stack's folder, and what an earlier run left there goes", () => {
    const { release } = create(sink);
    synth();
    const assets = join(folder, "out/stacks/stack/assets");
    const list = () => readdirSync(assets, { recursive: true, encoding: "utf8" }).sort();
    const first = list();
    expect(first.filter((path) => path.endsWith(".yaml"))).toHaveLength(3);
    expect(release?.chartInput).toMatch(/^\.\/assets\//);
    app = new App({ outdir: join(folder, "out") });
    stack = newStack(app);
    createSink(stack, sink, groups.slice(1), NAMES);
    synth();
    expect(list()).toHaveLength(first.length);
    expect(list()).not.toEqual(first);
  });
});

describe("merged with an estate's own values, as Helm merges files, nothing is lost", () => {
  const own = { groups: [{ name: "own", rules: [{ alert: "Own", expr: "up == 0" }] }] };

  test.each([
    ["alerts", "alerting_rules.yml"],
    ["alerting_rules.yml", "alerts"],
  ] as const)("under %s beside groups under %s", (key, ownKey) => {
    const { prometheusValues } = create(AlertSink.prometheusChartValues({ key }));
    const estate = {
      serverFiles: { [ownKey]: own, "prometheus.yml": { rule_files: ["a"] } },
      server: { x: 1 },
    };
    for (const merged of [mergeValues(estate, prometheusValues), mergeValues(prometheusValues, estate)]) {
      expect(merged).toEqual({
        server: { x: 1 },
        serverFiles: { [ownKey]: own, [key]: { groups: EXPECTED }, "prometheus.yml": { rule_files: ["a"] } },
      });
    }
  });

  test("under the very same key something is lost: hence the default", () => {
    const { prometheusValues } = create(AlertSink.prometheusChartValues({ key: "alerting_rules.yml" }));
    const estate = { serverFiles: { "alerting_rules.yml": own } };
    expect(JSON.stringify(mergeValues(estate, prometheusValues))).not.toContain('"Own"');
    const byDefault = createSink(
      new TerraformStack(new App({ outdir: folder }), "other"),
      AlertSink.prometheusChartValues(),
      groups,
      NAMES,
    );
    expect(JSON.stringify(mergeValues(estate, byDefault.prometheusValues))).toContain('"Own"');
  });

  test("in kube-prometheus-stack's map", () => {
    const { kubePrometheusStackValues } = create(AlertSink.kubePrometheusStackValues());
    const estate = { additionalPrometheusRulesMap: { own } };
    expect(mergeValues(estate, kubePrometheusStackValues)).toEqual({
      additionalPrometheusRulesMap: { own, "registry-integrity-probe": { groups: EXPECTED } },
    });
  });
});

test("what is wrong with a sink is said of each field", () => {
  const paths = (sink: AlertSink) =>
    checkSink(sink, (text) => text.includes("TOKEN")).map(({ path }) => path);
  const labels = { "not a key": "x", "app.kubernetes.io/name": "x" };
  const bad = { name: "A", namespace: "B", labels };
  const all = [
    "sink.name",
    "sink.namespace",
    'sink.labels["not a key"]',
    'sink.labels["app.kubernetes.io/name"]',
  ];
  expect(paths(AlertSink.prometheusRule(bad))).toEqual(all);
  expect(paths(AlertSink.configMap(bad))).toEqual(all);
  expect(paths(AlertSink.kubePrometheusStackValues({ key: "A_", labels }))).toEqual([
    "sink.key",
    ...all.slice(2),
  ]);
  expect(paths(AlertSink.prometheusRule({ name: "TOKEN", namespace: "TOKEN" }))).toEqual(["sink.name"]);
  expect(paths(AlertSink.prometheusChartValues())).toEqual([]);
  expect(paths(AlertSink.ruleFile())).toEqual([]);
});

describe("MonitoringRelease", () => {
  const release = (props: Partial<MonitoringReleaseOptions> & { values?: PrometheusChartValues[] } = {}) =>
    new MonitoringRelease(stack, "release", { chart: "prometheus", namespace: "monitoring", ...props });

  test.each([
    ["prometheus", /^27\./],
    ["kube-prometheus-stack", /^75\./],
  ] as const)("%s at an exact version, rolled back where it fails", (chart, version) => {
    new MonitoringRelease(stack, "release", { chart, namespace: "monitoring" });
    expect(only(synth(), "helm_release")).toMatchObject({
      chart,
      name: "prometheus",
      namespace: "monitoring",
      version: expect.stringMatching(version),
      repository: "https://prometheus-community.github.io/helm-charts",
      atomic: true,
      create_namespace: false,
    });
  });

  test("values are handed over in their order, open where they are not typed, escaped for Terraform alone", () => {
    const text = "$" + "{x} %{y} {{ $value }}";
    release({ values: [{ server: { retention: "30d", note: text } }, { server: { retention: "15d" } }] });
    const { values } = only(synth(), "helm_release");
    const parsed = Object.values(asObject(asTerraformReads(values))).map((one) => parseYaml(String(one)));
    expect(parsed).toEqual([{ server: { retention: "30d", note: text } }, { server: { retention: "15d" } }]);
    expect(JSON.stringify(values)).toContain("$$" + "{x} %%{y} {{ $value }}");
  });

  test.each(["27.x", "^27.0.0", "latest", ">= 1.0.0", "27.1", ""])("the version %j is refused", (version) => {
    expect(() => release({ version })).toThrow(/^version must be an exact version, got .*such as 27\./);
  });

  const groups = [{ name: "a", rules: [] }];
  test.each<[string, PrometheusChartValues[], string]>([
    [
      "groups under one key twice",
      [{ serverFiles: { alerts: { groups } } }, { server: {} }, { serverFiles: { alerts: { groups } } }],
      "values[0].serverFiles.alerts.groups must be given by one of the values alone",
    ],
    [
      "scrape files twice",
      [{ scrapeConfigFiles: ["a"] }, { scrapeConfigFiles: ["b"] }],
      "values[0].scrapeConfigFiles must be given by one of the values alone",
    ],
  ])("%s would be lost, and are refused", (_, values, message) => {
    expect(() => release({ values })).toThrow(message);
    stack = new TerraformStack(app, "other");
    expect(() => release({ values: values.slice(0, 1) })).not.toThrow();
  });

  test("the stack's older list is refused beside its map, which the chart prefers", () => {
    const older = { additionalPrometheusRules: [{ name: "own", groups }] };
    const map = { additionalPrometheusRulesMap: { registry: { groups } } };
    const make = (id: string, values: readonly KubePrometheusStackValues[]) =>
      new MonitoringRelease(stack, id, { chart: "kube-prometheus-stack", namespace: "monitoring", values });
    expect(() => make("one", [older, map])).toThrow(/^values\[0\]\.additionalPrometheusRules must be empty/);
    expect(() => make("two", [map, map])).toThrow("additionalPrometheusRulesMap.registry.groups must");
    expect(() => make("three", [older, { additionalPrometheusRulesMap: {} }])).not.toThrow();
  });

  test("namespace and name are checked", () => {
    expect(() => release({ namespace: "A", name: `${"a".repeat(54)}` })).toThrow(
      /^namespace must .*\nname must have at most 53 characters/,
    );
  });
});
