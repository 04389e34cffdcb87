import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import fc from "fast-check";
import { parseCommandLine } from "../../lib/cli/arguments";
import { SERVE_COMMAND } from "../../lib/cli/option-table";
import { readServeOptions } from "../../lib/cli/serve-command";
import { Duration } from "../../lib/core/duration";
import { ProbeRun, Registry, RegistryIntegrityProbe, renderRuleFile, ruleSet } from "../../lib/index";
import { type MetricKey, metricName } from "../../lib/integrity/contract";
import { leaseTimes } from "../../lib/integrity/lease/lease-times";
import { alertThresholds } from "../../lib/monitoring/alerts/thresholds";
import { checkProbe } from "../../lib/monitoring/checks";
import { serveArguments } from "../../lib/monitoring/exporter/render-exporter";
import type { ExporterRunOptions } from "../../lib/monitoring/probe-run";
import { type ProbeOptions, resolveProbe } from "../../lib/monitoring/probe-spec";
import { egressRules } from "../../lib/monitoring/render-network-policy";
import { renderYaml } from "../../lib/text/yaml";
import { promtool } from "../support/prometheus";

const REGISTRIES = ["a.example", "b.example"].map((host) => Registry.at(host));
const SELECTOR = {
  "app.kubernetes.io/name": "registry-integrity-probe",
  "app.kubernetes.io/instance": "registry-integrity-probe",
};

const optionsOf = (run: ExporterRunOptions): ProbeOptions => ({
  namespace: "monitoring",
  registries: REGISTRIES,
  run: ProbeRun.exporter(run),
});

describe("the construct", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-replicas-"));
    writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  type Resources = Record<string, Record<string, Record<string, unknown>>>;

  function synth(run: ExporterRunOptions, namespace?: (stack: TerraformStack) => string): Resources {
    const app = new App({ outdir: join(folder, "out") });
    const stack = new TerraformStack(app, "stack");
    new KubernetesProvider(stack, "kubernetes", {});
    const programFile = join(folder, "tallyman.mjs");
    const options = optionsOf({ serviceMonitor: false, ...run });
    const own = namespace === undefined ? {} : { namespace: namespace(stack) };
    new RegistryIntegrityProbe(stack, "probe", {
      ...options,
      ...own,
      run: ProbeRun.exporter({ serviceMonitor: false, ...run }),
      programFile,
    });
    app.synth();
    return JSON.parse(readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8")).resource;
  }

  const only = (tree: Resources, type: string): Record<string, unknown> => {
    const all = Object.values(tree[type] ?? {});
    expect(all).toHaveLength(1);
    return all[0] ?? {};
  };

  test("one replica is what there was without a word of replicas", () => {
    const one = synth({ replicas: 1 });
    expect(one).toEqual(synth({}));
    expect(JSON.stringify(one)).not.toMatch(/lease|kubernetes_role|disruption|"service_account_token"/);
  });

  test("two: a Role of the probe's own Leases alone, for its account", () => {
    const tree = synth({ replicas: 2 });
    const apiGroups = ["coordination.k8s.io"];
    expect(only(tree, "kubernetes_role_v1")).toMatchObject({
      metadata: { name: "registry-integrity-probe", namespace: "monitoring" },
      rule: [
        {
          api_groups: apiGroups,
          resources: ["leases"],
          resource_names: ["registry-integrity-probe-a-example", "registry-integrity-probe-b-example"],
          verbs: ["get", "update"],
        },
        { api_groups: apiGroups, resources: ["leases"], verbs: ["create"] },
      ],
    });
    expect(only(tree, "kubernetes_role_binding_v1")).toMatchObject({
      role_ref: { api_group: "rbac.authorization.k8s.io", kind: "Role", name: "registry-integrity-probe" },
      subject: [{ kind: "ServiceAccount", name: "registry-integrity-probe", namespace: "monitoring" }],
    });
    expect(only(tree, "kubernetes_pod_disruption_budget_v1")).toMatchObject({
      spec: { min_available: "1", selector: { match_labels: SELECTOR } },
    });
    expect(only(tree, "kubernetes_service_account_v1")).toMatchObject({
      automount_service_account_token: false,
    });
  });

  test("two: the Deployment rolls without a gap, spreads, and has a token of its own for an hour", () => {
    const deployment = only(synth({ replicas: 2 }), "kubernetes_deployment_v1");
    expect(deployment).toMatchObject({
      depends_on: expect.arrayContaining([expect.stringContaining("kubernetes_role_binding_v1.")]),
      spec: {
        replicas: "2",
        strategy: { type: "RollingUpdate", rolling_update: { max_surge: "1", max_unavailable: "0" } },
        template: {
          spec: {
            automount_service_account_token: false,
            topology_spread_constraint: [
              {
                max_skew: 1,
                topology_key: "kubernetes.io/hostname",
                when_unsatisfiable: "ScheduleAnyway",
                label_selector: [{ match_labels: SELECTOR }],
              },
            ],
            volume: [
              { name: "program" },
              {
                name: "account",
                projected: [
                  {
                    default_mode: "0440",
                    sources: [
                      { service_account_token: { path: "token", expiration_seconds: 3600 } },
                      {
                        config_map: [
                          { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] },
                        ],
                      },
                      {
                        downward_api: {
                          items: [
                            {
                              path: "namespace",
                              field_ref: { api_version: "v1", field_path: "metadata.namespace" },
                            },
                          ],
                        },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        },
      },
    });
    const { spec } = deployment as { spec: { template: { spec: { container: Record<string, unknown>[] } } } };
    for (const container of spec.template.spec.container) {
      expect(container.volume_mount).toContainEqual({
        name: "account",
        mount_path: "/var/run/secrets/kubernetes.io/serviceaccount",
        read_only: true,
      });
      expect(container.security_context).toMatchObject({
        run_as_non_root: true,
        read_only_root_filesystem: true,
      });
    }
  });

  test("a namespace that is a token reaches the binding", () => {
    const tree = synth(
      { replicas: 2 },
      (stack) => new TerraformVariable(stack, "namespace", { type: "string" }).stringValue,
    );
    expect(only(tree, "kubernetes_role_binding_v1")).toMatchObject({
      subject: [{ namespace: `$${"{var.namespace}"}` }],
    });
  });
});

test("each container has a lease of its own, and the program reads it so", () => {
  const spec = resolveProbe(optionsOf({ replicas: 2 }));
  const words = REGISTRIES.map((registry) => serveArguments(spec, registry, 9099));
  expect(words.map((one) => one.slice(-2))).toEqual([
    ["--lease", "registry-integrity-probe-a-example"],
    ["--lease", "registry-integrity-probe-b-example"],
  ]);
  const { lease } = readServeOptions(parseCommandLine(SERVE_COMMAND, (words[0] ?? []).slice(1)), 0);
  expect(lease).toMatchObject({ namespace: null, name: "registry-integrity-probe-a-example" });
  expect(`${lease?.duration}`).toBe("30s");
});

test("the policy lets replicas out to the API, by the ports that it mostly has or by those given", () => {
  const rules = (run: ExporterRunOptions) => egressRules(resolveProbe(optionsOf(run))).slice(2);
  expect(rules({})).toEqual([{ port: 443 }]);
  expect(rules({ replicas: 1, apiServer: [{ port: 6443 }] })).toEqual([{ port: 443 }]);
  expect(rules({ replicas: 2 })).toEqual([{ port: 443 }, { port: 6443 }]);
  const apiServer = [{ cidr: "192.0.2.1/32", port: 16443 }];
  expect(rules({ replicas: 2, apiServer })).toEqual([{ port: 443 }, ...apiServer]);
});

test.each<[ExporterRunOptions, string[]]>([
  [{ replicas: 0 }, ["run.replicas must be a whole number from 1 to 3"]],
  [{ replicas: 4 }, ["run.replicas must be a whole number from 1 to 3"]],
  [{ replicas: 1.5 }, ["run.replicas must be a whole number from 1 to 3"]],
  [{ replicas: 2, apiServer: [{ port: 0 }] }, ["run.apiServer[0].port"]],
  [
    { replicas: 2, apiServer: [{ cidr: "x", port: 1 }] },
    ["run.apiServer[0].cidr must be a block of addresses"],
  ],
  [{ replicas: 3, apiServer: [{ port: 6443 }] }, []],
])("%j: %j", (run, messages) => {
  const problems = checkProbe(optionsOf(run), () => false).map(({ path, rule }) => `${path} must ${rule}`);
  expect(problems).toEqual(messages.map((message) => expect.stringContaining(message)));
});

const SCRAPE = Duration.minutes(1);
/** The `for` of RegistryIntegrityProbeStale. */
const STALE_FOR = Duration.minutes(1);

test("a failover, and walks without an API, are shorter than what the alerts wait for", () => {
  const run = fc
    .integer({ min: 60, max: 24 * 86_400 })
    .chain((seconds) =>
      fc.tuple(fc.constant(seconds), fc.integer({ min: 1, max: Math.floor(seconds * 0.9) })),
    );
  fc.assert(
    fc.property(run, ([interval, deadline]) => {
      const spec = resolveProbe(
        optionsOf({
          replicas: 2,
          interval: Duration.seconds(interval),
          deadline: Duration.seconds(deadline),
        }),
      );
      const times = leaseTimes(Duration.seconds(30), spec.times.interval);
      const { absentFor, staleAfter, memory, keepFiringFor } = alertThresholds(spec);
      const walk = (deadline + SCRAPE.toSeconds()) * 1_000;
      // Killed: the lease runs out, and the other looks and walks. Without an API: it waits, and walks.
      const gaps = [times.leaseMs + 1.2 * times.retryMs, times.aloneWhenSilentMs];
      for (const gap of gaps) expect(gap + walk).toBeLessThanOrEqual(absentFor.toMilliseconds());
      // Since the last walk of the one before, which an interval ago began.
      const oldest = interval * 1_000 + Math.max(...gaps) + walk;
      expect(oldest).toBeLessThanOrEqual(staleAfter.plus(STALE_FOR).toMilliseconds());
      // A page that stands goes on; from here on one that is about to come does too.
      const longest = Math.max(...gaps) + walk;
      expect(longest).toBeLessThanOrEqual(memory.plus(keepFiringFor).toMilliseconds());
      if (interval >= 100) expect(longest).toBeLessThanOrEqual(memory.toMilliseconds());
    }),
  );
});

describe("the rules, while one pod takes over from another", () => {
  const spec = resolveProbe({ ...optionsOf({ replicas: 2 }), registries: [Registry.at("a.example")] });
  const groups = ruleSet(spec, { runbookBaseUrl: "https://git.example.com/infra/blob/main" });

  /** What a pod says minute by minute; `stale` is the mark that Prometheus sets when a target or a series goes. */
  const pod = (name: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([key, text]) => ({
      series: `${metricName(key as MetricKey)}{instance="a.example",pod="${name}"}`,
      values: text,
    }));

  const sound = {
    failures: "0",
    catalog_accessible: "1",
    repos_checked: "3",
    tags_checked: "10",
    coverage_ratio: "1",
  };

  test.each([
    // Killed at minute 60: the lease runs out, and the first walk takes all of its five minutes.
    ["killed, sound", 60, 66, 0, []],
    // It lost the lease at minute 60 and tells what it proved for six minutes more.
    ["lost, sound", 66, 66, 0, []],
    ["killed, damaged", 60, 66, 2, ["RegistryManifestIntegrityFailure"]],
    ["lost, damaged", 66, 66, 2, ["RegistryManifestIntegrityFailure"]],
  ])("%s", (_, untilMinute, fromMinute, failures, firing) => {
    const stretch = (value: string | number, minutes: number) => `${value}x${minutes - 1}`;
    const old = { ...sound, failures: `${failures}` };
    const values = (say: (text: string) => string) =>
      Object.fromEntries(Object.entries(old).map(([key, value]) => [key, say(value)]));
    // Each walk's end, as it goes on by a quarter of an hour.
    const ends = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `${(from + Math.floor(i / 15) * 15) * 60}`).join(" ");
    const before = {
      ...values((text) => `${stretch(text, untilMinute)} stale`),
      last_run_timestamp: `${ends(0, untilMinute)} stale`,
      last_success_timestamp: `${ends(0, untilMinute)} stale`,
    };
    const after = {
      ...values((text) => `${stretch("_", fromMinute)} ${stretch(text, 120 - fromMinute)}`),
      last_run_timestamp: `${stretch("_", fromMinute)} ${ends(fromMinute, 120)}`,
      last_success_timestamp: `${stretch("_", fromMinute)} ${ends(fromMinute, 120)}`,
    };
    const tests = [
      {
        interval: "1m",
        input_series: [...pod("a", before), ...pod("b", after)],
        // What fires before goes on, and nothing else ever begins.
        promql_expr_test: Array.from({ length: 70 }, (_, i) => 45 + i).map((minute) => ({
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${minute}m`,
          exp_samples: firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
        })),
      },
    ];
    const { ok, output } = promtool(["test", "rules", "tests.yml"], {
      "rules.yml": renderRuleFile(groups.groups),
      "tests.yml": renderYaml({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests }),
    });
    expect(output).toContain("SUCCESS");
    expect(ok).toBe(true);
  });
});
