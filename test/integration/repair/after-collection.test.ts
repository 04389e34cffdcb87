/** An image hit by `garbage-collect -m`, made whole again without a rebuild: on the real registries. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Digest } from "../../../lib/oci/digest";
import { allBlobs, allManifests, type BuiltManifest, buildImage, buildIndex } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { RegistryObserver } from "../../support/registry-observer";
import { skopeoCopy, skopeoPull } from "../../support/skopeo";
import { deleteData } from "../../support/storage-damage";
import { damageOf, reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { outcomes, repairJson, runRepair } from "./run-repair";

const SOURCES = ["disk", "mirror", "layout"] as const;

describe.each(distributionVersions("repair"))("distribution %s", (version: DistributionVersion) => {
  const index = buildIndex({
    children: ["linux/amd64", "linux/arm64"].map((platform) =>
      buildImage({ seed: `repair/${platform}`, platform, layers: 2 }),
    ),
    attestations: true,
  });
  let folder: string;
  let registry: Distribution;
  let mirror: Distribution;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-repair-"));
    mirror = await Distribution.start({ version });
    writeImage(mirror.root, "team/app", "1.0", index);
    const layout = await skopeoCopy(
      `docker://${mirror.host}/team/app:1.0`,
      `oci:${join(folder, "layout")}:1.0`,
    );
    expect(layout).toEqual({ ok: true, stderr: "" });
    cpSync(mirror.root, join(folder, "disk"), { recursive: true });
  });

  afterAll(async () => {
    await mirror?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    registry = await Distribution.start({ version });
    writeImage(registry.root, "team/app", "1.0", index);
  });

  afterEach(() => registry?.stop());

  const from = (source: (typeof SOURCES)[number]): string[] =>
    ({
      disk: ["--from-disk", join(folder, "disk")],
      mirror: ["--from", mirror.url],
      layout: ["--from-layout", join(folder, "layout")],
    })[source];

  const probe = async (): Promise<string[]> => damageOf((await reportOf(["probe", registry.url])).report);

  /** 3.1 has no such collector: there the same is done by the API and to the disk. */
  async function collect(): Promise<void> {
    if (version === "2.8") {
      expect((await registry.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0);
      return;
    }
    const at = new RegistryObserver(registry.url, "team/app");
    for (const child of index.children) expect((await at.delete(child.digest)).status).toBe(202);
    for (const text of allBlobs(index).keys()) deleteData(registry.root, Digest.parse(text) as Digest);
  }

  test.each(SOURCES)(
    "from a %s: restart first, then whole again, by the walk and by skopeo",
    async (source) => {
      expect(await probe()).toEqual([]);
      await collect();
      expect(await probe()).toEqual([
        "index_child_missing team/app 1.0 [linux/amd64]",
        "index_child_missing team/app 1.0 [linux/arm64]",
      ]);

      const early = await repairJson([registry.url, ...from(source), "--apply"]);
      expect(early.exitCode).toBe(2);
      expect(new Set(outcomes(early))).toEqual(
        new Set(["index_child_missing restart_first refused", "attestation_missing restart_first refused"]),
      );
      expect(early.report.items[0]?.problem).toContain("restart the registry, then run again");
      expect((await skopeoPull(`${registry.host}/team/app:1.0`)).ok).toBe(false);

      await registry.restart();
      const plan = await repairJson([registry.url, ...from(source)]);
      expect(plan.exitCode).toBe(1);
      expect(new Set(outcomes(plan))).toEqual(
        new Set(["index_child_missing restore ", "attestation_missing restore "]),
      );
      expect(await probe()).toHaveLength(2);

      const done = await repairJson([registry.url, ...from(source), "--apply"]);
      expect([done.exitCode, done.report.damage, done.report.complete]).toEqual([0, 0, true]);
      expect(new Set(outcomes(done).map((line) => line.split(" ").at(-1)))).toEqual(new Set(["done"]));
      expect(await probe()).toEqual([]);
      expect(await skopeoPull(`${registry.host}/team/app:1.0`)).toEqual({ ok: true, stderr: "" });
      await registry.restart();
      expect(await skopeoPull(`${registry.host}/team/app:1.0`)).toEqual({ ok: true, stderr: "" });
      const again = await repairJson([registry.url, ...from(source), "--apply"]);
      expect([again.exitCode, again.report.items]).toEqual([0, []]);
    },
  );

  if (version === "2.8") {
    test.each(["its own disk", "a mirror"])(
      "layers that another tag keeps, children alone lost: %s is enough, at once",
      async (source) => {
        const child = buildImage({ seed: "lone/amd64", platform: "linux/amd64", layers: 2 });
        const lone = buildIndex({ children: [child] });
        writeImage(registry.root, "lone", "1.0", lone);
        writeImage(registry.root, "lone", "twin", twinOf(child));
        writeImage(mirror.root, "lone", "1.0", lone);
        const words = source === "a mirror" ? ["--from", mirror.url] : ["--from-disk", registry.root];
        expect(await probe()).toEqual([]);
        await collect();
        const scope = ["--repository", "lone", "--apply"];
        const done = await repairJson([registry.url, ...words, ...scope]);
        expect([done.exitCode, outcomes(done)]).toEqual([0, ["index_child_missing restore done"]]);
        expect((await skopeoPull(`${registry.host}/lone:1.0`)).ok).toBe(true);
      },
    );
  }

  test("without a source: a rebuild, and nothing is written", async () => {
    await collect();
    await registry.restart();
    const before = await inventory(registry, index);
    const run = await repairJson([registry.url, "--apply"]);
    expect([run.exitCode, new Set(run.report.items.map(({ action }) => action))]).toEqual([
      1,
      new Set(["rebuild"]),
    ]);
    expect(await inventory(registry, index)).toEqual(before);
    const table = await runRepair([registry.url]);
    expect(table.stdout).toContain("REBUILD  index_child_missing  team/app:1.0");
  });
});

async function inventory(registry: Distribution, index: BuiltManifest): Promise<readonly number[]> {
  const at = new RegistryObserver(registry.url, "team/app");
  const manifests = await Promise.all(allManifests(index).map(({ digest }) => at.manifest(digest)));
  return manifests.map(({ status }) => status);
}

/** The same config and layers under another digest. */
function twinOf(image: BuiltManifest): BuiltManifest {
  const json: unknown = JSON.parse(image.body.toString("utf8"));
  const body = Buffer.from(JSON.stringify({ ...(json as object), annotations: { twin: "true" } }));
  return { ...image, body, digest: Digest.sha256(body) };
}
