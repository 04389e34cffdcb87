import { GeneratedImages } from "../../bench/generated-images";
import { startGeneratedRegistry } from "../../bench/generated-registry";
import { countsOf, fillStore, type StoreShape } from "../../bench/store";
import { evenly, referencesByGet } from "../../bench/walk/ceiling";
import { sampleOf } from "../../bench/walk/contender";
import { countByKind, recordRequests } from "../../bench/walk/recorded-requests";
import { type BuiltManifest, EmbeddedRegistry } from "../../lib/testing";
import { reportOf } from "../support/tallyman";

const SHAPE: StoreShape = {
  repositories: 4,
  tagsPerRepository: 2,
  platforms: ["linux/amd64", "linux/arm64"],
  baseLayers: 4,
  sharedLayers: 3,
  ownLayers: 3,
  sharedLayerBytes: 64,
  ownLayerBytes: 32,
};

test("an image of CI has ten layers: seven along the tags, four of them with every third repository", () => {
  const images = new Map<string, readonly string[]>();
  fillStore((repository, tag, { children }: BuiltManifest) => {
    images.set(`${repository}:${tag}`, children[0]?.layers.map(({ digest }) => `${digest}`) ?? []);
  }, SHAPE);
  const shared = (one: string, other: string) =>
    images.get(one)?.filter((digest) => images.get(other)?.includes(digest)).length;
  expect(images.get("bench/app-00:v1.0")).toHaveLength(10);
  expect(shared("bench/app-00:v1.0", "bench/app-00:v1.1")).toBe(7);
  expect(shared("bench/app-00:v1.0", "bench/app-03:v1.0")).toBe(4);
  expect(shared("bench/app-00:v1.0", "bench/app-01:v1.0")).toBe(0);
});

test("a store has as many references as are counted, and a walk of it asks for just those", async () => {
  const registry = await EmbeddedRegistry.start();
  try {
    const store = fillStore((...image) => registry.put(...image), SHAPE);
    const counts = countsOf(SHAPE);
    expect(store.manifestPaths).toHaveLength(counts.indexes + counts.manifests);
    expect(store.blobs).toHaveLength(counts.blobs);
    const requests = await recordRequests(registry.url, async (url) => {
      const { report } = await reportOf(["probe", url]);
      expect(report.checked).toMatchObject(counts);
    });
    const asked = new Set(requests.map(({ path }) => path));
    expect(referencesByGet(store).filter(({ path }) => !asked.has(path))).toEqual([]);
    expect(countByKind(requests).get("manifests by GET")).toBe(counts.indexes + counts.manifests);
  } finally {
    await registry.close();
  }
});

test.each([1, 2, 7, 10, 1000])("an even order of %d items has each of them once", (count) => {
  const items = Array.from({ length: count }, (_, i) => i);
  expect([...evenly(items)].sort((a, b) => a - b)).toEqual(items);
});

test("the first part of an even order is like the whole", () => {
  const kinds = Array.from({ length: 1000 }, (_, i) => (i < 200 ? "manifest" : "blob"));
  const found = evenly(kinds)
    .slice(0, 100)
    .filter((kind) => kind === "manifest");
  expect(found.length).toBeGreaterThan(15);
  expect(found.length).toBeLessThan(25);
});

test.each([
  [10, 3, [0, 4, 7]],
  [2, 5, [0, 1]],
])("a sample of %d items, at most %d", (count, atMost, expected) => {
  const items = Array.from({ length: count }, (_, i) => i);
  expect(sampleOf(items, atMost)).toEqual(expected);
});

const GENERATED = {
  repositories: 2,
  tagsPerRepository: 3,
  imagesPerTag: 2,
  layersPerImage: 4,
  layerBytes: 8 * 1024 * 1024,
};

test("a walk of the generated registry is complete, and is known to have asked for each blob once", async () => {
  const registry = await startGeneratedRegistry(GENERATED);
  try {
    const { exitCode, report } = await reportOf(["probe", registry.url]);
    expect(report.findings).toEqual([]);
    expect([exitCode, report.complete]).toEqual([0, true]);
    expect(report.checked).toMatchObject({ indexes: 6, manifests: 12, blobs: 60 });
    expect(registry.isEachBlobAskedOnce).toBe(true);
    await reportOf(["probe", registry.url]);
    expect(registry.isEachBlobAskedOnce).toBe(false);
  } finally {
    await registry.stop();
  }
});

test("a blob that is asked for twice in the place of another is seen", () => {
  const images = new GeneratedImages(GENERATED);
  const [one, other] = [`sha256:${"01".repeat(32)}`, `sha256:${"02".repeat(32)}`];
  expect(images.addToSum(images.addToSum(0, one), one)).not.toBe(
    images.addToSum(images.addToSum(0, one), other),
  );
});
