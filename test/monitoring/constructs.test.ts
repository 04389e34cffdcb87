import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Duration } from "../../lib/core/duration";
import { kebabCase } from "../../lib/core/references";
import {
  AlertSink,
  CRON_JOB_PATHS,
  Credentials,
  INTEGRITY_ALERTS,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
  type RegistryIntegrityProbeProps,
} from "../../lib/index";
import { parseAcceptFile } from "../../lib/integrity/accept";
import { readDetectionTimes } from "../../lib/monitoring/detection-times";

const PROGRAM = "console.log('the program');\n";
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const BASE_URL = "https://git.example.com/infra/blob/main";

let folder = "";
let app: App;
let stack: TerraformStack;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-constructs-"));
  writeFileSync(join(folder, "tallyman.mjs"), PROGRAM);
  app = new App({ outdir: join(folder, "out") });
  stack = new TerraformStack(app, "stack");
  new KubernetesProvider(stack, "kubernetes", {});
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function propsOf(overrides: Partial<RegistryIntegrityProbeProps> = {}): RegistryIntegrityProbeProps {
  return {
    namespace: "monitoring",
    registries: [Registry.at("registry.example.com:5050")],
    run: ProbeRun.cronJob({ pushgateway: "http://pushgateway.monitoring:9091" }),
    programFile: join(folder, "tallyman.mjs"),
    ...overrides,
  };
}

/** Writes the app with its validations, and reads the stack's one file back. */
function synth(): Record<string, unknown> {
  app.synth();
  const parsed: unknown = JSON.parse(readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8"));
  return asObject(parsed);
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

/** The value at a path of keys and indexes. */
function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => asObject(inner)[key], value);
}

/** The only resource of a type. */
function only(tree: Record<string, unknown>, type: string): unknown {
  const all = Object.values(asObject(at(tree, `resource.${type}`)));
  expect(all).toHaveLength(1);
  return all[0];
}

function variableText(name: string): string {
  return `\${var.${name}}`;
}

function resourceTypes(tree: Record<string, unknown>): string[] {
  return Object.keys(asObject(tree.resource));
}

const POD = "spec.job_template.spec.template.spec";

describe("RegistryIntegrityProbe", () => {
  test("is a CronJob, its program, a ServiceAccount without token and a NetworkPolicy, without provider of its own", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const tree = synth();
    expect(resourceTypes(tree).sort()).toEqual([
      "kubernetes_config_map_v1",
      "kubernetes_cron_job_v1",
      "kubernetes_network_policy_v1",
      "kubernetes_service_account_v1",
    ]);
    expect(at(only(tree, "kubernetes_service_account_v1"), "automount_service_account_token")).toBe(false);
    const job = only(tree, "kubernetes_cron_job_v1");
    expect(at(job, "spec")).toMatchObject({
      schedule: "*/15 * * * *",
      timezone: "Etc/UTC",
      concurrency_policy: "Forbid",
      starting_deadline_seconds: 450,
    });
    expect(at(job, "spec.job_template.spec")).toMatchObject({
      backoff_limit: 0,
      active_deadline_seconds: 810,
      ttl_seconds_after_finished: "86400",
    });
    expect(at(job, POD)).toMatchObject({
      restart_policy: "Never",
      automount_service_account_token: false,
      service_account_name: "registry-integrity-probe",
    });
    expect(at(job, `${POD}.container.0`)).toMatchObject({
      command: [
        "node",
        "--max-semi-space-size=1",
        "--max-old-space-size=48",
        "--single-threaded",
        "/opt/tallyman/tallyman.mjs",
      ],
      resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "96Mi" } },
      security_context: { run_as_non_root: true, privileged: false, read_only_root_filesystem: true },
    });
    expect([probe.configMap, probe.serviceAccount, probe.cronJob, probe.networkPolicy].every(Boolean)).toBe(
      true,
    );
    expect(probe.caConfigMap).toBeUndefined();
  });

  test("the program travels whole, unseen in plans, and its hash tells that it changed", () => {
    new RegistryIntegrityProbe(stack, "probe", propsOf());
    const tree = synth();
    const map = only(tree, "kubernetes_config_map_v1");
    expect(at(map, "metadata.name")).toBe("registry-integrity-probe-program");
    const data = String(asObject(at(map, "data"))["tallyman.mjs"]);
    const path = /^\$\{sensitive\(file\("([^"]+)"\)\)\}$/.exec(data)?.[1];
    expect(readFileSync(join(folder, "out/stacks/stack", path ?? "nowhere"), "utf8")).toBe(PROGRAM);
    expect(readFileSync(join(folder, "out/artifacts/probe/tallyman.mjs"), "utf8")).toBe(PROGRAM);
    const annotations = at(
      only(tree, "kubernetes_cron_job_v1"),
      "spec.job_template.spec.template.metadata.annotations",
    );
    expect(annotations).toEqual({ "checksum/program": createHash("sha256").update(PROGRAM).digest("hex") });
    const before = JSON.stringify(annotations);
    writeFileSync(join(folder, "tallyman.mjs"), "// another\n");
    const other = new RegistryIntegrityProbe(
      new TerraformStack(new App({ outdir: folder }), "s"),
      "probe",
      propsOf(),
    );
    expect(JSON.stringify(other.cronJob.spec.jobTemplate.spec.template.metadata.annotationsInput)).not.toBe(
      before,
    );
    expect(other.configMap.metadata.nameInput).toBe("registry-integrity-probe-program");
  });

  test("the options reach what they are for", () => {
    new RegistryIntegrityProbe(
      stack,
      "probe",
      propsOf({
        name: "proof",
        image: "mirror.example.com/node:22.1.0",
        networkPolicy: false,
        labels: { team: "infra" },
        annotations: { note: "100%{" },
        registries: [Registry.at("registry.example.com", { ca: CERTIFICATE })],
        pod: {
          nodeSelector: { zone: "a" },
          tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
          priorityClassName: "low",
          imagePullSecrets: ["pull"],
          resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerm: [] } },
          },
          ignoreChanges: [CRON_JOB_PATHS.dnsConfig],
        },
      }),
    );
    const tree = synth();
    expect(resourceTypes(tree)).not.toContain("kubernetes_network_policy_v1");
    const maps = Object.values(asObject(at(tree, "resource.kubernetes_config_map_v1")));
    expect(maps.map((map) => at(map, "metadata.name"))).toEqual(["proof-ca", "proof-program"]);
    expect(at(maps[0], "data")).toEqual({ "registry-example-com.pem": CERTIFICATE });
    const job = only(tree, "kubernetes_cron_job_v1");
    expect(at(job, "lifecycle.ignore_changes")).toEqual([
      "spec[0].job_template[0].spec[0].template[0].spec[0].dns_config",
    ]);
    expect(at(job, "metadata")).toMatchObject({ labels: { team: "infra" }, annotations: { note: "100%%{" } });
    expect(at(job, POD)).toMatchObject({
      node_selector: { zone: "a" },
      toleration: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
      priority_class_name: "low",
      image_pull_secrets: [{ name: "pull" }],
      container: [{ image: "mirror.example.com/node:22.1.0", resources: { limits: { memory: "1Gi" } } }],
    });
    expect(at(job, `${POD}.affinity`)).toHaveProperty("node_affinity");
  });

  test("known damage: one file a registry in a ConfigMap of its own, made before the CronJob", () => {
    const accept = [
      { repository: "team/app", tag: "old", until: "2026-12-31", reason: `100%{ of $${"{nobody}"}` },
    ];
    const sound = Registry.at("b.example", { accept: [] });
    const probe = new RegistryIntegrityProbe(
      stack,
      "probe",
      propsOf({ registries: [Registry.at("a.example:5050", { accept, newest: 3 }), sound] }),
    );
    const tree = synth();
    expect(probe.acceptConfigMap?.metadata.nameInput).toBe("registry-integrity-probe-accept");
    const maps = asObject(at(tree, "resource.kubernetes_config_map_v1"));
    const [[id, map] = ["", {}]] = Object.entries(maps).filter(([name]) => name.startsWith("probe_accept_"));
    const files = asObject(at(map, "data"));
    expect(Object.keys(files)).toEqual(["a-example-5050.json"]);
    const template = String(files["a-example-5050.json"]);
    expect(template).toContain(`100%%{ of $$${"{nobody}"}`);
    // As Terraform reads it.
    const text = template.replace(/([$%])\1\{/g, "$1{");
    expect(parseAcceptFile(text)).toMatchObject(accept);
    const job = only(tree, "kubernetes_cron_job_v1");
    expect(at(job, "depends_on")).toContain(`kubernetes_config_map_v1.${id}`);
    expect(at(job, `${POD}.container.0.args`)).toEqual(
      expect.arrayContaining(["--newest", "3", "--accept-file", "/etc/tallyman/accept/a-example-5050.json"]),
    );
    expect(at(job, `${POD}.container.1.args`)).not.toContain("--accept-file");
  });

  test("without known damage nothing is made for it", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    expect(probe.acceptConfigMap).toBeUndefined();
    expect(JSON.stringify(synth())).not.toContain("accept");
  });

  test("credentials from variables: ephemeral, write-only, shared by name, their values nowhere else", () => {
    const credentials = Credentials.variable({ revision: 3 });
    const registries = ["a.example", "b.example"].map((host) => Registry.at(host, { credentials }));
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf({ registries }));
    const tree = synth();
    const variable = { type: "string", sensitive: true, ephemeral: true };
    expect(tree.variable).toEqual({
      registry_username: expect.objectContaining(variable),
      registry_password: expect.objectContaining(variable),
    });
    const secrets = Object.values(asObject(at(tree, "resource.kubernetes_secret_v1")));
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      expect(secret).toMatchObject({
        data_wo: { username: variableText("registry_username"), password: variableText("registry_password") },
        data_wo_revision: 3,
      });
      expect(secret).not.toHaveProperty("data");
    }
    expect(JSON.stringify(tree).split("var.registry_password")).toHaveLength(3);
    expect(Object.keys(probe.credentialsSecrets)).toEqual(["a-example", "b-example"]);
  });

  test("namespace, Secret and Pushgateway may be tokens", () => {
    const variable = (name: string) => new TerraformVariable(stack, name, { type: "string" }).stringValue;
    const probe = new RegistryIntegrityProbe(
      stack,
      "probe",
      propsOf({
        namespace: variable("namespace"),
        registries: [Registry.at("a.example", { credentials: Credentials.secret(variable("secret")) })],
        run: ProbeRun.cronJob({ pushgateway: variable("gateway") }),
      }),
    );
    new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: variable("docs"),
      sink: AlertSink.ruleFile(),
    });
    const text = JSON.stringify(synth());
    for (const name of ["namespace", "secret", "gateway"]) expect(text).toContain(`"${variableText(name)}"`);
    expect(text).not.toContain("TfToken");
    expect(readFileSync(join(folder, "out/artifacts/monitoring/rules.yml"), "utf8")).not.toContain("TfToken");
  });

  test("all that is wrong is thrown at once", () => {
    const broken = propsOf({
      namespace: "A",
      image: "node:latest",
      programFile: join(folder, "nowhere.mjs"),
    });
    expect(() => new RegistryIntegrityProbe(stack, "probe", broken)).toThrow(
      /^namespace must .*\nimage must .*\nprogramFile must be the bundled program, got ".*nowhere\.mjs"\. Run `npm run build` first/,
    );
  });

  test("two probes of one name, or of one registry, are refused when the app is written", () => {
    new RegistryIntegrityProbe(stack, "one", propsOf());
    new RegistryIntegrityProbe(stack, "two", propsOf());
    expect(() => app.synth()).toThrow(/name must be taken once in a namespace/);
  });

  test("two sound probes share the program's artifact", () => {
    new RegistryIntegrityProbe(stack, "one", propsOf());
    new RegistryIntegrityProbe(
      stack,
      "two",
      propsOf({ name: "two", registries: [Registry.at("b.example")] }),
    );
    expect(Object.keys(asObject(at(synth(), "resource.kubernetes_cron_job_v1")))).toHaveLength(2);
  });
});

describe("RegistryAlerts", () => {
  test("a PrometheusRule and the same rules as a file", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const alerts = new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: `${BASE_URL}/`,
      maxTimeToPage: Duration.minutes(40),
      labels: { team: "infra" },
      annotations: { note: "x" },
      sink: AlertSink.prometheusRule({ labels: { release: "prometheus" } }),
    });
    const manifest = at(only(synth(), "kubernetes_manifest"), "manifest");
    expect(manifest).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "registry-integrity-probe",
        namespace: "monitoring",
        labels: { release: "prometheus", team: "infra", "app.kubernetes.io/component": "alerts" },
        annotations: { note: "x" },
      },
    });
    const rules = asObject(at(manifest, "spec.groups.0.rules"));
    for (const rule of Object.values(rules)) {
      const page = `${kebabCase(String(at(rule, "alert")))}.md`;
      expect(at(rule, "annotations.runbook_url")).toBe(`${BASE_URL}/docs/runbooks/${page}`);
    }
    const file = readFileSync(join(folder, "out/artifacts/monitoring/rules.yml"), "utf8");
    for (const rule of Object.values(rules)) expect(file).toContain(`for: ${String(at(rule, "for"))}`);
    expect(alerts.all.map((alert) => alert.name)).toEqual(
      INTEGRITY_ALERTS.filter((name) => name !== "RegistryAuthNotEnforced"),
    );
    expect(alerts.byName.RegistryDown.runbook.path).toBe("docs/runbooks/registry-down.md");
    expect(alerts.timeToPage.total.toSeconds()).toBe(2_350);
  });

  test("its proofs, inhibit rules and detection times stand beside the rule file, under that file's name", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const alerts = new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: BASE_URL,
      ruleFile: "elsewhere/integrity.yaml",
      sink: AlertSink.ruleFile(),
    });
    synth();
    const read = (name: string) => readFileSync(join(folder, "out/artifacts/elsewhere", name), "utf8");
    expect(read("integrity.test.yml")).toContain("rule_files:\n  - integrity.yaml\n");
    expect(read("inhibit-rules.yml")).toContain('alertname = "RegistryProbeAuthFailure"');
    expect(read("prometheus-values.yml")).toContain("RegistryIntegrityDegraded");
    expect(alerts.inhibitRules).toHaveLength(4);
    const times = readDetectionTimes(JSON.parse(read("detection-times.json")));
    expect(times?.map(({ alert }) => alert)).toEqual(
      alerts.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)),
    );
    expect(times?.[0]).toMatchObject({
      alert: "RegistryManifestIntegrityFailure",
      reason: "damage",
      instance: "registry.example.com:5050",
      severity: "critical",
      parts: alerts.timeToPage.parts,
      totalSeconds: 2_350,
    });
  });

  test("a schedule that cannot keep the promised time is refused", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const props = { probe, runbookBaseUrl: BASE_URL, sink: AlertSink.ruleFile() };
    expect(
      () => new RegistryAlerts(stack, "alerts", { ...props, maxTimeToPage: Duration.minutes(39) }),
    ).toThrow(/maxTimeToPage must be at least what the probe's schedule allows, 2350s/);
  });

  test("the rule file's sink puts nothing into the cluster", () => {
    const probe = new RegistryIntegrityProbe(stack, "probe", propsOf());
    const alerts = new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: BASE_URL,
      sink: AlertSink.ruleFile(),
    });
    expect(resourceTypes(synth())).not.toContain("kubernetes_manifest");
    expect(alerts.prometheusRule).toBeUndefined();
  });
});
