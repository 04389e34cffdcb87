import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LocalBackend, TerraformStack } from "cdktf";
import type { AdoptOptions } from "../../lib/registry-host/check-adoption";
import type { RegistryHostOptions } from "../../lib/registry-host/host-spec";
import { RegistryHost } from "../../lib/registry-host/registry-host";
import { Ssh } from "../../lib/registry-host/ssh";
import { PROGRAM_TEXT, prepareSmallHost, sixRegistries, smallHost } from "../support/estate-host";
import { LoopbackSsh } from "../support/loopback-ssh";
import { requireTerraform, terraformEnv } from "../support/require-terraform";
import { prepareSeedHost, SEED_KEEPS, seedRemovals } from "../support/seed-host";
import { StandInHost } from "../support/stand-in-host";
import {
  checkHostBySsh,
  forgetServices,
  hideSecrets,
  releasedServices,
  runningServices,
  writeEngine,
} from "./host-look";

const terraform = requireTerraform("the registry host deployed over ssh");
const describeWithTerraform = terraform === null ? describe.skip : describe;

jest.setTimeout(300_000);

describeWithTerraform("a host that Terraform deploys to over ssh", () => {
  let host: StandInHost;
  let ssh: LoopbackSsh;
  let folder = "";
  let env: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-deploy-"));
    host = StandInHost.create();
    host.write("program.mjs", PROGRAM_TEXT);
    prepareSmallHost(host);
    const path = `${writeEngine(host)}:${host.bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    env = { ...host.environment, PATH: path };
    ssh = await LoopbackSsh.start({ env });
  });

  afterEach(async () => {
    await ssh.stop();
    await host.untilQuiet();
    host.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Options {
    readonly adopt?: AdoptOptions;
    readonly hostKey?: string;
    readonly timeout?: string;
  }

  /** Synthesizes, and gives the release's id. */
  function synthesize(
    options: RegistryHostOptions,
    { adopt, hostKey = ssh.hostKey, timeout = "20s" }: Options = {},
  ): string {
    const app = new App({ outdir: join(folder, "out") });
    const stack = new TerraformStack(app, "registry");
    new LocalBackend(stack, { path: join(folder, "state") });
    const { privateKeyFile, port, user } = ssh;
    const { release } = new RegistryHost(stack, "host", {
      ...options,
      ssh: Ssh.to("127.0.0.1", { hostKey, port, user, privateKeyFile, timeout }),
      programFile: join(host.folder, "program.mjs"),
      ...(adopt === undefined ? {} : { adopt }),
    });
    app.synth();
    return release.id;
  }

  function run(args: readonly string[]) {
    const child = spawn(terraform ?? "", [...args, "-no-color"], {
      cwd: join(folder, "out/stacks/registry"),
      env: terraformEnv(),
    });
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output.text += chunk.toString("utf8");
      });
    }
    return once(child, "close").then(([code]) => ({ code: Number(code), output: output.text }));
  }

  const init = () => run(["init", "-input=false"]);
  const apply = () => run(["apply", "-auto-approve", "-input=false"]);
  const plan = () => run(["plan", "-detailed-exitcode", "-input=false"]);

  test("a fresh host; nothing to do after it; a line that changes is shown, and applied", async () => {
    const first = synthesize(smallHost(host));
    expect((await init()).code).toBe(0);
    const applied = await apply();
    expect(applied.output).toContain(`tallyman: release ${first} runs`);
    expect(applied.code).toBe(0);
    expect(host.current()).toBe(`releases/${first}`);
    expect(host.read("registry/current/release.json")).toContain(`"id": "${first}"`);
    expect(host.read("registry/current/tallyman-host.mjs")).toBe(PROGRAM_TEXT);
    expect(await plan()).toMatchObject({ code: 0 });

    const second = synthesize({ ...smallHost(host), metrics: { port: 5002 } });
    const planned = await plan();
    expect(planned.code).toBe(2);
    expect(planned.output).toMatch(/^\s+- +listen 5001;$/m);
    expect(planned.output).toMatch(/^\s+\+ +listen 5002;$/m);
    expect((await apply()).code).toBe(0);
    expect(host.running()).toBe(second);
    expect(await plan()).toMatchObject({ code: 0 });
  });

  test("the host that was built by hand: stopped by its cron lines, adopted, rebooted, failed, and back", async () => {
    prepareSeedHost(host);
    // Two languages have it in quotes of their own before it comes to the script.
    const odd = `5 5 * * * echo "\${HOME:0:3} %{http_code} it's \\\\" > ${host.root}/log/x`;
    host.setCrontab(`${host.crontab()}${odd}\n`);
    synthesize(sixRegistries(host));
    await init();
    const refused = await apply();
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(
      "crontab:5: 0 3 * * 0 docker exec registry-dockerhub registry garbage-collect -m",
    );
    expect(host.running()).toBe("0");

    const adopt = { remove: seedRemovals(host), keep: [...SEED_KEEPS, `crontab: ${odd}`] };
    const id = synthesize(sixRegistries(host), { adopt });
    expect((await apply()).code).toBe(0);
    expect(host.running()).toBe(id);
    expect(host.crontab()).toBe(`# m h dom mon dow command\n15 4 * * * apt-get clean\n${odd}\n`);
    expect(await plan()).toMatchObject({ code: 0 });

    // A reboot: what the unit runs brings back the services of the release in force.
    const services = releasedServices(host);
    expect(services).toHaveLength(8);
    forgetServices(host);
    const [, command = ""] =
      /^ExecStart=(?:\/usr\/bin\/)?(.*)$/m.exec(
        host.read("etc/systemd/system/docker-compose-registry.service") ?? "",
      ) ?? [];
    expect(command).toBe(
      `docker compose -p registry -f ${host.root}/current/docker-compose.yml up -d --wait`,
    );
    execFileSync("sh", ["-c", command], { env, stdio: "ignore" });
    expect([...runningServices(host)].sort()).toEqual([...services].sort());
    expect(host.running()).toBe(id);

    synthesize({ ...sixRegistries(host), metrics: { port: 5002 } }, { adopt });
    host.setStatus(5000, 502);
    const failed = await apply();
    expect(failed.code).toBe(1);
    expect(failed.output).toContain("dockerhub must answer 200 on http://localhost:5000/v2/, got 502");
    expect(failed.output).toContain(`release ${id} runs again`);
    expect(host.running()).toBe(id);
    // The failed step is tried again: it is no silent success.
    expect((await plan()).code).toBe(2);
    host.setStatus(5000, 200);
    expect((await apply()).code).toBe(0);
  });

  test("after an apply `tallyman host check` finds nothing, and after it a file that somebody changed", async () => {
    synthesize(smallHost(host));
    await init();
    expect((await apply()).code).toBe(0);
    hideSecrets(host);
    const check = () => checkHostBySsh(host, ssh, join(folder, "out/artifacts/registry-host"));
    expect(await check()).toEqual({ code: 0, stderr: "", drift: [] });
    appendFileSync(join(host.root, "current/nginx.conf"), "# by hand\n");
    expect(await check()).toMatchObject({ code: 1, drift: ["file_changed nginx.conf"] });
  });

  test("a connection that is cut leaves one of the two running, and the next apply finishes", async () => {
    const old = synthesize(smallHost(host));
    await init();
    expect((await apply()).code).toBe(0);
    const id = synthesize({ ...smallHost(host), metrics: { port: 5002 } });
    synthesize({ ...smallHost(host), metrics: { port: 5002 } }, { timeout: "3s" });
    const between = apply();
    await host.until(() => host.uploaded(id) > 0, "no upload");
    // Until the apply has felt it: there are moments without any connection.
    const cutting = setInterval(() => ssh.cut(), 20);
    expect((await between).code).toBe(1);
    clearInterval(cutting);
    expect(host.running()).toBe(old);
    for (const step of [" config -q$", " up -d"]) {
      host.pauseAt(step);
      const cut = apply();
      await host.untilPaused();
      ssh.cut();
      const { code } = await cut;
      expect(code).toBe(1);
      expect([old, id]).toContain(host.running());
      host.resume();
      await host.untilQuiet();
      expect(host.running()).toBe(id);
    }
    expect((await apply()).code).toBe(0);
    expect(host.running()).toBe(id);
    expect(await plan()).toMatchObject({ code: 0 });
  });

  test("another host key gets nothing", async () => {
    const other = ssh.hostKey.replace(/.{4}$/, (end) => (end === "AAAA" ? "BBBB" : "AAAA"));
    synthesize(smallHost(host), { hostKey: other, timeout: "3s" });
    await init();
    const refused = await apply();
    expect(refused.code).toBe(1);
    expect(host.calls()).toEqual([]);
    expect(host.read("registry/incoming")).toBeNull();
  });
});
