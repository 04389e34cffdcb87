import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { Duration } from "../../../lib/core/duration";
import { Digest } from "../../../lib/oci/digest";
import { Maintenance, Retention } from "../../../lib/registry-host/maintenance/maintenance";
import { buildImage } from "../../../lib/testing";
import { distributionVersions } from "../../support/distribution";
import { type Fault, MaintainedHost } from "../../support/maintained-host";
import { blobDataPath, inStorage } from "../../support/storage";
import { twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";

type InMemory = Parameters<typeof build>[0] & { readonly write: false };
const { hostBundleOptions } = jest.requireActual<{ readonly hostBundleOptions: InMemory }>(
  "../../../scripts/bundle.js",
);

jest.setTimeout(300_000);

const KEPT = [twoPlatforms("kept one"), twoPlatforms("kept two")];
const NEWEST = buildImage({ seed: "newest", created: "2026-02-01T00:00:00Z" });
const DROPPED = buildImage({ seed: "dropped", created: "2026-01-01T00:00:00Z" });
const GARBAGE = Digest.of("sha256", Buffer.from("nobody needs it"));
const MAINTENANCE = Maintenance.weekly("Sun 03:00", {
  keep: Retention.newest(1, { keep: ["^kept"], minAge: Duration.milliseconds(0) }),
});

let folder = "";
let program = "";
let host: MaintainedHost;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-host-program-"));
  program = join(folder, "tallyman-host.mjs");
  const { outputFiles } = await build(hostBundleOptions);
  writeFileSync(program, outputFiles[0]?.contents ?? "");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => host.remove());

async function create(version: "2.8" | "3.1" = "2.8"): Promise<void> {
  host = await MaintainedHost.create(program, MAINTENANCE, version);
  KEPT.forEach((image, i) => {
    writeImage(host.storage, "team/app", `kept-${i}`, image);
  });
  writeImage(host.storage, "team/app", "old", DROPPED);
  writeImage(host.storage, "team/app", "new", NEWEST);
  const garbage = inStorage(host.storage, blobDataPath(GARBAGE));
  mkdirSync(dirname(garbage), { recursive: true });
  writeFileSync(garbage, "nobody needs it");
  await host.boot();
  host.order(null);
}

/** By the host's own program, as a client would pull. */
function probe(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { username, password } = host.credentials;
  return spawnSync(
    process.execPath,
    [program, "probe", `http://${host.host}`, "--repository", "team/app", "--rate", "0", "--format", "json"],
    {
      env: { TALLYMAN_USERNAME: username, TALLYMAN_PASSWORD: password },
      encoding: "utf8",
    },
  );
}

async function uploadStatus(): Promise<number> {
  const { username, password } = host.credentials;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const answer = await fetch(`http://${host.host}/v2/a/blobs/uploads/`, {
    method: "POST",
    headers: { authorization },
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function expectSound(): Promise<void> {
  expect(host.mode).toBe("serving");
  expect(await uploadStatus()).toBe(202);
  expect(host.metric("registry_maintenance")).toBe(0);
  expect(existsSync(`${host.folder}/root/maintenance/private.read-only`)).toBe(false);
  const lock = spawnSync("flock", ["-n", `${host.folder}/root/activation/lock`, "true"]);
  expect(lock.status).toBe(0);
  const found = probe();
  expect({ status: found.status, report: found.stdout }).toMatchObject({
    status: 0,
    report: expect.stringMatching(/"findings":\[\]/),
  });
}

function has(digest: Digest): boolean {
  return existsSync(inStorage(host.storage, blobDataPath(digest)));
}

const STEPS: readonly (readonly [string, string])[] = [
  ["retention", "tallyman-host.mjs retain"],
  ["read-only", "read-only.yml up"],
  ["proof of read-only", "upload-status.mjs .* 405"],
  ["collection", "garbage-collect"],
  ["restart of the front", "restart registry-nginx"],
  ["scan", "tallyman-host.mjs scan"],
  ["probe", "tallyman-host.mjs probe"],
];

describe.each(distributionVersions("the maintenance"))("a whole run on the real registry %s", (version) => {
  test("what is kept is whole, what nobody needs is gone, in the one order", async () => {
    await create(version);
    const run = await host.maintain();
    expect(run).toMatchObject({ code: 0, output: expect.stringContaining("maintenance done") });
    const { calls } = host;
    const at = [
      "upload-status.mjs .* 202",
      "tallyman-host.mjs retain",
      "read-only.yml up -d",
      "upload-status.mjs .* 405",
      "exec -T registry-private registry garbage-collect",
      "up -d --no-deps --force-recreate registry-private",
      "restart registry-nginx",
      "tallyman-host.mjs scan",
      "tallyman-host.mjs probe",
    ].map((pattern) => calls.findIndex((call) => new RegExp(pattern).test(call)));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(calls.join("\n")).not.toMatch(/garbage-collect.*(?: -m\b|delete-untagged)|of no use to anyone/);
    expect(calls.join("\n")).not.toContain("dockerhub");
    await expectSound();
    expect(KEPT.every((image) => image.children.every(({ digest }) => has(digest)))).toBe(true);
    expect(has(NEWEST.digest)).toBe(true);
    expect([GARBAGE, DROPPED.digest].map(has)).toEqual([false, false]);
    expect(host.metric("registry_gc_last_exit_code")).toBe(0);
    expect(host.metric("registry_gc_last_success_timestamp")).toBeGreaterThan(1_600_000_000);
    expect(host.read("textfile/registry-scan-private.prom")).toMatch(/^registry_orphaned_images\{.*\} 0$/m);
  });
});

test.each(STEPS)("%s fails: said, counted, read-write again", async (_, pattern) => {
  await create();
  host.order({ kind: "fail", pattern });
  const run = await host.maintain();
  expect(run).toMatchObject({ code: 17, output: expect.stringMatching(/failed with exit code 17/) });
  expect(host.metric("registry_gc_last_exit_code")).toBe(17);
  await expectSound();
});

test("a registry that does not come back is said so, keeps its mark, and is brought back by the next recovery", async () => {
  await create();
  host.order({ kind: "fail", pattern: "--force-recreate" });
  const run = await host.maintain();
  expect(run.code).not.toBe(0);
  expect(host.metric("registry_maintenance")).toBe(0);
  expect(host.metric("registry_gc_last_exit_code")).not.toBe(0);
  host.order(null);
  expect(await host.unitCommand("registry-maintenance.service", "ExecStopPost")).toMatchObject({ code: 0 });
  await expectSound();
});

test("a collection that hangs is ended", async () => {
  await create();
  const limited = host
    .read("root/releases/1/maintenance/maintain.sh")
    .replace(/COLLECT_SECONDS=\d+/, "COLLECT_SECONDS=1");
  host.write("root/releases/1/maintenance/maintain.sh", limited);
  host.order({ kind: "hang", pattern: "garbage-collect" });
  expect(await host.maintain()).toMatchObject({
    code: 124,
    output: expect.stringContaining("ended after 1 seconds"),
  });
  await expectSound();
});

async function waitFor(pattern: RegExp): Promise<void> {
  for (let i = 0; i < 1_000 && !host.calls.some((call) => pattern.test(call)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a second run says so and does nothing, and SIGTERM ends the first one at once, read-write", async () => {
  await create();
  host.order({ kind: "hang", pattern: "garbage-collect" });
  const first = host.startMaintenance();
  await waitFor(/garbage-collect/);
  const before = host.calls.length;
  expect(host.metric("registry_maintenance")).toBe(1);
  expect(await uploadStatus()).toBe(405);
  const second = await host.start("sh", [host.script]).ended;
  expect(second).toMatchObject({ code: 75, output: expect.stringContaining("under way") });
  expect(await host.start("sh", [host.script, "--recover"]).ended).toMatchObject({ code: 0 });
  expect(host.calls.length).toBe(before);
  first.child.kill("SIGTERM");
  expect((await first.ended).code).toBe(143);
  expect(host.metric("registry_gc_last_exit_code")).toBe(143);
  await expectSound();
});

test("killed after any step, with a boot behind it: read-write, whole, no flag, no lock", async () => {
  await create();
  await host.maintain();
  const steps = host.calls.length;
  expect(steps).toBeGreaterThanOrEqual(10);
  for (let call = 1; call <= steps; call++) {
    const fault: Fault = { kind: "kill", call };
    host.order(fault);
    expect({ call, code: (await host.maintain()).code }).toEqual({ call, code: null });
    // A container that restarts always comes back as it was: read-only, if it was that.
    await host.stopRegistry();
    host.order(null);
    await host.boot();
    const recovery = await host.unitCommand("registry-maintenance-recover.service", "ExecStart");
    expect({ call, ...recovery }).toMatchObject({ call, code: 0 });
    await expectSound();
  }
});

test("killed in the middle of its work, without a boot: the unit's last command is enough, twice too", async () => {
  await create();
  host.order({ kind: "kill", pattern: "garbage-collect" });
  expect((await host.maintain()).code).toBeNull();
  expect(await uploadStatus()).toBe(405);
  expect(host.metric("registry_maintenance")).toBe(1);
  host.order(null);
  for (let i = 0; i < 2; i++) {
    expect(await host.unitCommand("registry-maintenance.service", "ExecStopPost")).toMatchObject({ code: 0 });
    await expectSound();
  }
  expect(host.metric("registry_gc_last_exit_code")).toBe(137);
});
