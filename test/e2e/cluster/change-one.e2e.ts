import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderRuleGroups } from "../../../lib/monitoring/render-rules";
import { changedPaths } from "./changed-paths";
import { E2eCluster } from "./e2e-cluster";
import { listAt, textAt } from "./json";
import { ADDRESSES, type MonitoredOptions, monitored, REGISTRY, rulesIn, uidsIn } from "./monitored";
import { describeWith } from "./needs";
import { terraformBinaries } from "./preflight";
import { AppliedStack } from "./terraform-stack";

const NAMESPACE = "tallyman-change";
const ALL = Object.values(ADDRESSES).sort();
const JOB = "spec[0].job_template[0].spec[0]";
const POD = `${JOB}.template[0].spec[0]`;
/** What a reviewer reads to the end. */
const MAX_PLAN_LINES = 200;

describeWith(["api", "kubectl", "terraform", "providers", "crds"], "one thing changed in a cluster", () => {
  let cluster: E2eCluster;
  let stack: AppliedStack;
  let base: MonitoredOptions;
  let uids: Readonly<Record<string, string>>;

  beforeAll(async () => {
    cluster = await E2eCluster.start();
    await cluster.applyCrds();
    await cluster.createNamespace(NAMESPACE);
    stack = AppliedStack.create({ binary: terraformBinaries()[0] ?? "", kubeconfig: cluster.kubeconfig });
    base = { namespace: NAMESPACE, programFile: writeProgram("one"), labels: { team: "infra" } };
    stack.synthesize((scope) => monitored(scope, base));
    await stack.terraform.init();
    expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
    uids = await uidsIn(cluster.kubectl, NAMESPACE);
    expect(Object.keys(uids)).toHaveLength(ALL.length);
  });

  afterAll(async () => {
    await stack?.terraform.destroy();
    stack?.remove();
    await cluster?.stop();
  });

  /** Of a size that a plan could not print twice unseen. */
  function writeProgram(name: string): string {
    const file = join(stack.folder, `${name}.mjs`);
    writeFileSync(file, `console.log("the program ${name}");\n`.repeat(4_000));
    return file;
  }

  /** Plans and applies the change: in place, what it touches is what is told, and the plan after it is empty. */
  async function change(more: Partial<MonitoredOptions>) {
    const rulesBefore = await rulesIn(cluster.kubectl, NAMESPACE);
    const built = stack.synthesize((scope) => monitored(scope, { ...base, ...more }));
    const plan = await stack.terraform.plan();
    expect(plan).toMatchObject({ code: 2, changes: { create: [], replace: [], delete: [], drifted: [] } });
    const paths = changedPaths(await stack.terraform.showPlan());
    expect(await stack.terraform.applyPlan()).toMatchObject({ code: 0 });
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
    expect(await uidsIn(cluster.kubectl, NAMESPACE)).toEqual(uids);
    const rules = await rulesIn(cluster.kubectl, NAMESPACE);
    const changedRules = [...rules.keys()].filter(
      (key) => JSON.stringify(rules.get(key)) !== JSON.stringify(rulesBefore.get(key)),
    );
    return { plan, paths, rules, rulesBefore, changedRules, ...built };
  }

  afterEach(async () => {
    stack.synthesize((scope) => monitored(scope, base));
    expect(await stack.terraform.apply()).toMatchObject({ code: 0 });
    const resources = listAt(await stack.terraform.showState(), "values", "root_module", "resources");
    expect(resources.map((one) => textAt(one, "address")).sort()).toEqual(ALL);
  });

  test("nothing: the same configuration, synthesized anew, plans nothing", async () => {
    stack.synthesize((scope) => monitored(scope, base));
    expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
  });

  test("the schedule: the CronJob, and every threshold that derives from it", async () => {
    const { paths, rules, changedRules, alerts } = await change({ schedule: "*/30 * * * *" });
    expect(Object.keys(paths).sort()).toEqual([ADDRESSES.cronJob, ADDRESSES.prometheusRule].sort());
    expect(paths[ADDRESSES.cronJob]?.filter((path) => !path.startsWith(`${POD}.container[0].args`))).toEqual([
      `${JOB}.active_deadline_seconds`,
      "spec[0].schedule",
      "spec[0].starting_deadline_seconds",
    ]);
    // The whole rule set, as the library has it for that schedule, and nothing of the one before.
    const object = await cluster.kubectl.json(["get", "prometheusrule", "--namespace", NAMESPACE]);
    expect(listAt(listAt(object, "items")[0], "spec", "groups")).toEqual(renderRuleGroups(alerts.groups));
    expect(rules.get(`${alerts.groups[0]?.name} RegistryManifestIntegrityFailure damage`)).toMatchObject({
      for: "31m",
    });
    expect(changedRules.length).toBeGreaterThan(5);
  });

  test("one alert's severity: that alert alone", async () => {
    const { paths, changedRules, rules } = await change({
      overrides: { RegistryCatalogInaccessible: { severity: "info" } },
    });
    expect(Object.keys(paths)).toEqual([ADDRESSES.prometheusRule]);
    const keys = [...rules.keys()].filter((key) => key.includes(" RegistryCatalogInaccessible "));
    expect(keys).not.toEqual([]);
    expect(changedRules).toEqual(keys);
    expect(paths[ADDRESSES.prometheusRule]?.map((path) => path.replace(/^.*\.rules\[\d+\]\./, ""))).toEqual(
      keys.flatMap(() => ["annotations.description", "labels.severity"]),
    );
  });

  test("a label removed: that label, wherever it is, and no rule", async () => {
    const { paths, changedRules } = await change({ labels: {} });
    expect(Object.keys(paths).sort()).toEqual(ALL);
    expect(Object.values(paths).flat()).not.toEqual([]);
    for (const path of Object.values(paths).flat()) expect(path).toMatch(/\.labels\.team$/);
    expect(changedRules).toEqual([]);
    const left = await cluster.kubectl.list([
      "cronjob,configmap,prometheusrule",
      "-n",
      NAMESPACE,
      "-l",
      "team",
    ]);
    expect(left).toEqual([]);
  });

  test("the program: its ConfigMap and the pods' annotation, in a plan that is read to the end", async () => {
    const { plan, paths, changedRules } = await change({ programFile: writeProgram("two") });
    expect(paths).toEqual({
      [ADDRESSES.configMap]: ["data.tallyman.mjs"],
      [ADDRESSES.cronJob]: [`${JOB}.template[0].metadata[0].annotations.checksum/program`],
    });
    expect(plan.output.split("\n").length).toBeLessThan(MAX_PLAN_LINES);
    expect(plan.output).not.toContain("the program");
    expect(changedRules).toEqual([]);
  });

  test("the image: that of the CronJob's container", async () => {
    const { paths, changedRules } = await change({ image: `node:22.11.0@sha256:${"ab".repeat(32)}` });
    expect(paths).toEqual({ [ADDRESSES.cronJob]: [`${POD}.container[0].image`] });
    expect(changedRules).toEqual([]);
  });

  test("a registry more: a container, an egress and a group of rules; those of the first stay", async () => {
    const { paths, changedRules, rulesBefore, rules } = await change({
      registries: [REGISTRY, "other.example.com:5051"],
    });
    expect(Object.keys(paths).sort()).toEqual(
      [ADDRESSES.cronJob, ADDRESSES.networkPolicy, ADDRESSES.prometheusRule].sort(),
    );
    expect(rules.size).toBeGreaterThan(rulesBefore.size);
    expect(changedRules.filter((key) => rulesBefore.has(key))).toEqual([]);
  });
});
