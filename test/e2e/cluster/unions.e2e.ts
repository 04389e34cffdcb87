import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { defineCatalog, ServiceCatalog } from "../../../lib/index";
import { createDry, runCronJobs, warningsOf, withoutPod } from "./admitted-pods";
import { E2eCluster } from "./e2e-cluster";
import { describeWith, type Need } from "./needs";
import { terraformCases } from "./preflight";
import { AppliedStack } from "./terraform-stack";
import { everyProbe, everyScrape, fullProbes, NAMESPACE, RUN_KINDS, VARIABLES } from "./union-stack";

const CATALOG = defineCatalog({ blog: { description: "100%{ of $" + "{it}" } });
const CATALOG_FORMS = [
  { form: "a ConfigMap alone", props: {}, objects: 1 },
  { form: "with its site", props: { site: {} }, objects: 4 },
  {
    form: "with a site of two pods, without a policy",
    props: {
      site: { replicas: 2, networkPolicy: false, pod: { ignoreChanges: [] } },
      labels: { team: "infra" },
    },
    objects: 3,
  },
];
/** On a machine with other work they take several times their time alone. */
const TIMEOUT_MS = 600_000;
/** Most of the time is spent waiting for the API. */
const PARALLEL = ["-parallelism=30"];
const PROGRAM = join(__dirname, "../../../dist/lib/cli/tallyman.mjs");

const NEEDS: readonly Need[] = ["api", "controllers", "kubectl", "crds", "providers"];

jest.setTimeout(TIMEOUT_MS);

describeWith(NEEDS, "every form of the constructs, applied", () => {
  let cluster: E2eCluster;
  let folder = "";

  beforeAll(async () => {
    if (!existsSync(PROGRAM)) throw new Error("the program must be built: run `npm run build` first");
    folder = mkdtempSync(join(tmpdir(), "tallyman-unions-"));
    cluster = await E2eCluster.start();
    await cluster.applyCrds();
    await cluster.createNamespace(NAMESPACE);
  });

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the namespace refuses a pod that is not restricted, and warns of it", async () => {
    const template = { spec: { containers: [{ name: "a", image: "a:1" }], restartPolicy: "Never" } };
    const spec = { schedule: "* * * * *", jobTemplate: { spec: { template } } };
    const loose = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "loose" }, spec };
    expect(await createDry(cluster.kubectl, NAMESPACE, loose)).toEqual([
      expect.stringMatching(/^CronJob loose: .*would violate PodSecurity "restricted/s),
    ]);
  });

  describe.each(terraformCases())("by $program", ({ binary }) => {
    /** Plan, apply, nothing to do after it; pods admitted without a warning; destroy leaves nothing. */
    async function prove(build: (stack: TerraformStack) => void): Promise<number> {
      const stack = AppliedStack.create({ binary, kubeconfig: cluster.kubeconfig, env: VARIABLES });
      const { terraform } = stack;
      try {
        stack.synthesize(build);
        await terraform.init();
        const planned = await terraform.plan(PARALLEL);
        expect(planned).toMatchObject({ code: 2, changes: { update: [], replace: [], delete: [] } });
        const applied = await terraform.applyPlan(PARALLEL);
        expect(applied.output).toContain("Apply complete!");
        expect(planned.output + applied.output).not.toMatch(/Warning:/);
        expect(await warningsOf(cluster, NAMESPACE)).toEqual([]);
        await runCronJobs(cluster, NAMESPACE);
        expect(await withoutPod(cluster, NAMESPACE)).toEqual([]);
        // Whatever the API and its controllers made of the objects is no change of theirs.
        expect(await terraform.plan(PARALLEL)).toMatchObject({ code: 0 });
        expect((await terraform.destroy(PARALLEL)).output).toContain("Destroy complete!");
        expect(await cluster.leftIn(NAMESPACE)).toEqual([]);
        return planned.changes?.create.length ?? 0;
      } finally {
        stack.remove();
      }
    }

    test.each(CATALOG_FORMS)("a service catalogue: $form", async ({ props, objects }) => {
      const created = await prove((stack) => {
        new ServiceCatalog(stack, "catalog", { catalog: CATALOG, namespace: NAMESPACE, ...props });
      });
      expect(created).toBe(objects);
    });

    test("every option of a probe, and every form of a scrape", async () => {
      await prove((stack) => {
        fullProbes(stack, PROGRAM, cluster.ca);
        everyScrape(stack);
      });
    });

    test.each(RUN_KINDS)("%s with each kind of credentials and each sink", async (run) => {
      let probes = 0;
      const created = await prove((stack) => {
        probes = everyProbe(stack, run, smallProgram(folder));
      });
      expect(probes).toBe(24);
      expect(created).toBeGreaterThan(4 * probes);
    });
  });
});

/** The real one is carried by the probes with every option; two dozen of it would be as many times 200 KiB in a plan. */
function smallProgram(folder: string): string {
  const file = join(folder, "tallyman.mjs");
  writeFileSync(file, "console.log('the program');\n");
  return file;
}
