import { ConfigurationError } from "../../../lib/core/problem";
import { applyOperatorCrds } from "./crds";
import { describeWithOwnPlane, FaultWorld, killTerraform, PROBE } from "./fault-world";
import { listAt, textAt } from "./json";
import { ADDRESSES, type MonitoredOptions, REGISTRY } from "./monitored";
import type { TerraformRun } from "./terraform-folder";
import { Troubleshooting } from "./troubleshooting";

const CRON_JOBS = "POST /apis/batch/v1/namespaces/monitoring/cronjobs";
const ALL = Object.values(ADDRESSES).sort();
const SOUND = { code: 0 };

/** One cluster and one stack go through all of it: each test leaves the next one what it needs. */
describeWithOwnPlane("faults of an apply, as docs/troubleshooting.md has them", () => {
  const document = Troubleshooting.read();
  let world: FaultWorld;

  beforeAll(async () => {
    world = await FaultWorld.start();
    world.synthesize();
    await world.stack.terraform.init();
  });

  afterAll(() => world?.stop());

  const kubectl = (...args: readonly string[]) => world.kubectl.must([...args, "-n", "monitoring"]);

  test("the CRD is missing when the stack is planned", async () => {
    const { terraform } = world.stack;
    const plan = await terraform.plan();
    expect(plan).toMatchObject({ code: 1, changes: null });
    document.expectQuoted("The CRD is missing", plan.output);
    // By Helm the plan goes through; with the CRD the other one does.
    world.synthesize({ via: "helm" });
    expect(await terraform.plan()).toMatchObject({ code: 2 });
    await applyOperatorCrds(world.kubectl);
    world.synthesize();
    expect([...((await terraform.plan()).changes?.create ?? [])].sort()).toEqual(ALL);
  });

  test("no kubeconfig", async () => {
    const plan = await world.terraform("").plan();
    expect(plan).toMatchObject({ code: 1 });
    document.expectQuoted("No kubeconfig", plan.output);
  });

  test("the API server is down at the first plan", async () => {
    await world.plane.killApiserver();
    const plan = await world.stack.terraform.plan();
    await world.plane.restartApiserver();
    expect(plan).toMatchObject({ code: 1 });
    document.expectQuoted("The API server does not answer at the first plan", plan.output);
  });

  test("the namespace is missing", async () => {
    const apply = await world.stack.terraform.apply();
    expect(apply).toMatchObject({ code: 1 });
    document.expectQuoted("The namespace is missing", apply.output);
    await world.kubectl.must(["create", "namespace", "monitoring"]);
  });

  test("a quota refuses the CronJob, and what is missing is made when it does not", async () => {
    const { terraform } = world.stack;
    await kubectl("create", "quota", "objects", "--hard=count/cronjobs.batch=0");
    // Until its controller has counted, it refuses with other words.
    await kubectl("wait", "--for=jsonpath={.status.used}", "quota/objects", "--timeout=60s");
    const apply = await terraform.apply();
    expect(apply).toMatchObject({ code: 1 });
    document.expectQuoted("A quota refuses an object", apply.output);
    await kubectl("delete", "quota", "objects");
    expect(await terraform.plan()).toMatchObject({ changes: { create: [ADDRESSES.cronJob], update: [] } });
    expect(await terraform.applyPlan()).toMatchObject(SOUND);
    expect(await terraform.plan()).toMatchObject(SOUND);
  });

  test("a quota refuses the pods, and a default limit lets them in", async () => {
    await kubectl("create", "quota", "compute", "--hard=limits.cpu=2");
    await kubectl("wait", "--for=jsonpath={.status.used}", "quota/compute", "--timeout=60s");
    document.expectQuoted("A quota refuses the pods", await world.podsOf("refused"));
    await world.kubectl.apply({
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "compute", namespace: "monitoring" },
      spec: { limits: [{ type: "Container", default: { cpu: "500m" } }] },
    });
    expect(await world.podsOf("admitted")).toBe("");
    await kubectl("delete", "quota/compute", "limitrange/compute", "job/refused", "job/admitted");
  });

  test("the API server is down at a later plan", async () => {
    await world.plane.killApiserver();
    const plan = await world.stack.terraform.plan();
    await world.plane.restartApiserver();
    expect(plan).toMatchObject({ code: 1 });
    document.expectQuoted("The API server does not answer", plan.output);
    expect(await world.stack.terraform.plan()).toMatchObject(SOUND);
  });

  test("a rule edited by hand is taken back, and would be refused if its fields were shared", async () => {
    const { terraform } = world.stack;
    const edit = [{ op: "replace", path: "/spec/groups/0/rules/0/for", value: "7h" }];
    await kubectl("patch", "prometheusrule", PROBE, "--type=json", "-p", JSON.stringify(edit));
    world.synthesize({}, ({ alerts }) => alerts.prometheusRule?.resetFieldManager());
    const apply = await terraform.apply();
    expect(apply).toMatchObject({ code: 1 });
    document.expectQuoted("Somebody edited a rule by hand", apply.output);
    world.synthesize();
    expect(await terraform.apply()).toMatchObject(SOUND);
    expect(await terraform.plan()).toMatchObject(SOUND);
  });

  test("the API server is killed in mid-apply: the next apply finishes, the plan after it is empty", async () => {
    const { terraform } = world.stack;
    expect(await terraform.destroy()).toMatchObject(SOUND);
    const kill = async (call: string) => {
      if (call !== CRON_JOBS) return;
      await world.plane.killApiserver();
    };
    const apply = await world.throughProxy({ beforeForward: kill }, (through) => through.apply());
    await world.plane.restartApiserver();
    expect(apply).toMatchObject({ code: 1 });
    document.expectQuoted("The API server went away during an apply", apply.output);
    expect(await terraform.plan()).toMatchObject({ changes: { replace: [], delete: [] } });
    expect(await terraform.applyPlan()).toMatchObject(SOUND);
    expect(await terraform.plan()).toMatchObject(SOUND);
  });

  test("terraform is killed in mid-apply: the lock is taken away, what is left behind adopted", async () => {
    const { terraform } = world.stack;
    expect(await terraform.destroy()).toMatchObject(SOUND);
    // A state that is not written at once, and whose lock nobody takes away: as a team's is.
    const kubernetes = { secret_suffix: "tallyman", namespace: "monitoring" };
    world.override({ terraform: { backend: { kubernetes } } });
    expect(await terraform.run(["init", "-input=false", "-reconfigure"])).toMatchObject(SOUND);

    await killDuringApply();
    const made = await world.kubectl.list(["cronjob", "-n", "monitoring"]);
    expect(made).toHaveLength(1);

    const locked = await terraform.plan();
    expect(locked).toMatchObject({ code: 1 });
    document.expectQuoted("The state is locked", locked.output);
    const [unlock = ""] = document.commands("The state is locked");
    const id = /\bID: +(\S+)/.exec(locked.output)?.[1] ?? "";
    expect(await runDocumented(unlock.replace("<ID>", id))).toMatchObject(SOUND);

    const section = "An object exists and is not in the state";
    const apply = await terraform.apply();
    expect(apply).toMatchObject({ code: 1 });
    const adopted = new Set(await inState());
    const imports = document.commands(section).map((line) => [line, line.split(" ")[2] ?? ""] as const);
    expect(imports.map(([, address]) => address).sort()).toEqual(ALL);
    let said = apply.output;
    for (const [line, address] of imports) {
      // What depends on another object is refused after that one was imported.
      said += address === ADDRESSES.cronJob ? (await terraform.apply()).output : "";
      if (!adopted.has(address)) expect(await runDocumented(line)).toMatchObject(SOUND);
    }
    document.expectQuoted(section, said);
    expect(await terraform.plan()).toMatchObject({ changes: { create: [], replace: [], delete: [] } });
    expect(await terraform.applyPlan()).toMatchObject(SOUND);
    expect(await terraform.plan()).toMatchObject(SOUND);
  });

  /** After the API server has made the CronJob and the rules, and before Terraform knows of it. */
  async function killDuringApply(): Promise<void> {
    let pid = 0;
    const kill = async (call: string) => {
      if (call !== CRON_JOBS) return;
      await world.ruleIsThere();
      killTerraform(pid);
    };
    const run = await world.throughProxy({ beforeAnswer: kill }, (through) => {
      const { child, ended } = through.start(["apply", "-auto-approve", "-input=false"]);
      pid = child.pid ?? 0;
      return ended;
    });
    expect(run.code).toBeNull();
  }

  async function inState(): Promise<readonly string[]> {
    const state = await world.stack.terraform.showState();
    return listAt(state, "values", "root_module", "resources").map((one) => textAt(one, "address") ?? "");
  }

  function runDocumented(line: string): Promise<TerraformRun> {
    const [program, ...words] = line.split(" ");
    expect(program).toBe("terraform");
    return world.stack.terraform.run(words);
  }

  test("the provider's version cannot be had", async () => {
    const version = ">= 999.0.0";
    world.override({ terraform: { required_providers: { kubernetes: { source: "kubernetes", version } } } });
    const init = await world.stack.terraform.run(["init", "-input=false", "-upgrade", "-backend=false"]);
    expect(init).toMatchObject({ code: 1 });
    document.expectQuoted("The provider's version cannot be had", init.output);
  });

  /** What is not typed may give anything. */
  const untyped = (json: string): Partial<MonitoredOptions> => ({ ...JSON.parse(json) });

  test.each([
    [
      "a rule's label that is no text",
      untyped('{"ruleLabels":{"tier":{"a":"b"}}}'),
      "spec.groups[0].rules[0].labels.tier",
      (rule: string) => `{"labels":{"tier":{"a":"b"}},${rule}}`,
    ],
    [
      "a wait that is no duration",
      untyped('{"overrides":{"RegistryCatalogInaccessible":{"for":"1.5h"}}}'),
      "spec.groups[0].rules[0].for",
      (rule: string) => `{"for":"1.5h",${rule}}`,
    ],
  ])("%s, which the API refuses, is refused at synthesis", async (_, options, path, spoil) => {
    const refused = await world.dryRun({}, [`{"name":"a","rules":[${spoil('"alert":"A","expr":"1"')}]}`]);
    expect(refused).toContain(path);
    const error = world.synthesisError(options);
    expect(error).toBeInstanceOf(ConfigurationError);
    if ("ruleLabels" in options) document.expectQuoted("A rule that the API would refuse", String(error));
  });

  test("a group twice, and labels that are none, which the API refuses, are refused at synthesis", async () => {
    const group = '{"name":"a","rules":[]}';
    expect(await world.dryRun({}, [group])).toBe("");
    expect(await world.dryRun({}, [group, group])).toContain("Duplicate value");
    expect(world.synthesisError({ registries: [REGISTRY, REGISTRY] })).toBeInstanceOf(ConfigurationError);
    expect(await world.dryRun({ team: "not valid!" }, [group])).toContain("metadata.labels");
    expect(world.synthesisError({ labels: { team: "not valid!" } })).toBeInstanceOf(ConfigurationError);
  });

  test("every error that the document quotes was looked for", () => {
    expect(document.unchecked()).toEqual([]);
  });
});
