/** What the registries' own garbage collection does, held by raw requests and by skopeo. */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Distribution, type DistributionVersion, distributionVersions } from "../support/distribution";
import { rawHttp } from "../support/raw-http";
import { errorCode, RegistryObserver } from "../support/registry-observer";
import { skopeoCopy, skopeoPull } from "../support/skopeo";
import { removeTagsDirectory } from "../support/storage-damage";
import {
  ALL_GONE,
  firstLayer,
  namesIn,
  SOUND,
  statuses,
  statusesOf,
  twoPlatforms,
} from "../support/two-platforms";
import { writeImage } from "../support/write-image";

describe.each(distributionVersions("facts of garbage collection"))(
  "garbage collection of distribution %s",
  (version: DistributionVersion) => {
    const is28 = version === "2.8";

    let registry: Distribution;
    const index = twoPlatforms("gc");
    const copyOfImage = join(tmpdir(), `tallyman-gc-${process.pid}-${version}`);

    beforeAll(async () => {
      registry = await Distribution.start({ version });
      writeImage(registry.root, "app", "latest", index);
    });

    afterAll(async () => {
      await registry?.stop();
      rmSync(copyOfImage, { recursive: true, force: true });
    });

    /** The tests below go on from one another: each collects what the one before has left. */
    const at = (): RegistryObserver => new RegistryObserver(registry.url, "app");

    test("F1: without -m nothing is lost", async () => {
      expect((await skopeoCopy(`docker://${registry.host}/app:latest`, `dir:${copyOfImage}`)).ok).toBe(true);
      expect((await registry.garbageCollect({ deleteUntagged: false })).exitCode).toBe(0);
      await registry.restart();
      expect(await statusesOf(at(), index)).toEqual(SOUND);
    });

    if (is28) {
      test("F1, F6, F6b: -m takes every child; HEAD lies until a restart, and so does a push", async () => {
        expect(await statusesOf(at(), index)).toEqual(SOUND);
        expect((await registry.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0);
        const children = index.children.map((child) => child.digest);
        expect((await at().manifest("latest")).status).toBe(200);
        expect(statuses(await Promise.all(children.map((child) => at().manifest(child))))).toEqual([
          404, 404,
        ]);

        const layer = firstLayer(index);
        const head = await at().headBlob(layer.digest);
        expect([head.status, head.headers["content-length"]]).toEqual([200, `${layer.size}`]);
        const get = await at().blob(layer.digest);
        expect([get.status, get.body.length]).toEqual([200, 0]);

        const image = `docker://${registry.host}/app:latest`;
        expect((await skopeoCopy(`dir:${copyOfImage}`, image)).ok).toBe(true);
        const pull = await skopeoPull(`${registry.host}/app:latest`);
        expect(pull).toEqual({ ok: false, stderr: expect.stringContaining("unexpected EOF") });

        await registry.restart();
        expect((await at().headBlob(layer.digest)).status).toBe(404);
        expect((await skopeoCopy(`dir:${copyOfImage}`, image)).ok).toBe(true);
        expect((await skopeoPull(`${registry.host}/app:latest`)).ok).toBe(true);
      });
    } else {
      test("F2: -m keeps the children of a tagged index", async () => {
        expect((await registry.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0);
        await registry.restart();
        expect(await statusesOf(at(), index)).toEqual(SOUND);
        expect((await skopeoPull(`${registry.host}/app:latest`)).ok).toBe(true);
      });
    }

    // 3.1 skips the missing folder, marks nothing, and so sweeps every manifest and blob: worse than the abort.
    const F8 = is28 ? "aborts and nothing is lost" : "sweeps the whole repository and reports success";
    test(`F8: without the folder of tags -m ${F8}; the catalogue lists what tags/list does not know`, async () => {
      const unlisted = twoPlatforms("unlisted");
      writeImage(registry.root, "unlisted", "latest", unlisted);
      removeTagsDirectory(registry.root, "unlisted");
      const { exitCode, output } = await registry.garbageCollect({ deleteUntagged: true });
      expect([exitCode, output.includes("failed to garbage collect")]).toEqual(is28 ? [1, true] : [0, false]);

      await registry.restart();
      const observer = new RegistryObserver(registry.url, "unlisted");
      const tags = await observer.get("tags/list");
      expect([tags.status, errorCode(tags)]).toEqual([404, "NAME_UNKNOWN"]);
      const catalogue = await rawHttp(`${registry.url}/v2/_catalog`);
      expect(namesIn(catalogue, "repositories")).toEqual(["app", "unlisted"]);
      expect(await statusesOf(observer, unlisted)).toEqual(is28 ? SOUND : ALL_GONE);
    });
  },
);
