import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { METRICS, type MetricKey, SEED_METRICS } from "../../lib/integrity/contract";
import { formatSamples, type Sample } from "../../lib/integrity/exposition";
import { checkPromql } from "../../lib/monitoring/alerts/check-promql";
import {
  IntegrityDashboard,
  type IntegrityDashboardProps,
} from "../../lib/monitoring/dashboard/integrity-dashboard";
import { renderDashboard, renderDashboardFile } from "../../lib/monitoring/dashboard/render-dashboard";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { RegistryIntegrityProbe } from "../../lib/monitoring/registry-integrity-probe";
import { renderYaml } from "../../lib/text/yaml";
import { PrometheusServer } from "../support/prometheus-server";

const BASE_URL = "https://git.example.com/infra/blob/main";
const NOW = Math.floor(Date.now() / 1000);

/** What is scraped of each registry, by its instance; what is left out has no series. */
type Facts = readonly (readonly [MetricKey, number])[];
const sound = (failures = 0, coverage = 1, lastRun = NOW): Facts => [
  ["failures", failures],
  ["accepted_failures", 1],
  ["catalog_accessible", 1],
  ["coverage_ratio", coverage],
  ["last_run_timestamp", lastRun],
  ["walk_duration_seconds", 12.5],
  ["requests", 59],
  ["throttled_responses", 0],
];
const registries: Readonly<Record<string, { readonly facts: Facts; readonly state: number }>> = {
  "whole.example.com:5050": { facts: sound(), state: 0 },
  "partial.example.com": { facts: sound(0, 0.9), state: 1 },
  "broken.example.com": { facts: sound(3, 0.9), state: 2 },
  "stale.example.com": { facts: sound(0, 1, NOW - 2_800), state: 3 },
  "closed.example.com": {
    facts: [
      ["catalog_accessible", 0],
      ["last_run_timestamp", NOW],
    ],
    state: 3,
  },
  "seed.example.com": { facts: SEED_METRICS.map((key) => [key, NOW] as const), state: 2 },
  "silent.example.com": { facts: [], state: 3 },
};

const probe = resolveProbe({
  namespace: "monitoring",
  registries: Object.keys(registries).map((host) => Registry.at(host)),
  run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
});
const spec = { probe, title: "Registry integrity", uid: "registry-integrity", runbookBaseUrl: BASE_URL };
const dashboard = renderDashboard(spec);
const queries = dashboard.panels.flatMap((panel) =>
  panel.targets.map((target): [string, string] => [`${panel.title} ${target.refId}`, target.expr]),
);

/** As Grafana sends it for all registries. */
function filled(expr: string, instance = ".+"): string {
  return expr.replaceAll("$instance", instance);
}

describe("the dashboard", () => {
  test("has eight panels of one contract, each with its own place and its own words", () => {
    expect(dashboard.panels.map(({ title, type }) => `${type}: ${title}`)).toEqual([
      "stat: State",
      "table: Broken references",
      "timeseries: Damage",
      "timeseries: Coverage",
      "timeseries: Walk time",
      "timeseries: Requests",
      "timeseries: Undetermined",
      "timeseries: Bytes verified",
    ]);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
    for (const { description } of dashboard.panels) expect(description.length).toBeGreaterThan(20);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(8);
  });

  test("takes its data source from a variable, everywhere", () => {
    const uid = "$" + "{datasource}";
    for (const panel of dashboard.panels) {
      expect(panel.datasource).toEqual({ type: "prometheus", uid });
      for (const target of panel.targets) expect(target.datasource).toEqual({ type: "prometheus", uid });
    }
    expect(dashboard.templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "datasource datasource",
      "instance query",
    ]);
    expect(dashboard).toMatchObject({ uid: "registry-integrity", schemaVersion: 42 });
    expect(dashboard).not.toHaveProperty("id");
  });

  test("the table leads to the runbook, which is there", () => {
    const links = JSON.stringify(dashboard.panels.find(({ type }) => type === "table")?.fieldConfig);
    const path = "docs/runbooks/registry-manifest-integrity-failure.md";
    expect(links).toContain(`"url":"${BASE_URL}/${path}"`);
    expect(readFileSync(join(__dirname, "../..", path), "utf8")).toContain("## Mitigation");
  });

  test("walk time is held against the probe's own times", () => {
    const walk = queries.filter(([name]) => name.startsWith("Walk time")).map(([, expr]) => expr);
    expect(walk.slice(1)).toEqual(["vector(300)", "vector(900)"]);
  });

  test("the file is its JSON", () => {
    expect(JSON.parse(renderDashboardFile(spec))).toEqual(JSON.parse(JSON.stringify(dashboard)));
  });
});

describe("every query", () => {
  test.each(queries)("%s is PromQL by its grammar, of the contract's metrics", (_, expr) => {
    expect(checkPromql(filled(expr), "panel")).toEqual([]);
    const names = filled(expr).match(/registry_manifest_integrity_[a-z_]+/g) ?? [];
    const known = Object.keys(METRICS).map((key) => `registry_manifest_integrity_${key}`);
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("a query that is none is found", () => {
    expect(checkPromql("max by (instance (up)", "panel")).toHaveLength(1);
  });
});

describe("a real Prometheus", () => {
  let metrics: Server;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const text = exposition();
    metrics = createServer((_, response) => response.end(text));
    metrics.listen(0, "127.0.0.1");
    await once(metrics, "listening");
    const address = metrics.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const job = {
      job_name: "gateway",
      honor_labels: true,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    };
    prometheus = await PrometheusServer.start(
      renderYaml({ global: { scrape_interval: "1s", scrape_timeout: "1s" }, scrape_configs: [job] }),
    );
    await prometheus.queryUntilThere("registry_manifest_integrity_failures");
  }, 30_000);

  afterAll(async () => {
    await prometheus.stop();
    metrics.closeAllConnections();
    metrics.close();
  });

  test.each(queries)("%s has an answer", async (_, expr) => {
    expect((await prometheus.query(filled(expr))).length).toBeGreaterThan(0);
  });

  test("each registry is in the state that its series prove, one without any too", async () => {
    const [[, expr] = ["", ""]] = queries;
    const states = Object.fromEntries(
      (await prometheus.query(expr)).map(({ labels, value }) => [labels.instance, value]),
    );
    expect(states).toEqual(
      Object.fromEntries(Object.entries(registries).map(([instance, { state }]) => [instance, state])),
    );
  });

  test("the table has a row for each broken reference, with all that says what it is", async () => {
    const expr = queries.find(([name]) => name.startsWith("Broken"))?.[1] ?? "";
    expect((await prometheus.query(filled(expr))).map(({ labels }) => labels)).toEqual([
      {
        instance: "broken.example.com",
        image: "broken.example.com/app:1",
        repository: "app",
        tag: "1",
        kind: "layer_missing",
        digest: "sha256:00",
      },
    ]);
  });

  test("the variable chooses among registries", async () => {
    const expr = queries.find(([name]) => name.startsWith("Damage"))?.[1] ?? "";
    const chosen = await prometheus.query(filled(expr, "broken\\\\.example\\\\.com"));
    expect(chosen).toEqual([{ labels: { instance: "broken.example.com" }, value: 3 }]);
  });

  test("the age of bytes is that of the oldest slice", async () => {
    const expr = queries.find(([name]) => name.startsWith("Bytes"))?.[1] ?? "";
    const [age] = await prometheus.query(filled(expr));
    expect(age?.value).toBeGreaterThanOrEqual(7_000);
    expect(age?.value).toBeLessThan(7_200);
  });
});

function exposition(): string {
  const samples = new Map<string, Sample[]>();
  for (const [instance, { facts }] of Object.entries(registries)) {
    samples.set(
      instance,
      facts.map(([metric, value]) => ({ metric, labels: {}, value })),
    );
  }
  const broken = { image: "broken.example.com/app:1", repository: "app", tag: "1", kind: "layer_missing" };
  samples
    .get("broken.example.com")
    ?.push(
      { metric: "broken_reference", labels: { ...broken, digest: "sha256:00" }, value: 1 },
      { metric: "undetermined", labels: { reason: "timeout" }, value: 2 },
      { metric: "bytes_verified_timestamp", labels: { slice: "1/2" }, value: NOW },
      { metric: "bytes_verified_timestamp", labels: { slice: "2/2" }, value: NOW - 7_000 },
    );
  // One text of several registries: each metric's HELP and TYPE stand once.
  const lines = [...samples].flatMap(([instance, own]) => formatSamples(own, instance).split("\n"));
  return `${lines.filter((line) => line !== "" && !line.startsWith("#")).join("\n")}\n`;
}

describe("IntegrityDashboard", () => {
  let folder = "";
  let app: App;
  let stack: TerraformStack;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-dashboard-"));
    writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
    app = new App({ outdir: join(folder, "out") });
    stack = new TerraformStack(app, "stack");
    new KubernetesProvider(stack, "kubernetes", {});
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function make(more: Partial<IntegrityDashboardProps> = {}): IntegrityDashboard {
    const made = new RegistryIntegrityProbe(stack, "probe", {
      namespace: "monitoring",
      registries: [Registry.at("registry.example.com:5050")],
      run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
      programFile: join(folder, "tallyman.mjs"),
    });
    return new IntegrityDashboard(stack, "dashboard", { probe: made, runbookBaseUrl: BASE_URL, ...more });
  }

  /** The ConfigMap's metadata, its one key and the text as Terraform reads it; and the artifact. */
  function synth(file = "monitoring/dashboard.json") {
    app.synth();
    const tree = JSON.parse(readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8"));
    const maps: unknown[] = Object.values(tree.resource.kubernetes_config_map_v1);
    const { metadata, data } = Object(maps.find((map) => JSON.stringify(map).includes("schemaVersion")));
    const [[key = "", text = ""] = []] = Object.entries<string>(data);
    const artifact = readFileSync(join(folder, "out/artifacts", file), "utf8");
    return { metadata, key, text, artifact };
  }

  test("is a ConfigMap that the sidecar finds, and the same JSON as a file", () => {
    make();
    const { metadata, key, text, artifact } = synth();
    expect(metadata).toMatchObject({
      name: "registry-integrity-probe-dashboard",
      namespace: "monitoring",
      labels: { grafana_dashboard: "1", "app.kubernetes.io/component": "dashboard" },
    });
    expect(metadata).not.toHaveProperty("annotations");
    expect(key).toBe("registry-integrity-probe-dashboard.json");
    expect(text.replace(/\$\$\{/g, "")).not.toContain("$" + "{");
    expect(text.replace(/\$\$\{/g, "$" + "{")).toBe(artifact);
    expect(JSON.parse(artifact)).toMatchObject({ uid: "registry-integrity-probe-dashboard" });
  });

  test("the options reach what they are for", () => {
    const base = new TerraformVariable(stack, "docs", { type: "string" }).stringValue;
    const { file, configMap } = make({
      namespace: "grafana",
      name: "own",
      title: "Own",
      uid: "own_1",
      sidecarLabel: { dashboards: "yes" },
      folder: "Registry",
      labels: { team: "infra" },
      file: "elsewhere/own.json",
      runbookBaseUrl: base,
    });
    const { metadata, key, text, artifact } = synth("elsewhere/own.json");
    expect(metadata).toMatchObject({
      name: "own",
      namespace: "grafana",
      labels: { dashboards: "yes", team: "infra" },
      annotations: { grafana_folder: "Registry" },
    });
    expect(metadata.labels).not.toHaveProperty("grafana_dashboard");
    expect(key).toBe("own_1.json");
    expect(JSON.parse(artifact)).toMatchObject({ title: "Own", uid: "own_1" });
    expect(text).toContain(`"url": "$${"{var.docs}"}/docs/runbooks/`);
    expect([file.path, configMap.metadata.nameInput]).toEqual(["elsewhere/own.json", "own"]);
  });

  test("all that is wrong is thrown at once", () => {
    const labels = { "app.kubernetes.io/name": "x" };
    expect(() => make({ namespace: "A", name: "B", uid: "a b", labels })).toThrow(
      /^namespace must .*\nname must .*\nuid must be 1 to 40 plain characters.*\nlabels\["app/,
    );
  });
});
