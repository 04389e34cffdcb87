import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordMissingTool } from "../../support/require-terraform";
import { BuiltTree, previousCommit } from "./built-tree";
import { E2eCluster } from "./e2e-cluster";
import { objectAt } from "./json";
import { describeWith } from "./needs";
import { terraformBinaries } from "./preflight";
import { TerraformFolder } from "./terraform-folder";

const NAME = "upgrade from the commit before";
/** Of the estate's stacks those that need a Kubernetes API and nothing else. */
const APPLIED = ["monitoring", "catalog"];
const NEXT_MAJOR = ">= 3.0.0, < 4.0.0";
const SOUND = { code: 0 };
const BUILD_TIMEOUT_MS = 360_000;

const previous = previousCommit();

describeWith(["api", "kubectl", "terraform", "providers", "crds"], NAME, () => {
  let folder: string;
  let cluster: E2eCluster;
  /** Folders of the outputs: of the commit before, where there is one, and of this checkout. */
  let before: string | null = null;
  let now: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-upgrade-"));
    mkdirSync(join(folder, "state"));
    if (previous === null) recordMissingTool("the commit before this one (a shallow clone)", NAME);
    else before = BuiltTree.ofCommit(previous, join(folder, "before")).synthesize(join(folder, "state"));
    now = BuiltTree.ofCheckout(join(folder, "now")).synthesize(join(folder, "state"));
    cluster = await E2eCluster.start();
    await cluster.applyCrds();
    for (const namespace of namespacesOf(now)) await cluster.createNamespace(namespace);
  }, BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("no address of any stack goes away", () => {
    const stacks = readdirSync(join(now, "stacks"));
    expect(stacks).toEqual(expect.arrayContaining(APPLIED));
    if (before === null) return;
    for (const stack of readdirSync(join(before, "stacks"))) {
      expect(addressesOf(now, stack)).toEqual(expect.arrayContaining(addressesOf(before, stack)));
    }
  });

  test.each(APPLIED)(
    "%s: nothing to destroy, nothing to replace, and the next provider changes nothing",
    async (stack) => {
      if (before !== null) {
        const old = terraformIn(before, stack);
        await old.init();
        expect(await old.apply()).toMatchObject(SOUND);
        expect(await old.plan()).toMatchObject(SOUND);
      }
      const terraform = terraformIn(now, stack);
      await terraform.init();
      const plan = await terraform.plan();
      expect(plan.changes).toMatchObject({ replace: [], delete: [], forget: [] });
      if (before !== null) {
        const added = addressesOf(now, stack).filter(
          (one) => !addressesOf(before ?? "", stack).includes(one),
        );
        expect([...(plan.changes?.create ?? [])].sort()).toEqual(added);
      }
      expect(await terraform.applyPlan()).toMatchObject(SOUND);
      expect(await terraform.plan()).toMatchObject(SOUND);
      await liftProvider(terraform);
      expect(await terraform.destroy()).toMatchObject(SOUND);
    },
  );

  /** As docs/adopt.md lifts the pin. */
  async function liftProvider(terraform: TerraformFolder): Promise<void> {
    const kubernetes = { source: "kubernetes", version: NEXT_MAJOR };
    const file = join(terraform.path, "test_override.tf.json");
    writeFileSync(file, JSON.stringify({ terraform: { required_providers: { kubernetes } } }));
    const { code } = await terraform.run(["init", "-input=false", "-upgrade"]);
    if (code === 0) expect(await terraform.plan()).toMatchObject(SOUND);
    else
      recordMissingTool(`hashicorp/kubernetes ${NEXT_MAJOR}`, `${NAME}: the provider's next major version`);
    rmSync(file);
    await terraform.run(["init", "-input=false", "-upgrade"]);
  }

  function terraformIn(output: string, stack: string): TerraformFolder {
    const world = { binary: terraformBinaries()[0] ?? "", kubeconfig: cluster.kubeconfig };
    return new TerraformFolder(join(output, "stacks", stack), world, folder);
  }
});

function readStack(output: string, stack: string): unknown {
  return JSON.parse(readFileSync(join(output, "stacks", stack, "cdk.tf.json"), "utf8"));
}

/** Sorted. */
function addressesOf(output: string, stack: string): readonly string[] {
  return Object.entries(objectAt(readStack(output, stack), "resource"))
    .flatMap(([type, byId]) => Object.keys(objectAt(byId)).map((id) => `${type}.${id}`))
    .sort();
}

/** Of what is applied. */
function namespacesOf(output: string): readonly string[] {
  const text = APPLIED.map((stack) => JSON.stringify(objectAt(readStack(output, stack), "resource"))).join();
  return [...new Set([...text.matchAll(/"namespace":"([a-z0-9-]+)"/g)].map((match) => match[1] ?? ""))];
}
