import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { RegistryHost, Ssh } from "../../lib/index";
import { writeEngine } from "../e2e/host-look";
import { PROGRAM_TEXT, prepareSmallHost, smallHost } from "../support/estate-host";
import { LoopbackSsh } from "../support/loopback-ssh";
import { requireTerraform, terraformEnv } from "../support/require-terraform";
import { StandInHost } from "../support/stand-in-host";

/** What the README says of cdktf.out/stacks/<name>: a root module that needs nothing of what is around it. */

const terraform = requireTerraform("a stack applied from a copy of its folder");
const describeWithTerraform = terraform === null ? describe.skip : describe;

jest.setTimeout(180_000);

describeWithTerraform("a stack's folder, copied elsewhere", () => {
  let folder = "";
  let host: StandInHost;
  let ssh: LoopbackSsh;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-root-module-"));
    host = StandInHost.create();
    host.write("program.mjs", PROGRAM_TEXT);
    prepareSmallHost(host);
    const path = `${writeEngine(host)}:${host.bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    ssh = await LoopbackSsh.start({ env: { ...host.environment, PATH: path } });
  });

  afterEach(async () => {
    await ssh.stop();
    await host.untilQuiet();
    host.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Synthesizes, copies the one folder, and removes all else that the synthesis wrote. */
  function copyOfStack(): string {
    const app = new App({ outdir: join(folder, "out") });
    const stack = new TerraformStack(app, "registry");
    // Beside the module: a path that climbs out would end in another place for each who copies it.
    new LocalBackend(stack, { path: "terraform.tfstate" });
    const { hostKey, privateKeyFile, port, user } = ssh;
    new RegistryHost(stack, "host", {
      ...smallHost(host),
      ssh: Ssh.to("127.0.0.1", { hostKey, port, user, privateKeyFile, timeout: "20s" }),
      programFile: join(host.folder, "program.mjs"),
    });
    app.synth();
    const copy = join(folder, "elsewhere");
    cpSync(join(folder, "out/stacks/registry"), copy, { recursive: true });
    rmSync(join(folder, "out"), { recursive: true });
    return copy;
  }

  async function run(cwd: string, ...args: string[]) {
    const child = spawn(terraform ?? "", [...args, "-input=false", "-no-color"], {
      cwd,
      env: terraformEnv(),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
      });
    }
    const [code] = await once(child, "close");
    return { code: Number(code), output };
  }

  test("is initialized, applied without a change left, and destroyed", async () => {
    const copy = copyOfStack();
    expect(await run(copy, "init")).toMatchObject({ code: 0 });
    const applied = await run(copy, "apply", "-auto-approve");
    expect(applied.output).toContain("Apply complete!");
    expect(applied.code).toBe(0);
    expect(host.read("registry/current/tallyman-host.mjs")).toBe(PROGRAM_TEXT);
    expect(await run(copy, "plan", "-detailed-exitcode")).toMatchObject({ code: 0 });
    const destroyed = await run(copy, "destroy", "-auto-approve");
    expect(destroyed.output).toContain("Destroy complete!");
    expect(destroyed.code).toBe(0);
    expect(JSON.parse(readFileSync(join(copy, "terraform.tfstate"), "utf8"))).toMatchObject({
      resources: [],
    });
    // The host stays as it is.
    expect(existsSync(join(copy, "cdk.tf.json"))).toBe(true);
    expect(host.read("registry/current/tallyman-host.mjs")).toBe(PROGRAM_TEXT);
  });
});
