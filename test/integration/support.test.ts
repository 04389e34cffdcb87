/** The helpers of the other integration tests: what they promise about processes, credentials and verdicts. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { buildImage } from "../../lib/testing";
import { Distribution } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import { promtool } from "../support/prometheus";
import { Pushgateway } from "../support/pushgateway";
import { rawHttp } from "../support/raw-http";
import { findTool, requireTool } from "../support/require-tool";
import { portOutsideEphemeral } from "../support/server-process";
import { skopeoPull } from "../support/skopeo";
import { flipOneByte } from "../support/storage-damage";
import { writeImage } from "../support/write-image";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-support-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function goneWithin(timeoutMs: number, isThere: () => boolean): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (isThere() && performance.now() < end) await sleep(20);
  return !isThere();
}

test("a registry with htpasswd turns the anonymous away and serves who has the password", async () => {
  const credentials = { username: "reader", password: "correct horse" };
  const htpasswdFile = join(folder, "htpasswd");
  writeFileSync(htpasswdFile, `${htpasswdLine(credentials.username, credentials.password)}\n`);
  const registry = await Distribution.start({ htpasswdFile });
  try {
    writeImage(registry.root, "app", "latest", buildImage({ seed: "htpasswd" }));
    const image = `${registry.host}/app:latest`;
    expect((await rawHttp(`${registry.url}/v2/`)).status).toBe(401);
    expect(await skopeoPull(image)).toMatchObject({
      ok: false,
      stderr: expect.stringContaining("authentication required"),
    });
    expect(await skopeoPull(image, { credentials })).toEqual({ ok: true, stderr: "" });
    const wrong = { ...credentials, password: "battery staple" };
    expect((await skopeoPull(image, { credentials: wrong })).ok).toBe(false);
  } finally {
    await registry.stop();
  }
});

test("skopeo refuses an image with a changed byte in a layer", async () => {
  const registry = await Distribution.start();
  try {
    const image = buildImage({ seed: "flipped" });
    writeImage(registry.root, "app", "latest", image);
    for (const layer of image.layers.slice(-1)) flipOneByte(registry.root, layer.digest);
    const pull = await skopeoPull(`${registry.host}/app:latest`);
    expect(pull).toMatchObject({ ok: false, stderr: expect.stringContaining("Digest did not match") });
  } finally {
    await registry.stop();
  }
});

test("stopping a registry leaves neither process nor storage; a restart keeps port and storage", async () => {
  const registry = await Distribution.start();
  const { host, root, pid } = registry;
  await registry.restart();
  expect([registry.host, isAlive(pid), existsSync(root)]).toEqual([host, false, true]);
  const second = registry.pid;
  await registry.stop();
  expect([isAlive(second), existsSync(root)]).toEqual([false, false]);
});

test("a registry dies with the process that started it, even by SIGKILL, and its storage goes too", async () => {
  const bundle = join(folder, "distribution.cjs");
  buildSync({
    entryPoints: [join(__dirname, "../support/distribution.ts")],
    bundle: true,
    platform: "node",
    outfile: bundle,
  });
  const script = `require(process.argv[1]).Distribution.start().then(
    (registry) => console.log(JSON.stringify([registry.pid, registry.root])))`;
  const parent = spawn(process.execPath, ["-e", script, bundle], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const [, pid, root] = /^\[(\d+),"([^"]+)"\]/.exec(`${line}`) ?? [];
  expect([isAlive(Number(pid)), existsSync(`${root}`)]).toEqual([true, true]);
  parent.kill("SIGKILL");
  await once(parent, "close");
  expect(await goneWithin(5_000, () => isAlive(Number(pid)) || existsSync(`${root}`))).toBe(true);
});

test("a server that comes and goes has a port that the kernel gives to nobody who connects", async () => {
  const [first = 0, last = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .split(/\s/)
    .map(Number);
  const port = await portOutsideEphemeral();
  expect(port < first || port > last).toBe(true);
  const holder = createServer().listen(port, "127.0.0.1");
  await once(holder, "listening");
  expect(await portOutsideEphemeral()).not.toBe(port);
  holder.close();
  await once(holder, "close");
});

test("a program that cannot start is an error with its own words", async () => {
  const notAFolder = join(folder, "file");
  writeFileSync(notAFolder, "");
  const failed = Distribution.start({ htpasswdFile: join(notAFolder, "htpasswd") });
  await expect(failed.then((registry) => registry.stop())).rejects.toThrow(/did not start: .*htpasswd/s);
});

test("the Pushgateway takes a group and shows its samples", async () => {
  const gateway = await Pushgateway.start();
  try {
    const put = (body: string) =>
      rawHttp(`${gateway.url}/metrics/job/tallyman/instance/registry`, {
        method: "PUT",
        body: Buffer.from(body),
      });
    expect((await put("some_metric 1\n")).status).toBe(200);
    expect((await put("some_metric not-a-number\n")).status).toBe(400);
    expect(await gateway.samples("some_metric")).toEqual([
      'some_metric{instance="registry",job="tallyman"} 1',
    ]);
  } finally {
    await gateway.stop();
  }
});

test("promtool judges a rule file", () => {
  const rules = (expr: string) => JSON.stringify({ groups: [{ name: "g", rules: [{ alert: "A", expr }] }] });
  const check = (expr: string) => promtool(["check", "rules", "rules.yml"], { "rules.yml": rules(expr) });
  expect(check("up == 0")).toMatchObject({ ok: true, output: expect.stringContaining("1 rules found") });
  expect(check("up ==").ok).toBe(false);
});

test("a tool that is not there is named, with what to do", () => {
  expect(() => requireTool("no-such-tool")).toThrow(
    "missing for the tests: no-such-tool. Install it and have it on PATH.",
  );
});

describe("install-test-servers.sh", () => {
  const install = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    spawnSync("/bin/sh", [join(__dirname, "../../scripts/install-test-servers.sh"), ...args], {
      encoding: "utf8",
      env: { HOME: folder, ...env },
    });

  /** A PATH with what the script is written in, and without any way to install. */
  function barePath(): string {
    const path = join(folder, "bare");
    mkdirSync(path, { recursive: true });
    for (const tool of ["grep", "mkdir"]) {
      if (!existsSync(join(path, tool))) symlinkSync(requireTool(tool), join(path, tool));
    }
    return path;
  }

  test("is silent where nothing is missing", () => {
    expect(findTool("docker-registry")).not.toBeNull();
    const { PATH = "" } = process.env;
    const { status, stdout, stderr } = install({ PATH }, "--check");
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });

  test("names in one line what is missing and cannot be installed: a failure in CI alone", () => {
    const env = { PATH: barePath() };
    const line = /^missing for the tests: docker-registry skopeo .*\. Install: sudo apt-get install .*\n$/;
    expect(install(env)).toMatchObject({ status: 0, stderr: expect.stringMatching(line) });
    expect(install({ ...env, CI: "true" })).toMatchObject({ status: 1, stderr: expect.stringMatching(line) });
    expect(install(env, "--check")).toMatchObject({ status: 1, stdout: expect.stringMatching(line) });
    expect(install(env).stdout).toMatch(/^not run: the distribution 3\.1 matrix \(.*\)\n$/);
  });
});
