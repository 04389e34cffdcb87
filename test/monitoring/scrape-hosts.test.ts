import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack } from "cdktf";
import { Duration } from "../../lib/core/duration";
import { HOST_METRICS } from "../../lib/integrity/contract";
import { checkScrape } from "../../lib/monitoring/scrape/check-scrape";
import { RegistryScrape } from "../../lib/monitoring/scrape/registry-scrape";
import { renderScrapeFile, scrapeChartValues } from "../../lib/monitoring/scrape/render-scrape-file";
import { type ScrapeOptions, ScrapeTarget } from "../../lib/monitoring/scrape/scrape-target";
import { parseYaml, renderYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";
import { PrometheusServer } from "../support/prometheus-server";

const outside = ScrapeTarget.external({ addresses: ["192.0.2.10"], port: 9100 });
const inside = ScrapeTarget.service({ matchLabels: { app: "node-exporter" }, port: "metrics" });
const options: ScrapeOptions = { namespace: "monitoring", hosts: { vm: outside } };
const isToken = (): boolean => false;

/** What an operator's endpoint or ScrapeConfig has of a host, in either kind. */
const keeping = {
  honorLabels: true,
  metricRelabelings: [{ action: "keep", sourceLabels: ["__name__"], regex: "registry_.*" }],
};

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

describe("with an operator", () => {
  let folder = "";
  let stack: TerraformStack;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-scrape-hosts-"));
    stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "stack");
    new KubernetesProvider(stack, "kubernetes", {});
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function synth(): Record<string, unknown> {
    App.of(stack).synth();
    const text = readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8");
    return asObject(asObject(JSON.parse(text)).resource ?? {});
  }

  /** The manifests by their addresses, without the hash. */
  function manifests(resources: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(asObject(resources.kubernetes_manifest)).map(([id, one]) => [
        id.replace(/_[0-9A-F]{8}$/, ""),
        asObject(one).manifest,
      ]),
    );
  }

  test("a host outside has a ScrapeConfig of a job of its own, and its objects are a public field", () => {
    const scrape = new RegistryScrape(stack, "scrape", options);
    expect(scrape.hosts.vm?.monitor.node.path).toBe("stack/scrape/host-vm/scrape-config");
    expect(manifests(synth())).toEqual({
      "scrape_host-vm_scrape-config": expect.objectContaining({
        kind: "ScrapeConfig",
        metadata: expect.objectContaining({ name: "registry-scrape-host-vm", namespace: "monitoring" }),
        spec: {
          jobName: "registry-host",
          metricsPath: "/metrics",
          scheme: "HTTP",
          ...keeping,
          staticConfigs: [{ targets: ["192.0.2.10:9100"] }],
        },
      }),
    });
  });

  test("a Service of the cluster and an endpoint slice have monitors that keep the same", () => {
    const slice = ScrapeTarget.external({ addresses: ["192.0.2.10"], port: 9100, via: "endpointSlice" });
    const scrape = new RegistryScrape(stack, "scrape", { ...options, hosts: { inside, slice } });
    expect(Object.keys(scrape.hosts.slice ?? {}).sort()).toEqual(["endpointSlice", "monitor", "service"]);
    const resources = synth();
    const made = manifests(resources);
    const endpoint = (port: string) => ({
      spec: {
        endpoints: [
          {
            port,
            ...keeping,
            relabelings: [{ action: "replace", targetLabel: "job", replacement: "registry-host" }],
          },
        ],
      },
    });
    expect(made["scrape_host-inside_service-monitor"]).toMatchObject(endpoint("metrics"));
    expect(made["scrape_host-slice_service-monitor"]).toMatchObject(endpoint("metrics"));
    expect(Object.values(asObject(resources.kubernetes_endpoint_slice_v1))).toMatchObject([
      { metadata: { name: "registry-scrape-host-slice" }, port: [{ port: "9100" }] },
    ]);
  });

  test("registries and the Pushgateway keep all their series", () => {
    const targets = { registries: { private: outside, inside }, pushgateway: inside };
    new RegistryScrape(stack, "scrape", { namespace: "monitoring", ...targets });
    const text = JSON.stringify(synth());
    expect(text).toContain("honorLabels");
    expect(text).not.toContain("metricRelabelings");
    expect(renderScrapeFile({ namespace: "monitoring", ...targets })).not.toContain("metric_relabel_configs");
  });

  test("via file nothing is made in the cluster", () => {
    const scrape = new RegistryScrape(stack, "scrape", { ...options, via: "file" });
    expect(scrape.hosts).toEqual({});
    expect(synth()).toEqual({});
  });
});

describe("without an operator", () => {
  const job = {
    job_name: "registry-scrape-host-vm",
    honor_labels: true,
    static_configs: [{ targets: ["192.0.2.10:9100"] }],
    relabel_configs: [{ target_label: "job", replacement: "registry-host" }],
    metric_relabel_configs: [{ source_labels: ["__name__"], regex: "registry_.*", action: "keep" }],
  };

  test("the file and the chart's values have the same job, after the registries and before the Pushgateway", () => {
    const all = { ...options, registries: { private: outside }, pushgateway: outside };
    const { scrape_configs: jobs } = asObject(parseYaml(renderScrapeFile(all)));
    expect(jobs).toMatchObject([
      { job_name: "registry-scrape-private" },
      job,
      { job_name: "registry-scrape-pushgateway" },
    ]);
    expect(Object.values(scrapeChartValues(options).serverFiles ?? {})).toMatchObject([
      { scrape_configs: [job] },
    ]);
  });

  test("promtool takes the file", () => {
    const text = renderScrapeFile(options);
    const check = (content: string) => promtool(["check", "config", "p.yml"], { "p.yml": content });
    expect(check(text)).toMatchObject({
      ok: true,
      output: expect.stringContaining("SUCCESS: p.yml is valid"),
    });
    expect(check(text.replace("action: keep", "action: hold")).ok).toBe(false);
  });
});

describe("a real Prometheus, on that file", () => {
  const registry = "registry.example.com:5050";
  let exporter: Server;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const body = [
      ...Object.keys(HOST_METRICS).map((name) => `${name}{instance="${registry}"} 1`),
      "node_load1 0.5",
      'node_textfile_mtime_seconds{file="registry-host.prom"} 1',
      "node_registry_load 1",
      "",
    ].join("\n");
    exporter = createServer((_, response) => response.end(body));
    exporter.listen(0, "127.0.0.1");
    await once(exporter, "listening");
    const address = exporter.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const vm = ScrapeTarget.external({ addresses: ["127.0.0.1"], port });
    const file = renderScrapeFile({ ...options, interval: Duration.seconds(1), hosts: { vm } });
    prometheus = await PrometheusServer.start(`${renderYaml({ global: { scrape_timeout: "1s" } })}${file}`);
    await prometheus.queryUntilThere('up{job="registry-host"} == 1');
  }, 30_000);

  afterAll(async () => {
    await prometheus.stop();
    exporter.closeAllConnections();
    exporter.close();
  });

  test("every metric of a host keeps the instance that the host wrote, by which its alerts select", async () => {
    const series = await prometheus.queryUntilThere('{__name__=~"registry_.*"}');
    expect(series.map(({ labels }) => labels)).toEqual(
      expect.arrayContaining(
        Object.keys(HOST_METRICS).map((name) => ({
          __name__: name,
          instance: registry,
          job: "registry-host",
        })),
      ),
    );
    expect(series).toHaveLength(Object.keys(HOST_METRICS).length);
  });

  test("of the node exporter's own series none is stored", async () => {
    expect(await prometheus.query('{__name__=~"node_.*"}')).toEqual([]);
  });
});

describe("what is wrong", () => {
  const pathsOf = (more: Partial<ScrapeOptions>) =>
    checkScrape({ namespace: "monitoring", ...more }, isToken).map(({ path }) => path);

  test.each<[string, Partial<ScrapeOptions>, readonly string[]]>([
    ["hosts alone are enough", { hosts: { vm: outside, inside } }, []],
    ["a name", { hosts: { "A B": outside } }, ['hosts["A B"]']],
    [
      "a target",
      { hosts: { vm: ScrapeTarget.external({ addresses: ["A_"], port: 0 }) } },
      ['hosts["vm"].port', 'hosts["vm"].addresses[0]'],
    ],
    [
      "a registry of the same object's name",
      { registries: { "host-a": outside }, hosts: { a: outside } },
      ["hosts"],
    ],
  ])("%s", (_, more, expected) => {
    expect(pathsOf(more)).toEqual(expected);
  });
});
