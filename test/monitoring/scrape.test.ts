import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Duration } from "../../lib/core/duration";
import { checkScrape } from "../../lib/monitoring/scrape/check-scrape";
import { RegistryScrape, type RegistryScrapeProps } from "../../lib/monitoring/scrape/registry-scrape";
import { renderScrapeFile, scrapeChartValues } from "../../lib/monitoring/scrape/render-scrape-file";
import { type ScrapeOptions, ScrapeTarget } from "../../lib/monitoring/scrape/scrape-target";
import { parseYaml, renderYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";
import { PrometheusServer } from "../support/prometheus-server";
import { Pushgateway } from "../support/pushgateway";
import { rawHttp } from "../support/raw-http";
import { recordMissingTool } from "../support/require-terraform";
import { findTool } from "../support/require-tool";

const inside = ScrapeTarget.service({
  matchLabels: { app: "registry", "app.kubernetes.io/name": "x.y" },
  port: "debug",
  namespace: "registries",
});
const outside = ScrapeTarget.external({ addresses: ["192.0.2.10"], port: 5001 });
const options: ScrapeOptions = {
  namespace: "monitoring",
  labels: { release: "prometheus" },
  registries: { private: inside, dockerhub: outside },
  pushgateway: ScrapeTarget.service({
    matchLabels: { "app.kubernetes.io/name": "prometheus-pushgateway" },
    port: "http",
  }),
};

let folder = "";
let app: App;
let stack: TerraformStack;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-scrape-"));
  app = new App({ outdir: join(folder, "out") });
  stack = new TerraformStack(app, "stack");
  new KubernetesProvider(stack, "kubernetes", {});
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function synth(): Record<string, unknown> {
  app.synth();
  return asObject(asObject(JSON.parse(read("stacks/stack/cdk.tf.json"))).resource ?? {});
}

function read(path: string): string {
  return readFileSync(join(folder, "out", path), "utf8");
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

/** The bodies of all `kubernetes_manifest`, by their kind and name; a hand edit of any of them is put back. */
function manifests(resources: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.values(asObject(resources.kubernetes_manifest ?? {})).map((one) => {
      const { manifest, field_manager } = asObject(one);
      expect(field_manager).toEqual({ force_conflicts: true });
      const { kind, metadata } = asObject(manifest);
      return [`${String(kind)} ${String(asObject(metadata).name)}`, manifest];
    }),
  );
}

function make(more: Partial<RegistryScrapeProps> = {}): RegistryScrape {
  return new RegistryScrape(stack, "scrape", { ...options, ...more });
}

describe("with an operator", () => {
  test("a Service of the cluster has a ServiceMonitor whose series carry job and registry", () => {
    make({ interval: Duration.seconds(30) });
    expect(manifests(synth())["ServiceMonitor registry-scrape-private"]).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      metadata: { namespace: "monitoring", labels: { release: "prometheus" } },
      spec: {
        namespaceSelector: { matchNames: ["registries"] },
        selector: { matchLabels: { app: "registry", "app.kubernetes.io/name": "x.y" } },
        endpoints: [
          {
            port: "debug",
            path: "/metrics",
            scheme: "http",
            interval: "30s",
            honorLabels: false,
            relabelings: [
              { action: "replace", targetLabel: "job", replacement: "registry" },
              { action: "replace", targetLabel: "registry", replacement: "private" },
            ],
          },
        ],
      },
    });
  });

  test("the Pushgateway keeps what was pushed, and has no label of a registry", () => {
    make();
    expect(manifests(synth())["ServiceMonitor registry-scrape-pushgateway"]).toMatchObject({
      spec: {
        namespaceSelector: { matchNames: ["monitoring"] },
        endpoints: [
          {
            honorLabels: true,
            relabelings: [{ action: "replace", targetLabel: "job", replacement: "pushgateway" }],
          },
        ],
      },
    });
  });

  test("hosts outside have a ScrapeConfig by default, of that kind's own spelling", () => {
    const target = ScrapeTarget.external({
      addresses: ["registry.example.com", "2001:db8::1"],
      port: 5443,
      scheme: "https",
      path: "/own",
      serverName: "registry.example.com",
    });
    make({ registries: { outside: target }, annotations: { note: "100%{" } });
    expect(manifests(synth())["ScrapeConfig registry-scrape-outside"]).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1alpha1",
      metadata: { labels: { release: "prometheus" }, annotations: { note: "100%%{" } },
      spec: {
        jobName: "registry",
        scheme: "HTTPS",
        metricsPath: "/own",
        honorLabels: false,
        tlsConfig: { serverName: "registry.example.com" },
        staticConfigs: [
          { targets: ["registry.example.com:5443", "[2001:db8::1]:5443"], labels: { registry: "outside" } },
        ],
      },
    });
  });

  test("via endpointSlice: a headless Service without selector, its slice, and a monitor that finds it", () => {
    const target = ScrapeTarget.external({ addresses: ["192.0.2.10"], port: 5001, via: "endpointSlice" });
    make({ registries: { outside: target } });
    const resources = synth();
    const [service] = Object.values(asObject(resources.kubernetes_service_v1)).map(asObject);
    const [slice] = Object.values(asObject(resources.kubernetes_endpoint_slice_v1)).map(asObject);
    const monitor = asObject(manifests(resources)["ServiceMonitor registry-scrape-outside"]);
    expect(service?.spec).toEqual({
      cluster_ip: "None",
      port: [{ name: "metrics", port: 5001, protocol: "TCP", target_port: "5001" }],
    });
    expect(slice).toMatchObject({
      address_type: "IPv4",
      endpoint: [{ addresses: ["192.0.2.10"], condition: { ready: true } }],
      port: [{ name: "metrics", port: "5001", app_protocol: "http", protocol: "TCP" }],
      metadata: {
        name: "registry-scrape-outside",
        namespace: "monitoring",
        labels: { "kubernetes.io/service-name": "registry-scrape-outside" },
      },
      depends_on: ["kubernetes_service_v1.scrape_registry-outside_service_D70B5EC7"],
    });
    const { selector, endpoints } = asObject(monitor.spec);
    const labels = asObject(asObject(service?.metadata).labels);
    expect(labels).toMatchObject(asObject(asObject(selector).matchLabels));
    expect(endpoints).toMatchObject([{ port: "metrics" }]);
    expect(asObject(service?.metadata).name).toBe(
      asObject(asObject(slice?.metadata).labels)["kubernetes.io/service-name"],
    );
  });

  test("an IPv6 host has a slice of its family; every object is a public field", () => {
    const target = ScrapeTarget.external({ addresses: ["2001:db8::1"], port: 5001, via: "endpointSlice" });
    const scrape = make({ registries: { outside: target } });
    const { monitor, service, endpointSlice } = scrape.registries.outside ?? {};
    expect([monitor, service, endpointSlice, scrape.pushgateway?.monitor].every(Boolean)).toBe(true);
    expect(endpointSlice?.addressTypeInput).toBe("IPv6");
  });

  test("the namespace may be a token, and another name moves no address", () => {
    const namespace = new TerraformVariable(stack, "namespace", { type: "string" }).stringValue;
    make({ namespace, name: "own" });
    const resources = synth();
    expect(
      Object.keys(asObject(resources.kubernetes_manifest)).map((id) => id.replace(/_[0-9A-F]{8}$/, "")),
    ).toEqual([
      "scrape_pushgateway_service-monitor",
      "scrape_registry-dockerhub_scrape-config",
      "scrape_registry-private_service-monitor",
    ]);
    expect(JSON.stringify(resources)).toContain(`"$${"{var.namespace}"}"`);
    expect(read("artifacts/monitoring/scrape-config.yml")).not.toContain("TfToken");
  });
});

describe("without an operator", () => {
  test("nothing is made in the cluster, and the artifact is there", () => {
    const scrape = make({ via: "file", scrapeConfigFile: "elsewhere/scrape.yml" });
    expect(synth()).toEqual({});
    expect(scrape.registries).toEqual({});
    expect(scrape.pushgateway).toBeUndefined();
    expect(read("artifacts/elsewhere/scrape.yml")).toBe(renderScrapeFile(options));
  });

  const https = ScrapeTarget.external({
    addresses: ["a.example"],
    port: 443,
    scheme: "https",
    serverName: "b.example",
  });
  const minutes = { interval: Duration.minutes(2) };

  test("promtool takes the file as a configuration of its own", () => {
    const registries = { b: outside, c: https };
    const text = renderScrapeFile({ namespace: "monitoring", ...minutes, registries, pushgateway: outside });
    const check = (content: string) => promtool(["check", "config", "p.yml"], { "p.yml": content });
    expect(check(text).output).toContain("SUCCESS: p.yml is valid");
    expect(check(text).ok).toBe(true);
    expect(check(text.replace("scrape_interval: 2m", "scrape_interval: 2 minutes")).ok).toBe(false);
  });

  test("promtool 3 takes Services of the cluster too, which Debian's build does not know", () => {
    const title = "the Kubernetes service discovery of scrape-config.yml";
    const binary = findTool("promtool-3");
    if (binary === null) return recordMissingTool("promtool-3", title);
    const check = (content: string) => promtool(["check", "config", "p.yml"], { "p.yml": content }, binary);
    const text = renderScrapeFile({ ...options, ...minutes });
    expect(check(text).output).toContain("SUCCESS: p.yml is valid");
    expect(check(text.replace("role: endpointslice", "role: none")).ok).toBe(false);
  });

  test("of a Service's endpoints those of its port and its labels alone are kept", () => {
    const { scrape_configs: jobs } = asObject(parseYaml(renderScrapeFile(options)));
    expect(jobs).toMatchObject([
      {
        kubernetes_sd_configs: [{ role: "endpointslice", namespaces: { names: ["registries"] } }],
        relabel_configs: [
          { source_labels: ["__meta_kubernetes_service_label_app"], regex: "registry", action: "keep" },
          {
            source_labels: ["__meta_kubernetes_service_label_app_kubernetes_io_name"],
            regex: "x\\.y",
            action: "keep",
          },
          {
            source_labels: ["__meta_kubernetes_endpointslice_port_name"],
            regex: "debug",
            action: "keep",
          },
          { target_label: "job", replacement: "registry" },
          { target_label: "registry", replacement: "private" },
        ],
      },
      {},
      {},
    ]);
  });

  test("in the prometheus chart's values the file is carried and named by one path", () => {
    const values = scrapeChartValues(options);
    const [path = ""] = values.scrapeConfigFiles ?? [];
    const key = path.replace("/etc/config/", "");
    expect(values.serverFiles?.[key]).toEqual(parseYaml(renderScrapeFile(options)));
    // What the rules and the groups of an estate's own are stored under.
    expect(["alerts", "alerting_rules.yml", "rules", "recording_rules.yml", "prometheus.yml"]).not.toContain(
      key,
    );
  });
});

describe("a real Prometheus, on that file", () => {
  let metrics: Server;
  let gateway: Pushgateway;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    metrics = createServer((_, response) => response.end("registry_http_requests_total 7\n"));
    metrics.listen(0, "127.0.0.1");
    await once(metrics, "listening");
    gateway = await Pushgateway.start();
    const body = Buffer.from("pushed 5\n");
    await rawHttp(`${gateway.url}/metrics/job/tallyman/instance/r.example`, { method: "PUT", body });
    const address = metrics.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const local = (at: number) => ScrapeTarget.external({ addresses: ["127.0.0.1"], port: at });
    const file = renderScrapeFile({
      namespace: "monitoring",
      interval: Duration.seconds(1),
      registries: { private: local(port), dockerhub: local(port), gone: local(1) },
      pushgateway: local(Number(new URL(gateway.url).port)),
    });
    prometheus = await PrometheusServer.start(`${renderYaml({ global: { scrape_timeout: "1s" } })}${file}`);
  }, 30_000);

  afterAll(async () => {
    await prometheus.stop();
    await gateway.stop();
    metrics.closeAllConnections();
    metrics.close();
  });

  test("up tells of every registry service by its name, and of the Pushgateway", async () => {
    await prometheus.queryUntilThere('up{job="pushgateway"} == 1');
    await prometheus.queryUntilThere('count(up{job="registry"}) == 3');
    const up = await prometheus.query('up{job="registry"}');
    expect(up.map(({ labels, value }) => `${labels.registry} ${value}`).sort()).toEqual([
      "dockerhub 1",
      "gone 0",
      "private 1",
    ]);
  });

  test("the pushed job and instance stay what the probe pushed", async () => {
    const [pushed] = await prometheus.queryUntilThere("pushed");
    expect(pushed).toEqual({
      labels: { __name__: "pushed", job: "tallyman", instance: "r.example" },
      value: 5,
    });
  });
});

test("all that is wrong is said of each field", () => {
  const target = { matchLabels: {}, port: "A", namespace: "TOKEN", path: "metrics" };
  const external = { addresses: ["A_", "192.0.2.1"], port: 0, serverName: "B_" };
  const slices = { addresses: ["a.example", "2001:db8::1"], port: 1, via: "endpointSlice" } as const;
  const wrong: ScrapeOptions = {
    namespace: "A",
    name: "B",
    registries: {
      "A B": inside,
      a: ScrapeTarget.service(target),
      b: ScrapeTarget.external(external),
      c: ScrapeTarget.external(slices),
      pushgateway: outside,
    },
    pushgateway: ScrapeTarget.external({ addresses: [], port: 1 }),
    labels: { "app.kubernetes.io/name": "x" },
  };
  const problems = checkScrape(wrong, (text) => text.includes("TOKEN"));
  expect(problems.map(({ path }) => path)).toEqual([
    "namespace",
    "name",
    'registries["A B"]',
    'registries["a"].path',
    'registries["a"].matchLabels',
    'registries["a"].port',
    'registries["a"].namespace',
    'registries["b"].port',
    'registries["b"].addresses[0]',
    'registries["b"].serverName',
    'registries["c"].addresses[0]',
    'registries["c"].addresses',
    "pushgateway.addresses",
    "registries",
    'labels["app.kubernetes.io/name"]',
  ]);
  expect(checkScrape(options, () => false)).toEqual([]);
  expect(checkScrape({ namespace: "a" }, () => false).map(({ rule }) => rule)).toEqual([
    "name at least one target",
  ]);
});
