import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { E2eCluster } from "./e2e-cluster";
import { describeWith } from "./needs";
import { cdktfCommand } from "./preflight";
import { clusterEnv } from "./terraform-folder";

const MAIN = join(__dirname, "../../../dist/stacks/main.js");
const NAMESPACE = "monitoring";
const STACK = "catalog";

jest.setTimeout(600_000);

/** What README's users run; all else here calls Terraform itself, which is what cdktf's command line does in the end. */
describeWith(["api", "controllers", "kubectl", "providers", "cdktf"], "the archived command line", () => {
  let cluster: E2eCluster;
  let project = "";

  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error("the stacks must be built: run `npm run build` first");
    project = mkdtempSync(join(tmpdir(), "tallyman-deploy-"));
    const app = `${process.execPath} ${MAIN}`;
    writeFileSync(
      join(project, "cdktf.json"),
      JSON.stringify({ language: "typescript", app, projectId: "e2e", sendCrashReports: "false" }),
    );
    cluster = await E2eCluster.start();
    await cluster.createNamespace(NAMESPACE);
  });

  afterAll(async () => {
    await cluster?.stop();
    rmSync(project, { recursive: true, force: true });
  });

  async function cdktf(...words: string[]) {
    const binary = cdktfCommand() ?? "";
    const own = { CI: "1", CHECKPOINT_DISABLE: "1", FORCE_COLOR: "0" };
    const env = clusterEnv({ kubeconfig: cluster.kubeconfig, env: own }, project);
    const child = spawn(binary, words, { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
      });
    }
    const [code] = await once(child, "close");
    return { code, output };
  }

  test("cdktf deploy, a second one that changes nothing, cdktf destroy", async () => {
    const words = ["--auto-approve", "--skip-provider-lock"];
    const first = await cdktf("deploy", STACK, ...words);
    expect([first.code, first.output]).toEqual([0, expect.stringContaining("Apply complete!")]);
    expect(await cluster.objectsIn(NAMESPACE)).toContain("ConfigMap service-catalog");

    const second = await cdktf("deploy", STACK, ...words);
    expect([second.code, second.output]).toEqual([
      0,
      expect.stringMatching(/No changes|0 added, 0 changed, 0 destroyed/),
    ]);

    const gone = await cdktf("destroy", STACK, ...words);
    expect([gone.code, gone.output]).toEqual([0, expect.stringContaining("Destroy complete!")]);
    expect(await cluster.leftIn(NAMESPACE)).toEqual([]);
  });
});
