import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CRON_JOB_PATHS } from "../../../lib/monitoring/render-cron-job";
import { changedPaths } from "./changed-paths";
import { E2eCluster } from "./e2e-cluster";
import { listAt, valueAt } from "./json";
import { ADDRESSES, type MonitoredOptions, monitored, rulesIn } from "./monitored";
import { dnsConfigPolicy } from "./mutating-policy";
import { describeWith } from "./needs";
import { terraformBinaries } from "./preflight";
import { AppliedStack } from "./terraform-stack";

const NAMESPACE = "tallyman-drift";
const NAME = "registry-integrity-probe";
const POD = ["spec", "jobTemplate", "spec", "template", "spec"] as const;
const POLICY_TIMEOUT_MS = 30_000;

describeWith(["api", "kubectl", "terraform", "providers", "crds"], "drift in a cluster", () => {
  let cluster: E2eCluster;
  let stack: AppliedStack;
  let base: MonitoredOptions;

  beforeAll(async () => {
    cluster = await E2eCluster.start();
    await cluster.applyCrds();
    await cluster.createNamespace(NAMESPACE);
    stack = AppliedStack.create({ binary: terraformBinaries()[0] ?? "", kubeconfig: cluster.kubeconfig });
    const programFile = join(stack.folder, "tallyman.mjs");
    writeFileSync(programFile, "console.log('the program');\n");
    base = { namespace: NAMESPACE, programFile };
    stack.synthesize((scope) => monitored(scope, base));
    await stack.terraform.init();
    expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await stack?.terraform.destroy();
    stack?.remove();
    await cluster?.stop();
  });

  const kubectl = (...args: readonly string[]) => cluster.kubectl.must([...args, "-n", NAMESPACE]);
  const patch = (kind: string, name: string, json: object) =>
    kubectl("patch", kind, name, "--type=merge", "-p", JSON.stringify(json));
  const cronJob = () => cluster.kubectl.json(["get", "cronjob", NAME, "-n", NAMESPACE]);

  test("what the API server itself fills in makes no difference", async () => {
    const found = await cronJob();
    // Nobody wrote these: a server's default that a plan would want to undo.
    expect(valueAt(found, ...POD, "schedulerName")).toBe("default-scheduler");
    expect(valueAt(found, ...POD, "dnsPolicy")).toBe("ClusterFirst");
    expect(JSON.stringify(listAt(found, ...POD, "containers"))).toContain("terminationMessagePath");
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
  });

  /** Plans what puts the rule back, does it, and plans again. */
  async function expectPutBack(): Promise<void> {
    expect(await stack.terraform.plan()).toMatchObject({
      code: 2,
      changes: { create: [], update: [ADDRESSES.prometheusRule], replace: [], delete: [] },
    });
    expect(await stack.terraform.applyPlan()).toMatchObject({ code: 0 });
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
  }

  test.each([
    ["emptied", { op: "replace", path: "/spec/groups", value: [] }],
    ["told to wait longer", { op: "replace", path: "/spec/groups/0/rules/0/for", value: "7h" }],
  ])("a rule %s by hand is seen and put back", async (_, operation) => {
    const before = await rulesIn(cluster.kubectl, NAMESPACE);
    await kubectl("patch", "prometheusrule", NAME, "--type=json", "-p", JSON.stringify([operation]));
    expect(await rulesIn(cluster.kubectl, NAMESPACE)).not.toEqual(before);
    await expectPutBack();
    expect(await rulesIn(cluster.kubectl, NAMESPACE)).toEqual(before);
  });

  test("a label of the rules changed by hand is seen where labels are not left to others", async () => {
    const relabel = () => patch("prometheusrule", NAME, { metadata: { labels: { release: "another" } } });
    await relabel();
    // The provider's own default: labels and annotations are the cluster's.
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
    stack.synthesize((scope) => {
      const { prometheusRule } = monitored(scope, base).alerts;
      if (prometheusRule !== undefined) prometheusRule.computedFields = ["metadata.annotations"];
    });
    await expectPutBack();
    await relabel();
    await expectPutBack();
    const found = await cluster.kubectl.json(["get", "prometheusrule", NAME, "-n", NAMESPACE]);
    expect(found).toMatchObject({ metadata: { labels: { release: "prometheus" } } });
    stack.synthesize((scope) => monitored(scope, base));
    expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
  });

  test("a rule deleted, a CronJob suspended and a program edited by hand are seen, each by itself", async () => {
    await kubectl("delete", "prometheusrule", NAME);
    await patch("cronjob", NAME, { spec: { suspend: true } });
    await patch("configmap", `${NAME}-program`, { data: { "tallyman.mjs": "// nothing" } });
    expect(await stack.terraform.plan()).toMatchObject({
      changes: { create: [ADDRESSES.prometheusRule], replace: [], delete: [] },
    });
    expect(changedPaths(await stack.terraform.showPlan())).toEqual({
      [ADDRESSES.configMap]: ["data.tallyman.mjs"],
      [ADDRESSES.cronJob]: ["spec[0].suspend"],
    });
    expect(await stack.terraform.applyPlan()).toMatchObject({ code: 0 });
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
  });

  /** Resolves when the API server enforces it, on an object that Terraform does not know. */
  async function enforcePolicy(): Promise<void> {
    await cluster.kubectl.apply(...dnsConfigPolicy(NAMESPACE));
    const end = performance.now() + POLICY_TIMEOUT_MS;
    const args = ["create", "cronjob", "other", "--image=a", "--schedule=0 0 1 1 *", "--dry-run=server"];
    while (performance.now() < end) {
      const tried = await cluster.kubectl.json([...args, "-n", NAMESPACE]);
      if (valueAt(tried, ...POD, "dnsConfig") !== undefined) return;
    }
    throw new Error("the policy is not enforced");
  }

  test("a dnsConfig that a policy sets is a difference for ever, and none where it is ignored", async () => {
    try {
      await enforcePolicy();
      // Any update of the CronJob meets the policy.
      stack.synthesize((scope) => monitored(scope, { ...base, schedule: "*/20 * * * *" }));
      expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
      expect(valueAt(await cronJob(), ...POD, "dnsConfig")).toEqual({
        options: [{ name: "ndots", value: "2" }],
      });

      expect(await stack.terraform.plan()).toMatchObject({
        code: 2,
        changes: { update: [ADDRESSES.cronJob] },
      });
      const paths = changedPaths(await stack.terraform.showPlan())[ADDRESSES.cronJob] ?? [];
      expect(paths).toEqual([expect.stringMatching(/\.dns_config/)]);
      expect(await stack.terraform.applyPlan()).toMatchObject({ code: 0 });
      expect(await stack.terraform.plan()).toMatchObject({ code: 2 });

      const ignoring = { ...base, ignoreChanges: [CRON_JOB_PATHS.dnsConfig] };
      stack.synthesize((scope) => monitored(scope, { ...ignoring, schedule: "*/20 * * * *" }));
      expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
      // What is ours still changes, and the policy's stays.
      stack.synthesize((scope) => monitored(scope, ignoring));
      expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
      expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
      expect(await cronJob()).toMatchObject({ spec: { schedule: "*/15 * * * *" } });
      expect(valueAt(await cronJob(), ...POD, "dnsConfig")).toBeDefined();
    } finally {
      for (const { kind, metadata } of dnsConfigPolicy(NAMESPACE)) {
        await cluster.kubectl.run(["delete", kind, metadata.name, "--ignore-not-found"]);
      }
    }
  });

  test("by Helm a rule emptied by hand is not seen: that is what the manifest is for", async () => {
    await kubectl("delete", "prometheusrule", NAME);
    stack.synthesize((scope) => monitored(scope, { ...base, via: "helm" }));
    expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
    expect((await rulesIn(cluster.kubectl, NAMESPACE)).size).toBeGreaterThan(0);
    await patch("prometheusrule", NAME, { spec: { groups: [] } });
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
  });
});
