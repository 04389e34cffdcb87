import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { parseCommandLine } from "../../lib/cli/arguments";
import { SERVE_COMMAND } from "../../lib/cli/option-table";
import { readServeOptions } from "../../lib/cli/serve-command";
import { Duration } from "../../lib/core/duration";
import {
  AlertSink,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
  type RegistryOptions,
} from "../../lib/index";
import { checkProbe } from "../../lib/monitoring/checks";
import { DEPLOYMENT_PATHS, serveArguments } from "../../lib/monitoring/exporter/render-exporter";
import type { ExporterRunOptions } from "../../lib/monitoring/probe-run";
import { type ProbeOptions, resolveProbe } from "../../lib/monitoring/probe-spec";
import { renderCronJob } from "../../lib/monitoring/render-cron-job";
import { egressRules, renderNetworkPolicy } from "../../lib/monitoring/render-network-policy";

const SELECTOR = {
  "app.kubernetes.io/name": "registry-integrity-probe",
  "app.kubernetes.io/instance": "registry-integrity-probe",
};

const optionsOf = (
  run: ExporterRunOptions = {},
  registries = [Registry.at("registry.example.com:5050")],
): ProbeOptions => ({ namespace: "monitoring", registries, run: ProbeRun.exporter(run) });

function wordsOf(options: RegistryOptions, run: ExporterRunOptions = {}): readonly string[] {
  const registry = Registry.at("registry.example.com:5050", options);
  return serveArguments(resolveProbe(optionsOf(run, [registry])), registry, 9099);
}

describe("the program's arguments", () => {
  test("all that a run needs, by default", () => {
    expect(wordsOf({}).join(" ")).toBe(
      "serve registry.example.com:5050 --listen :9099 --start-jitter 0s --deadline 5m --interval 15m" +
        " --instance registry.example.com:5050",
    );
  });

  test("the program takes everything that can be given, and means the same by it", () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-exporter-"));
    const words = wordsOf(
      {
        address: "192.0.2.10:5050",
        private: true,
        instance: "main",
        repositories: ["a", "b/c"],
        tokenHosts: ["auth.example.com"],
        newest: 3,
        accept: [{ repository: "a", tag: "old", until: "2999-01-01", reason: "known" }],
        ca: "pem",
      },
      {
        interval: Duration.minutes(30),
        deadline: Duration.minutes(20),
        startJitter: Duration.seconds(90),
        timeout: Duration.seconds(5),
        concurrency: 8,
        rate: 0,
        blobs: "head",
        verifyBytes: "auto/7",
      },
    );
    // The files stand elsewhere in a pod.
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const here = words
      .map((word) => (word.startsWith("/etc/tallyman/accept/") ? file("accept.json", '{"accept":[]}') : word))
      .map((word) => (word.startsWith("/etc/tallyman/ca/") ? file("ca.pem", "pem") : word));
    expect(here).not.toEqual(words);
    const { listen, interval, startJitter, registries } = readServeOptions(
      parseCommandLine(SERVE_COMMAND, here.slice(1)),
      0,
    );
    expect({ listen, interval: `${interval}`, startJitter: `${startJitter}` }).toEqual({
      listen: { host: null, port: 9099 },
      interval: "30m",
      startJitter: "90s",
    });
    expect(registries[0]?.optionsAt(0)).toMatchObject({
      instance: "main",
      repositories: ["a", "b/c"],
      newest: 3,
      isPrivate: true,
      proof: { blobs: "head", slice: { k: 1, n: 7 } },
      connection: { concurrency: 8, rate: 0, tokenHosts: ["auth.example.com"] },
    });
    rmSync(folder, { recursive: true });
  });
});

test("a network policy lets Prometheus in to the metrics, and nobody to a CronJob", () => {
  const exporter = resolveProbe(
    optionsOf(
      { port: 9200 },
      ["a.example", "b.example"].map((host) => Registry.at(host)),
    ),
  );
  expect(renderNetworkPolicy(exporter).spec).toMatchObject({
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        ports: [
          { port: "9200", protocol: "TCP" },
          { port: "9201", protocol: "TCP" },
        ],
      },
    ],
  });
  expect(egressRules(exporter).map(({ port }) => port)).toEqual([53, 53, 443]);
  const run = ProbeRun.cronJob({ pushgateway: "http://gateway:9091" });
  expect(renderNetworkPolicy(resolveProbe({ ...optionsOf(), run })).spec).not.toHaveProperty("ingress");
});

test("an exporter has no CronJob to be rendered", () => {
  expect(() => renderCronJob(resolveProbe(optionsOf()), "hash")).toThrow("an exporter has no CronJob");
});

describe("checks", () => {
  const problemsOf = (options: ProbeOptions): string[] =>
    checkProbe(options, (text) => text.includes("TfToken")).map(({ path, rule }) => `${path} must ${rule}`);

  test.each<[ExporterRunOptions, string]>([
    [{ interval: Duration.seconds(59) }, "run.interval must be whole seconds, from 1m to 24d"],
    [{ interval: Duration.days(25) }, "run.interval must be whole seconds, from 1m to 24d"],
    [{ interval: Duration.milliseconds(60_500) }, "run.interval must be whole seconds, from 1m to 24d"],
    [{ deadline: Duration.minutes(14) }, "run.deadline must with the start jitter of 0s end within 810s"],
    [{ deadline: Duration.seconds(0) }, "run.deadline must be longer than zero"],
    [{ startJitter: Duration.milliseconds(1) }, "run.startJitter must be whole seconds"],
    [{ port: 80 }, "run.port must be a port from 1024 to 65534, with one for each registry"],
    [{ port: 65_535 }, "run.port must be a port from 1024 to 65534, with one for each registry"],
    [{ concurrency: 0 }, "run.concurrency must be a whole number"],
    [{ rate: -1 }, "run.rate must be a number of requests a second"],
    [{ verifyBytes: "some" }, "run.verifyBytes must be all, k/n or auto/n"],
    [
      { serviceMonitor: { labels: { "a b": "c" } } },
      'run.serviceMonitor.labels["a b"] must have a valid key',
    ],
    [
      { serviceMonitor: { labels: { "app.kubernetes.io/name": "x" } } },
      'run.serviceMonitor.labels["app.kubernetes.io/name"] must be left to the construct',
    ],
  ])("%j", (run, message) => {
    const registries = ["a.example", "b.example"].map((host) => Registry.at(host));
    expect(problemsOf(optionsOf(run, registries))).toEqual([expect.stringContaining(message)]);
  });

  test.each(["1probe", "a.b", "Probe", "a-", "a".repeat(64)])(
    "the name %s, which no Service can have",
    (name) => {
      expect(problemsOf({ ...optionsOf(), name })).toEqual([
        expect.stringContaining("name must be an RFC 1035"),
      ]);
    },
  );

  test.each<ExporterRunOptions>([
    {},
    { interval: Duration.minutes(1) },
    { interval: Duration.days(24), deadline: Duration.hours(1) },
    { deadline: Duration.seconds(810), port: 65_534, serviceMonitor: false },
    { serviceMonitor: { labels: { release: "prometheus" } } },
  ])("%j is sound", (run) => {
    const registries = ["a.example", "b.example"].map((host) => Registry.at(host));
    expect(problemsOf({ ...optionsOf(run, registries), name: "a".repeat(63) })).toEqual([]);
  });
});

describe("RegistryIntegrityProbe", () => {
  let folder = "";
  let app: App;
  let stack: TerraformStack;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-exporter-"));
    writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
    app = new App({ outdir: join(folder, "out") });
    stack = new TerraformStack(app, "stack");
    new KubernetesProvider(stack, "kubernetes", {});
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const propsOf = (run: ExporterRunOptions = {}, hosts = ["registry.example.com:5050"]) => ({
    namespace: "monitoring",
    registries: hosts.map((host) => Registry.at(host)),
    run: ProbeRun.exporter(run),
    programFile: join(folder, "tallyman.mjs"),
  });

  function synth(): Record<string, Record<string, Record<string, unknown>>> {
    app.synth();
    return JSON.parse(readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8")).resource;
  }

  const only = (tree: ReturnType<typeof synth>, type: string): unknown => {
    const all = Object.values(tree[type] ?? {});
    expect(all).toHaveLength(1);
    return all[0];
  };

  test("is a Deployment, a Service, a ServiceMonitor, and what a CronJob has too", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const tree = synth();
    expect(Object.keys(tree).sort()).toEqual([
      "kubernetes_config_map_v1",
      "kubernetes_deployment_v1",
      "kubernetes_manifest",
      "kubernetes_network_policy_v1",
      "kubernetes_service_account_v1",
      "kubernetes_service_v1",
    ]);
    // The types say so too: no `!` is needed for the one, and the other cannot be used.
    expect(probe.exporter.deployment.metadata.nameInput).toBe("registry-integrity-probe");
    const none: undefined = probe.cronJob;
    expect(none).toBeUndefined();
    expect(probe.exporter.serviceMonitor).toBeDefined();
    expect(Object.keys(tree.kubernetes_deployment_v1 ?? {})).toEqual([
      expect.stringMatching(/^probe_deployment_/),
    ]);
  });

  test("the Deployment: one restricted pod, replaced and not doubled, alive and ready by their own words", () => {
    new RegistryIntegrityProbe(stack, "probe", propsOf());
    const deployment = only(synth(), "kubernetes_deployment_v1");
    expect(deployment).toMatchObject({
      wait_for_rollout: false,
      spec: {
        replicas: "1",
        strategy: { type: "Recreate" },
        progress_deadline_seconds: 900,
        selector: { match_labels: SELECTOR },
        template: {
          metadata: {
            labels: SELECTOR,
            annotations: { "checksum/program": expect.stringMatching(/^[0-9a-f]{64}$/) },
          },
          spec: {
            restart_policy: "Always",
            automount_service_account_token: false,
            service_account_name: "registry-integrity-probe",
            security_context: { run_as_non_root: true, seccomp_profile: { type: "RuntimeDefault" } },
            volume: [{ name: "program" }],
            container: [
              {
                name: "registry-example-com-5050",
                command: [
                  "node",
                  "--max-semi-space-size=1",
                  "--max-old-space-size=48",
                  "--single-threaded",
                  "/opt/tallyman/tallyman.mjs",
                ],
                resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "96Mi" } },
                port: [{ container_port: 9099, protocol: "TCP" }],
                liveness_probe: { http_get: { path: "/healthz", port: "9099" }, failure_threshold: 6 },
                readiness_probe: { http_get: { path: "/readyz", port: "9099" } },
                security_context: {
                  allow_privilege_escalation: false,
                  privileged: false,
                  read_only_root_filesystem: true,
                  run_as_non_root: true,
                },
              },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(deployment)).not.toContain("--push");
  });

  test("two registries: a container, a port and an endpoint each, by their keys", () => {
    new RegistryIntegrityProbe(stack, "probe", propsOf({ port: 9200 }, ["a.example", "b.example"]));
    const tree = synth();
    expect(only(tree, "kubernetes_service_v1")).toMatchObject({
      metadata: { name: "registry-integrity-probe" },
      spec: {
        selector: SELECTOR,
        publish_not_ready_addresses: true,
        port: [
          { name: "a-example", port: 9200, target_port: "9200" },
          { name: "b-example", port: 9201, target_port: "9201" },
        ],
      },
    });
    expect(only(tree, "kubernetes_manifest")).toMatchObject({
      manifest: {
        spec: {
          endpoints: [
            { port: "a-example", path: "/metrics", honorLabels: true },
            { port: "b-example", path: "/metrics", honorLabels: true },
          ],
        },
      },
    });
    const text = JSON.stringify(only(tree, "kubernetes_deployment_v1"));
    for (const port of [":9200", ":9201"]) expect(text).toContain(`"--listen","${port}"`);
  });

  test("the ServiceMonitor: found by its labels, for the Service of this namespace", () => {
    const namespace = new TerraformVariable(stack, "namespace", { type: "string" }).stringValue;
    const serviceMonitor = { labels: { release: "prometheus" } };
    const props = { ...propsOf({ serviceMonitor }), namespace, annotations: { note: "100%{" } };
    new RegistryIntegrityProbe(stack, "probe", props);
    const expected = `$${"{var.namespace}"}`;
    expect(only(synth(), "kubernetes_manifest")).toMatchObject({
      field_manager: { force_conflicts: true },
      manifest: {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: {
          name: "registry-integrity-probe",
          namespace: expected,
          labels: { release: "prometheus", "app.kubernetes.io/part-of": "tallyman" },
          annotations: { note: "100%%{" },
        },
        spec: { selector: { matchLabels: SELECTOR }, namespaceSelector: { matchNames: [expected] } },
      },
    });
  });

  test("without the operator there is no ServiceMonitor, and without a policy no NetworkPolicy", () => {
    const props = { ...propsOf({ serviceMonitor: false }), networkPolicy: false };
    const probe = new RegistryIntegrityProbe(stack, "probe", props);
    expect(probe.exporter.serviceMonitor).toBeUndefined();
    const types = Object.keys(synth());
    expect(types).not.toContain("kubernetes_manifest");
    expect(types).not.toContain("kubernetes_network_policy_v1");
  });

  test("the pod's options reach the Deployment", () => {
    const pod = {
      nodeSelector: { zone: "a" },
      priorityClassName: "low",
      resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerm: [] } },
      },
      ignoreChanges: [DEPLOYMENT_PATHS.dnsConfig],
    };
    new RegistryIntegrityProbe(stack, "probe", { ...propsOf(), pod });
    const deployment = only(synth(), "kubernetes_deployment_v1");
    expect(deployment).toMatchObject({
      lifecycle: { ignore_changes: ["spec[0].template[0].spec[0].dns_config"] },
      spec: {
        template: {
          spec: {
            node_selector: { zone: "a" },
            priority_class_name: "low",
            affinity: { node_affinity: {} },
            container: [{ resources: { limits: { memory: "1Gi" } } }],
          },
        },
      },
    });
  });

  test("the alerts' thresholds follow from its interval", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf({ interval: Duration.minutes(10) }));
    const alerts = new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: "https://git.example.com/infra/blob/main",
      maxTimeToPage: Duration.minutes(40),
      sink: AlertSink.ruleFile(),
    });
    const parts = Object.fromEntries(alerts.timeToPage.parts.map(({ name, seconds }) => [name, seconds]));
    expect(parts).toMatchObject({ interval: 600, startJitter: 0, deadline: 200, for: 660 });
  });

  test.each(["exporter", "cronJob"] as const)(
    "a registry that an exporter and a %s prove is refused",
    (other) => {
      new RegistryIntegrityProbe<ProbeRun>(stack, "one", propsOf());
      const run =
        other === "exporter" ? ProbeRun.exporter() : ProbeRun.cronJob({ pushgateway: "http://gateway:9091" });
      new RegistryIntegrityProbe<ProbeRun>(stack, "two", { ...propsOf(), run, name: "two" });
      expect(() => app.synth()).toThrow(/registries\[0\]\.instance must be proven by one probe/);
    },
  );
});
