/** Where bytes may come from, and who is told what: on embedded registries and folders made for it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EmbeddedRegistry, type EmbeddedRegistryOptions } from "../../../lib/testing";
import { blobDataPath, inStorage, LAYOUT_ROOT } from "../../support/storage";
import { firstChild, firstLayer, twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";
import { outcomes, repairJson, runRepair } from "./run-repair";

const index = twoPlatforms("sources");
const layer = firstLayer(index);
const OWN = { username: "writer", password: "own-p4ss" };
const OTHER = { username: "reader", password: "other-p4ss" };

let folder: string;
const registries: EmbeddedRegistry[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-sources-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
});

async function start(options: EmbeddedRegistryOptions = {}, repository = "app"): Promise<EmbeddedRegistry> {
  const registry = await EmbeddedRegistry.start(options);
  registries.push(registry);
  registry.put(repository, "1.0", index);
  return registry;
}

/** An embedded registry that has lost a child and a layer of it, with no cache that remembers. */
async function broken(options: EmbeddedRegistryOptions = {}): Promise<EmbeddedRegistry> {
  const registry = await start(options);
  registry.storage.unlinkManifest("app", firstChild(index).digest);
  registry.storage.deleteBlobData(layer.digest);
  return registry;
}

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};

function dockerConfig(...entries: readonly (readonly [string, typeof OWN])[]): string {
  const auths = entries.map(([host, { username, password }]) => [
    host,
    { auth: Buffer.from(`${username}:${password}`).toString("base64") },
  ]);
  return file("config.json", JSON.stringify({ auths: Object.fromEntries(auths) }));
}

describe("credentials", () => {
  test("each registry gets its own, and neither the other's", async () => {
    const registry = await broken({ auth: { bearer: { credentials: OWN } } });
    const mirror = await start({ auth: { basic: OTHER } });
    const config = dockerConfig([registry.host, OWN], [mirror.host, OTHER]);
    const words = [registry.url, "--repository", "app", "--from", mirror.url, "--docker-config", config];
    const run = await repairJson([...words, "--apply"]);
    expect([run.exitCode, outcomes(run)]).toEqual([0, ["index_child_missing restore done"]]);
    expect(run.stdout + run.stderr).not.toMatch(/own-p4ss|other-p4ss/);
    expect(mirror.requests.some(({ method }) => method !== "GET" && method !== "HEAD")).toBe(false);
  });

  test("TALLYMAN_USERNAME is for the registry that is repaired, and never sent to a source", async () => {
    const registry = await broken({ auth: { basic: OWN } });
    const mirror = await start({ auth: { basic: OWN } });
    const env = { TALLYMAN_USERNAME: OWN.username, TALLYMAN_PASSWORD: OWN.password };
    const run = await repairJson([registry.url, "--from", mirror.url, "--apply"], { env });
    expect([run.exitCode, outcomes(run)]).toEqual([2, ["index_child_missing undetermined refused"]]);
    expect(run.report.items[0]?.problem).toContain("give credentials");
    expect(new Set(mirror.requests.map(({ authorization }) => authorization))).toEqual(new Set(["none"]));
  });
});

test("a source below a prefix", async () => {
  const registry = await broken();
  const mirror = await start({}, "backup/2026/app");
  const run = await repairJson([registry.url, "--from", `${mirror.url}/backup/2026`, "--apply"]);
  expect([run.exitCode, outcomes(run)]).toEqual([0, ["index_child_missing restore done"]]);
});

test("a manifest of other bytes is never put, however a source calls it; the next source is asked", async () => {
  const registry = await broken();
  const hostile = await start();
  hostile.storage.replaceBlobData(
    firstChild(index).digest,
    Buffer.from(firstChild(index).body.toString("utf8").replace("{", "{ ")),
  );
  const alone = await repairJson([registry.url, "--from", hostile.url, "--apply"]);
  expect([alone.exitCode, outcomes(alone)]).toEqual([1, ["index_child_missing rebuild left"]]);
  expect(registry.requests.filter(({ method }) => method === "PUT" || method === "POST")).toEqual([]);
  const honest = await start();
  const both = ["--from", hostile.url, "--from", honest.url];
  const run = await repairJson([registry.url, ...both, "--apply"]);
  expect([run.exitCode, outcomes(run)]).toEqual([0, ["index_child_missing restore done"]]);
});

test("a plan writes nothing, to no one", async () => {
  const registry = await broken();
  const mirror = await start();
  const run = await repairJson([registry.url, "--from", mirror.url]);
  expect([run.exitCode, outcomes(run)]).toEqual([1, ["index_child_missing restore "]]);
  const methods = new Set([...registry.requests, ...mirror.requests].map(({ method }) => method));
  expect([...methods].filter((method) => method !== "GET" && method !== "HEAD")).toEqual([]);
});

test("children are put before what lists them, blobs before all", async () => {
  const registry = await broken();
  registry.storage.unlinkManifest("app", index.digest);
  const disk = join(folder, "disk");
  writeImage(disk, "app", "1.0", index);
  const run = await repairJson([registry.url, "--from-disk", disk, "--apply"]);
  expect([run.exitCode, outcomes(run)]).toEqual([0, ["manifest_missing restore done"]]);
  expect(run.report.items[0]?.steps.map(({ do: what, digest, tag }) => [what, digest, tag])).toEqual([
    ["upload_blob", `${layer.digest}`, null],
    ["put_manifest", `${firstChild(index).digest}`, null],
    ["put_manifest", `${index.digest}`, null],
    ["put_manifest", `${index.digest}`, "1.0"],
  ]);
});

test("a tag that somebody pushes in the meantime stays theirs", async () => {
  const registry = await start();
  const mirror = await start();
  registry.storage.unlinkManifest("app", index.digest);
  const pushed = twoPlatforms("pushed");
  // After the walk and the plan: with the first write.
  const hook = { kind: "hook", run: () => registry.put("app", "1.0", pushed) } as const;
  registry.script({ method: "PUT", fault: hook, times: 1 });
  const words = [registry.url, "--from", mirror.url, "--apply"];
  const run = await repairJson(words);
  expect([run.exitCode, outcomes(run)]).toEqual([2, ["manifest_missing restore failed"]]);
  expect(run.report.items[0]?.problem).toContain("moved since the walk");
  expect(JSON.stringify(registry.storage.tagLink("app", "1.0"))).toContain(`${pushed.digest}`);
});

describe("folders", () => {
  test("a link that leads out of the storage is not followed; one inside it is", async () => {
    const registry = await broken();
    const disk = join(folder, "disk");
    writeImage(disk, "app", "1.0", index);
    const data = inStorage(disk, blobDataPath(layer.digest));
    const bytes = [...firstChild(index).blobs].find(
      ([digest]) => digest === `${layer.digest}`,
    )?.[1] as Buffer;
    const outside = file("outside", "");
    writeFileSync(outside, bytes);
    rmSync(data);
    symlinkSync(outside, data);
    const refused = await repairJson([registry.url, "--from-disk", disk]);
    expect(outcomes(refused)).toEqual(["index_child_missing rebuild "]);
    rmSync(data);
    writeFileSync(join(disk, "inside"), bytes);
    symlinkSync(join(disk, "inside"), data);
    expect(outcomes(await repairJson([registry.url, "--from-disk", disk]))).toEqual([
      "index_child_missing restore ",
    ]);
  });

  test.each<[string, () => string[], RegExp]>([
    ["no folder", () => ["--from-disk", join(folder, "nothing")], /nothing" cannot be read \(ENOENT\)/],
    ["a file", () => ["--from-disk", file("f", "")], /is no registry's storage/],
    ["another folder", () => ["--from-disk", folder], /must hold docker\/registry\/v2/],
    ["no layout", () => ["--from-layout", folder], /is no OCI image layout/],
    [
      "a broken layout",
      () => ["--from-layout", dirname(file("layout/oci-layout", "{"))],
      /is no OCI image layout/,
    ],
    ["no catalogue", () => ["--catalog", file("c.json", "[]")], /--catalog must name a catalogue/],
    [
      "a catalogue that is no JSON",
      () => ["--catalog", file("c.json", "{")],
      /--catalog must name a catalogue/,
    ],
    ["no file", () => ["--catalog", join(folder, "c")], /--catalog must name a readable file/],
  ])("%s: one clear line, before any request", async (_, words, message) => {
    const registry = await broken();
    const run = await runRepair([registry.url, ...words()]);
    expect([run.exitCode, run.stdout, run.stderr.trim().split("\n").length]).toEqual([64, "", 1]);
    expect(run.stderr).toMatch(message);
    expect(registry.requests).toEqual([]);
  });

  test("an empty storage has nothing", async () => {
    const registry = await broken();
    mkdirSync(join(folder, LAYOUT_ROOT), { recursive: true });
    const run = await repairJson([registry.url, "--from-disk", folder]);
    expect(outcomes(run)).toEqual(["index_child_missing rebuild "]);
    expect(run.report.items[0]?.detail).toContain(`is not in disk ${folder}`);
  });
});
