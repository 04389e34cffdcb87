/** docs/adopt.md, "Taking over an existing CronJob": step by step, as it is written there. */
import { join } from "node:path";
import { AdoptedStack, adoption, deploy, runConsole } from "./adoption/adopted-stack";
import { AdoptionWorld, toNamespace } from "./adoption/adoption-world";
import { type Substitution, takeBlock } from "./adoption/document";
import { OLD_METADATA, OldConfiguration } from "./adoption/old-configuration";
import {
  HELM_PROVIDER,
  OLD_NAME,
  oldManifests,
  oldRelease,
  oldResource,
  oldRest,
} from "./adoption/old-probe";
import { describeWith } from "./needs";

const PROBE = "kubernetes_cron_job_v1.probe_cron-job_B7B304D9";
const ADDED = [
  "kubernetes_config_map_v1.probe_config-map_E65F080C",
  "kubernetes_manifest.alerts_prometheus-rule_6B67E7AF",
  "kubernetes_network_policy_v1.probe_network-policy_76FFC7AB",
];
const ACCOUNT = "kubernetes_service_account_v1.probe_service-account_9C48B51E";
const NOTHING_LOST = { replace: [], delete: [] };
/** As the document says for a CronJob that the provider made. */
const COMPLETIONS_LEFT_OUT: Substitution = ["CRON_JOB_PATHS.completions, ", ""];

describeWith(
  ["api", "controllers", "kubectl", "terraform", "providers", "crds"],
  "a CronJob that is there already",
  () => {
    let world: AdoptionWorld;

    beforeAll(async () => {
      world = await AdoptionWorld.start();
    });

    afterAll(async () => {
      await world?.stop();
    });

    /** What the document promises once the stack is applied. */
    async function isTakenOver(stack: AdoptedStack, namespace: string) {
      expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
      expect(await world.groups()).toContain(`${OLD_NAME} 7`);
      const byHand = takeBlock(adoption, { language: "console", holds: "create job" }, [
        toNamespace(namespace),
        // A Job that fails never completes.
        ["--timeout=10m", "--timeout=60s"],
      ]);
      const runs = await runConsole(byHand, world.kubectl);
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(runs.at(-1)?.stdout).toContain("WHOLE");
      expect(await world.groups()).toEqual(["tallyman 0"]);
    }

    test("made by kubectl", async () => {
      const namespace = "by-kubectl";
      await world.createNamespace(namespace);
      const list = { apiVersion: "v1", kind: "List", items: oldManifests(namespace) };
      await world.kubectl.must(["apply", "-f", "-"], JSON.stringify(list));
      await world.runOldProbe(namespace);
      const before = await world.identity(namespace);
      expect(before).toMatchObject({ hasRun: true, history: ["before"] });

      const stack = AdoptedStack.create(world.terraform, world.inProgram(namespace));
      try {
        stack.synthesize([
          ["new KubernetesProvider(", "const provider = new KubernetesProvider("],
          ['/registry-integrity-probe")', '/registry-integrity-probe", provider)'],
        ]);
        await stack.terraform.init().catch(() => undefined);
        const refused = await stack.terraform.run(["validate"]);
        expect(refused).toMatchObject({
          code: 1,
          output: expect.stringContaining("Invalid import provider"),
        });

        stack.synthesize([COMPLETIONS_LEFT_OUT]);
        await stack.terraform.init();
        const replacing = await stack.terraform.plan();
        expect(replacing.changes).toMatchObject({ replace: [PROBE] });
        expect(replacing.output).toMatch(/^.* must be replaced$/m);
        expect(replacing.output).toMatch(/ completions .*# forces replacement$/m);

        stack.synthesize();
        const [planned, applied] = await deploy(stack);
        expect(planned).toMatchObject({
          code: 2,
          changes: { create: [...ADDED, ACCOUNT], update: [PROBE], imported: [PROBE], ...NOTHING_LOST },
        });
        expect(planned?.output).toMatch(/^Plan: 1 to import, 4 to add, 1 to change, 0 to destroy\.$/m);
        expect(planned?.output).toContain(`${PROBE} will be updated in-place`);
        expect(applied).toMatchObject({ code: 0 });
        expect(await world.identity(namespace)).toEqual(before);
        await isTakenOver(stack, namespace);

        // The line with importFrom can be taken out, and the plan is empty; then the option, which is a change alone.
        const without: Substitution = [/^.*\.importFrom\(.*$/, ""];
        stack.synthesize([without]);
        expect(await stack.terraform.plan()).toMatchObject({ code: 0 });
        stack.synthesize([without, [/^ +replaceGroup: .*$/, ""]]);
        expect(await stack.terraform.plan()).toMatchObject({
          code: 2,
          changes: { create: [], update: [PROBE], ...NOTHING_LOST },
        });
      } finally {
        stack.remove();
      }
    });

    test("made by HCL with this provider", async () => {
      const namespace = "by-hcl";
      await world.createNamespace(namespace);
      const old = new OldConfiguration(join(world.folder, namespace), world.terraform);
      const rest = oldRest(namespace);
      old.write("main.tf", rest + oldResource(namespace));
      await old.terraform.init();
      await old.apply();
      await world.runOldProbe(namespace);
      const before = await world.identity(namespace);

      old.write("main.tf", rest + takeBlock(adoption, { language: "hcl", topic: "HCL" }));
      const forgetting = await old.terraform.plan();
      expect(forgetting.changes).toMatchObject({
        ...NOTHING_LOST,
        create: [],
        update: [],
        forget: ["kubernetes_cron_job_v1.registry_integrity_probe"],
      });
      expect(forgetting.output).toContain("0 to destroy");
      expect(await old.terraform.applyPlan()).toMatchObject({ code: 0 });
      expect(await old.terraform.plan()).toMatchObject({ code: 0 });
      expect(await world.identity(namespace)).toEqual(before);

      const stack = AdoptedStack.create(world.terraform, world.inProgram(namespace));
      try {
        stack.synthesize([COMPLETIONS_LEFT_OUT]);
        await stack.terraform.init();
        const [planned, applied] = await deploy(stack);
        expect(planned).toMatchObject({
          changes: { create: [...ADDED, ACCOUNT], update: [PROBE], imported: [PROBE], ...NOTHING_LOST },
        });
        expect(applied).toMatchObject({ code: 0 });
        expect(await world.identity(namespace)).toEqual(before);
        await isTakenOver(stack, namespace);
        // The script goes the ordinary way, and takes nothing with it.
        old.write("main.tf", rest.replace(/^resource [\s\S]*/m, ""));
        expect(await old.terraform.plan()).toMatchObject({
          changes: { delete: ["kubernetes_config_map_v1.script"] },
        });
        expect(await old.terraform.applyPlan()).toMatchObject({ code: 0 });
        expect(await world.identity(namespace)).toEqual(before);
      } finally {
        stack.remove();
      }
    });

    describe("from a Helm chart", () => {
      const kept = () => takeBlock(adoption, { language: "yaml", topic: "A Helm chart" });

      async function release(namespace: string): Promise<OldConfiguration> {
        await world.createNamespace(namespace);
        const old = new OldConfiguration(join(world.folder, namespace), world.terraform);
        old.write("main.tf", HELM_PROVIDER + oldRelease(namespace));
        old.writeChart(namespace, { version: "1.0.0", cronJobMetadata: OLD_METADATA });
        await old.terraform.init();
        await old.apply();
        await world.runOldProbe(namespace);
        return old;
      }

      test("whose template goes: kept by the annotation, deleted without it", async () => {
        const namespace = "by-chart";
        const old = await release(namespace);
        const before = await world.identity(namespace);
        old.writeChart(namespace, { version: "1.0.0", cronJobMetadata: kept() });
        // Terraform compares the version alone.
        expect(await old.terraform.plan()).toMatchObject({ code: 0 });
        old.writeChart(namespace, { version: "1.0.1", cronJobMetadata: kept() });
        await old.apply();
        old.writeChart(namespace, { version: "1.0.2", cronJobMetadata: null });
        await old.apply();
        expect(await world.identity(namespace)).toEqual(before);

        const careless = await release("by-careless-chart");
        careless.writeChart("by-careless-chart", { version: "1.0.1", cronJobMetadata: null });
        await careless.apply();
        await expect(world.identity("by-careless-chart")).rejects.toThrow(/NotFound|not found/);
      });

      test("whose release is forgotten, with a ServiceAccount of the probe's name", async () => {
        const namespace = "by-release";
        const old = await release(namespace);
        const before = await world.identity(namespace);
        old.writeChart(namespace, { version: "1.0.1", cronJobMetadata: kept() });
        await old.apply();
        old.write("main.tf", HELM_PROVIDER + takeBlock(adoption, { language: "hcl", topic: "A Helm chart" }));
        expect((await old.terraform.plan()).changes).toMatchObject({
          ...NOTHING_LOST,
          forget: ["helm_release.registry_integrity_probe"],
        });
        expect(await old.terraform.applyPlan()).toMatchObject({ code: 0 });
        const forget = takeBlock(adoption, { language: "console", topic: "A Helm chart" }, [
          toNamespace(namespace),
        ]);
        const [deleted] = await runConsole(forget, world.kubectl);
        expect(deleted).toMatchObject({
          code: 0,
          stdout: expect.stringMatching(/v1" deleted.*\n.*v2" deleted/),
        });
        expect(await world.kubectl.list(["secret", "-n", namespace, "-l", "owner=helm"])).toEqual([]);
        expect(await world.identity(namespace)).toEqual(before);

        const stack = AdoptedStack.create(world.terraform, world.inProgram(namespace));
        try {
          stack.synthesize();
          await stack.terraform.init();
          const [planned, refused] = await deploy(stack);
          expect(planned).toMatchObject({ changes: { update: [PROBE], imported: [PROBE], ...NOTHING_LOST } });
          expect(refused).toMatchObject({
            code: 1,
            output: expect.stringContaining(`serviceaccounts "${OLD_NAME}" already exists`),
          });
          const account = takeBlock(adoption, { language: "ts", holds: "serviceAccount" }, [
            toNamespace(namespace),
            [/^declare const .*\n/, ""],
          ]);
          const imported: Substitution = ["app.synth();", `${account}app.synth();`];
          stack.synthesize([imported]);
          const [again, applied] = await deploy(stack);
          expect(again).toMatchObject({ changes: { imported: [ACCOUNT], ...NOTHING_LOST } });
          expect(applied).toMatchObject({ code: 0 });
          expect(await world.identity(namespace)).toEqual(before);
          await isTakenOver(stack, namespace);
        } finally {
          stack.remove();
        }
      });
    });
  },
);
