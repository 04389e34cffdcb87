/** One kind of damage each, on the real registries: what is planned, what is refused, what is whole afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "../../../lib/oci/digest";
import { type BuiltManifest, buildImage, buildIndex } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { RegistryObserver } from "../../support/registry-observer";
import { skopeoPull } from "../../support/skopeo";
import { blobDataPath, inStorage } from "../../support/storage";
import {
  cutOneByte,
  deleteData,
  deleteLayerLink,
  deleteRevisionLink,
  emptyData,
  emptyTagLink,
  flipOneByte,
} from "../../support/storage-damage";
import { firstChild, firstLayer, twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";
import { outcomes, type RepairRunJson, repairJson } from "./run-repair";

describe.each(distributionVersions("repair"))("distribution %s", (version: DistributionVersion) => {
  const index = twoPlatforms("repair-cases");
  let registry: Distribution;
  let mirror: Distribution;

  beforeAll(async () => {
    mirror = await Distribution.start({ version });
    writeImage(mirror.root, "app", "1.0", index);
  });
  afterAll(() => mirror?.stop());

  beforeEach(async () => {
    registry = await Distribution.start({ version });
    writeImage(registry.root, "app", "1.0", index);
  });
  afterEach(() => registry?.stop());

  const own = (): string[] => ["--from-disk", registry.root];
  const other = (): string[] => ["--from", mirror.url];
  const run = (...words: string[]): Promise<RepairRunJson> => repairJson([registry.url, ...words]);
  const pull = async (image = "app:1.0"): Promise<boolean> =>
    (await skopeoPull(`${registry.host}/${image}`)).ok;

  test("F5: a child deleted by the API comes back from the registry's own disk", async () => {
    const at = new RegistryObserver(registry.url, "app");
    expect((await at.delete(firstChild(index).digest)).status).toBe(202);
    expect(await pull()).toBe(false);
    const done = await run(...own(), "--apply");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["index_child_missing restore done"]]);
    expect(done.report.items[0]?.steps).toEqual([
      expect.objectContaining({ do: "put_manifest", digest: `${firstChild(index).digest}` }),
    ]);
    expect(await pull()).toBe(true);
  });

  test("a manifest whose data is lost under a warm cache: a PUT that is swallowed is no success", async () => {
    const at = new RegistryObserver(registry.url, "app");
    expect((await at.manifest(firstChild(index).digest)).status).toBe(200);
    deleteData(registry.root, firstChild(index).digest);
    const early = await run(...other(), "--apply");
    if (version === "2.8") {
      expect([early.exitCode, outcomes(early)]).toEqual([2, ["index_child_missing restore refused"]]);
      expect(early.report.items[0]?.problem).toContain("Restart the registry, then run again");
      expect(await pull()).toBe(false);
      await registry.restart();
      expect((await run(...other(), "--apply")).exitCode).toBe(0);
    } else {
      expect([early.exitCode, outcomes(early)]).toEqual([0, ["index_child_missing restore done"]]);
    }
    expect(await pull()).toBe(true);
  });

  test("a layer that another repository has is mounted, not sent", async () => {
    writeImage(registry.root, "base", "1.0", index);
    deleteLayerLink(registry.root, "app", firstLayer(index).digest);
    const done = await run("--apply");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["layer_missing restore done"]]);
    expect(done.report.items[0]?.steps).toEqual([
      expect.objectContaining({ do: "mount_blob", source: "repository base" }),
    ]);
    expect(await pull()).toBe(true);
  });

  const data = (digest: Digest): string => blobDataPath(digest);

  test.each<[string, string, (root: string, image: BuiltManifest) => Digest, string[]]>([
    [
      "a layer one byte short",
      "truncated",
      (root, image) => {
        cutOneByte(root, firstLayer(image).digest);
        return firstLayer(image).digest;
      },
      [],
    ],
    [
      "a layer with a byte flipped",
      "digest_mismatch",
      (root, image) => {
        flipOneByte(root, firstLayer(image).digest);
        return firstLayer(image).digest;
      },
      ["--verify-bytes", "all"],
    ],
    [
      "a child manifest emptied",
      "unservable",
      (root, image) => {
        emptyData(root, firstChild(image).digest);
        return firstChild(image).digest;
      },
      [],
    ],
    [
      "a tagged index emptied",
      "unservable",
      (root, image) => {
        // Without a neighbour that answers, a 500 is an outage and no damage.
        writeImage(root, "neighbour", "1.0", buildImage({ seed: "neighbour" }));
        emptyData(root, image.digest);
        return image.digest;
      },
      [],
    ],
  ])(
    "%s: the file in the way is named, removed by a person, then restored",
    async (_, kind, damage, words) => {
      const digest = damage(registry.root, index);
      const refused = await run(...other(), ...words, "--apply");
      expect([refused.exitCode, outcomes(refused)]).toEqual([2, [`${kind} remove_data_first refused`]]);
      expect(refused.report.items[0]?.removeFiles).toEqual([data(digest)]);
      // The registry's own disk has nothing better to offer.
      expect((await run(...own(), ...words)).report.items[0]?.action).toBe("rebuild");

      rmSync(inStorage(registry.root, data(digest)));
      await registry.restart();
      const done = await run(...other(), ...words, "--apply");
      expect([done.exitCode, outcomes(done).map((line) => line.split(" ")[2])]).toEqual([0, ["done"]]);
      expect(await pull()).toBe(true);
    },
  );

  test("a layer cut short under a warm cache: the restart comes first, then the file", async () => {
    expect(await pull()).toBe(true);
    cutOneByte(registry.root, firstLayer(index).digest);
    const early = await run(...other(), "--apply");
    expect([early.exitCode, outcomes(early)]).toEqual([2, ["truncated restart_first refused"]]);
    await registry.restart();
    expect(outcomes(await run(...other()))).toEqual(["truncated remove_data_first "]);
  });

  test.each<[string, (root: string) => void]>([
    ["revision link", (root) => deleteRevisionLink(root, "app", index.digest)],
    ["data", (root) => deleteData(root, index.digest)],
  ])(
    "a tag whose index has lost its %s: the registry still says its digest, a mirror has the bytes",
    async (_, damage) => {
      damage(registry.root);
      const done = await run(...other(), "--apply");
      expect([done.exitCode, outcomes(done)]).toEqual([0, ["manifest_missing restore done"]]);
      expect(await pull()).toBe(true);
      expect(await pull(`app@${index.digest}`)).toBe(true);
    },
  );

  test("an emptied tag link: what a mirror calls so is other content until it is allowed", async () => {
    writeImage(registry.root, "app", "0.9", index);
    emptyTagLink(registry.root, "app", "1.0");
    const left = await run(...other(), "--apply");
    expect([left.exitCode, outcomes(left)]).toEqual([1, ["unservable retag left"]]);
    expect(await pull()).toBe(false);
    const done = await run(...other(), "--apply", "--allow-retag");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["unservable retag done"]]);
    expect(await pull()).toBe(true);
  });

  test("bytes that are nowhere: an intact sibling is offered, and taken only when that is allowed", async () => {
    const older = buildImage({ seed: "older" });
    writeImage(registry.root, "app", "0.9", older);
    deleteRevisionLink(registry.root, "app", firstChild(index).digest);
    const plan = await run();
    expect([plan.exitCode, outcomes(plan)]).toEqual([1, ["index_child_missing retag "]]);
    expect(plan.report.items[0]?.detail).toContain("the whole tag 0.9");
    expect((await run("--apply")).exitCode).toBe(1);
    const done = await run("--apply", "--allow-retag");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["index_child_missing retag done"]]);
    const at = new RegistryObserver(registry.url, "app");
    expect((await at.manifest("1.0")).body.equals(older.body)).toBe(true);
  });

  test("tags of different images that share a lost layer are all retagged", async () => {
    const older = buildImage({ seed: "older" });
    writeImage(registry.root, "app", "0.9", older);
    // The same children under another root.
    const second = buildIndex({ children: index.children, annotations: { is: "second" } });
    writeImage(registry.root, "app", "2.0", second);
    deleteData(registry.root, firstLayer(index).digest);
    const done = await run("--apply", "--allow-retag");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["layer_missing retag done"]]);
    const at = new RegistryObserver(registry.url, "app");
    for (const tag of ["1.0", "2.0"]) expect((await at.manifest(tag)).body.equals(older.body)).toBe(true);
  });

  test("where only a rebuild helps, the catalogue names the pipeline", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-repair-"));
    const catalog = join(folder, "catalog.json");
    const service = {
      name: "shop",
      stack: "shop",
      images: [`${registry.host}/app`],
      pipeline: "build-shop.yml",
    };
    writeFileSync(
      catalog,
      JSON.stringify({ schema: "tallyman.catalog/1", groups: [{ services: [service] }] }),
    );
    deleteData(registry.root, firstLayer(index).digest);
    const plan = await run("--catalog", catalog);
    rmSync(folder, { recursive: true });
    expect(plan.report.items).toEqual([
      expect.objectContaining({
        action: "rebuild",
        rebuild: [{ service: "shop", stack: "shop", pipeline: "build-shop.yml" }],
      }),
    ]);
  });

  test("a mirror whose copy is wrong, or that does not answer, is not believed", async () => {
    deleteData(registry.root, firstLayer(index).digest);
    const bad = await Distribution.start({ version });
    try {
      writeImage(bad.root, "app", "1.0", index);
      flipOneByte(bad.root, firstLayer(index).digest);
      const failed = await run("--from", bad.url, "--apply");
      expect([failed.exitCode, outcomes(failed)]).toEqual([2, ["layer_missing restore failed"]]);
      expect(failed.report.items[0]?.problem).toContain("another digest");
    } finally {
      await bad.stop();
    }
    const silent = await run("--from", bad.url, "--timeout", "2s");
    expect([silent.exitCode, outcomes(silent)]).toEqual([1, ["layer_missing undetermined "]]);
    const done = await run(...other(), "--apply");
    expect([done.exitCode, outcomes(done)]).toEqual([0, ["layer_missing restore done"]]);
    expect(await pull()).toBe(true);
  });
});
