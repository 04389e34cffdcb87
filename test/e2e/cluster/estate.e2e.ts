import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROMETHEUS_CHART_VERSION } from "../../../lib/index";
import { main } from "../../../stacks/main";
import { runCronJobs, warningsOf, withoutPod } from "./admitted-pods";
import { ChartRepository } from "./chart-repository";
import { E2eCluster } from "./e2e-cluster";
import { objectAt, requireText } from "./json";
import { describeWith } from "./needs";
import { terraformCases } from "./preflight";
import { TerraformFolder } from "./terraform-folder";

const PROGRAM = join(__dirname, "../../../dist/lib/cli/tallyman.mjs");
/** As the estate has it. */
const NAMESPACE = "monitoring";

/** On a machine with other work they take several times their time alone. */
jest.setTimeout(600_000);

/** The registry's stack goes over ssh, and is applied in test/e2e/registry-host.test.ts. */
describeWith(["api", "controllers", "kubectl", "crds", "providers"], "the estate's stacks, applied", () => {
  let cluster: E2eCluster;
  let charts: ChartRepository;
  let folder = "";

  beforeAll(async () => {
    if (!existsSync(PROGRAM)) throw new Error("the program must be built: run `npm run build` first");
    folder = mkdtempSync(join(tmpdir(), "tallyman-estate-"));
    charts = await ChartRepository.start([{ name: "prometheus", version: PROMETHEUS_CHART_VERSION }]);
    cluster = await E2eCluster.start();
    await cluster.applyCrds();
    await cluster.createNamespace(NAMESPACE);
    const options = {
      env: {},
      outdir: join(folder, "out"),
      programFile: PROGRAM,
      writeError: () => undefined,
    };
    expect(main(options)).toBe(0);
  });

  afterAll(async () => {
    await cluster?.stop();
    await charts?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const stacks = ["monitoring", "monitoring-chart", "catalog"];
  const cases = terraformCases().flatMap((one) => stacks.map((stack) => ({ stack, ...one })));

  test.each(cases)("$stack by $program", async ({ stack, binary }) => {
    const path = join(folder, "out/stacks", stack);
    const terraform = new TerraformFolder(path, { binary, kubeconfig: cluster.kubeconfig }, folder);
    if (stack === "monitoring-chart") useStandInCharts(path);
    await terraform.init();
    const planned = await terraform.plan();
    expect(planned).toMatchObject({ code: 2, changes: { update: [], replace: [], delete: [] } });
    const applied = await terraform.applyPlan();
    expect(applied.output).toContain("Apply complete!");
    expect(planned.output + applied.output).not.toMatch(/Warning:/);
    expect(await terraform.plan()).toMatchObject({ code: 0 });
    if (stack === "monitoring-chart") await expectValuesArrived();

    expect(await warningsOf(cluster, NAMESPACE)).toEqual([]);
    await runCronJobs(cluster, NAMESPACE);
    expect(await withoutPod(cluster, NAMESPACE)).toEqual([]);
    // What controllers made of the objects is no change of theirs.
    expect(await terraform.plan()).toMatchObject({ code: 0 });
    expect((await terraform.destroy()).output).toContain("Destroy complete!");
    expect(await cluster.leftIn(NAMESPACE)).toEqual([]);
  });

  /** What is synthesized stays as it is: an override file is Terraform's own way to change one argument. */
  function useStandInCharts(path: string): void {
    const stack: unknown = JSON.parse(readFileSync(join(path, "cdk.tf.json"), "utf8"));
    const releases = Object.keys(objectAt(stack, "resource", "helm_release"));
    expect(releases).toHaveLength(1);
    const resource = { helm_release: { [releases[0] ?? ""]: { repository: charts.url } } };
    writeFileSync(join(path, "e2e_override.tf.json"), JSON.stringify({ resource }));
  }

  async function expectValuesArrived(): Promise<void> {
    const map = await cluster.kubectl.json(["get", "configmap", "prometheus-values", "-n", NAMESPACE]);
    const values: unknown = JSON.parse(requireText(map, "data", "values.json"));
    expect(JSON.stringify(objectAt(values, "serverFiles"))).toContain("RegistryManifestIntegrityFailure");
    expect(values).toMatchObject({ "prometheus-pushgateway": { enabled: true } });
  }
});
