/** `tallyman retain --apply` on the real registries, and what their garbage collection leaves. */
import { existsSync } from "node:fs";
import { RegistryClient } from "../../../lib/registry-client/registry-client";
import {
  allBlobs,
  allManifests,
  type BuiltManifest,
  buildArtifact,
  buildImage,
  buildIndex,
} from "../../../lib/testing";
import { Distribution, distributionVersions } from "../../support/distribution";
import { blobDataPath, inStorage } from "../../support/storage";
import { reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { actionsOf, reportOfRetain } from "./run-retain";

const DAY_MS = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
const image = (seed: string, days: number, platform = "linux/amd64"): BuiltManifest =>
  buildImage({ seed, platform, created: daysAgo(days) });
const companion = (of: BuiltManifest, ending = ""): string => `${of.digest}`.replace(":", "-") + ending;

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Tagged {
  readonly tag: string;
  readonly image: BuiltManifest;
}

/** Images shared by indexes, nested indexes, attestations, referrers under their tag schema, cosign's tags. */
function randomRepository(seed: number): Tagged[] {
  const below = numbers(seed);
  const images = Array.from({ length: 6 }, (_, i) => image(`${seed}/${i}`, 2 + below(300)));
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const indexes: BuiltManifest[] = [];
  for (let i = 0; i < 5; i++) {
    const pool = [...images, ...indexes];
    const children = [...new Set([pick(pool), pick(pool)])];
    indexes.push(buildIndex({ children, attestations: below(2) === 0, annotations: { at: `${seed}/${i}` } }));
  }
  const all = [...images, ...indexes];
  const tagged: Tagged[] = Array.from({ length: 8 }, (_, i) => ({ tag: `v${i}`, image: pick(all) }));
  for (let i = 0; i < 3; i++) {
    const subject = pick(all);
    const artifact = buildArtifact({ seed: `${seed}/sbom/${i}`, subject });
    tagged.push({ tag: companion(subject), image: buildIndex({ children: [artifact] }) });
    tagged.push({ tag: companion(pick(all), ".sig"), image: buildArtifact({ seed: `${seed}/sig/${i}` }) });
  }
  return tagged;
}

describe.each(distributionVersions("retention"))("tallyman retain on distribution %s", (version) => {
  let registry: Distribution;
  const onDisk = (digest: BuiltManifest["digest"]): boolean =>
    existsSync(inStorage(registry.root, blobDataPath(digest)));

  beforeEach(async () => {
    registry = await Distribution.start({ version });
  });

  afterEach(async () => {
    await registry.stop();
  });

  test("F1: a dropped index goes with its children, and garbage collection without -m frees them", async () => {
    const shared = image("shared", 50);
    const kept = buildIndex({ children: [shared, image("kept", 10, "linux/arm64")], attestations: true });
    const lost = image("lost", 60, "linux/arm64");
    const dropped = buildIndex({ children: [shared, lost] });
    writeImage(registry.root, "app", "new", kept);
    writeImage(registry.root, "app", "old", dropped);
    const words = [registry.url, "--keep-last", "1"];
    expect(actionsOf((await reportOfRetain(words)).report)).toEqual({
      new: "keep newest",
      old: "drop no_rule",
    });
    expect(onDisk(lost.digest)).toBe(true);

    const { report, exitCode } = await reportOfRetain([...words, "--apply"]);
    expect(exitCode).toBe(0);
    expect(report.applied).toEqual({ deleted: 2, surprise: null, verified: true });
    expect(report.repositories[0]?.deletions).toEqual([
      { digest: `${dropped.digest}`, tags: ["old"], done: true },
      { digest: `${lost.digest}`, tags: [], done: true },
    ]);
    expect((await registry.garbageCollect({ deleteUntagged: false })).exitCode).toBe(0);
    await registry.restart();
    const freed = [lost.digest, dropped.digest, ...lost.layers.map(({ digest }) => digest)];
    expect(freed.map(onDisk)).toEqual(freed.map(() => false));
    const bytes = dropped.body.length + lost.body.length + sizeOf(allBlobs(lost));
    expect(report.bytesFreed).toBe(bytes);
    const probe = await reportOf(["probe", registry.url]);
    expect([probe.exitCode, probe.report.checked.tags, probe.report.findings]).toEqual([0, 1, []]);
  });

  test("a digest that a kept and a dropped tag share survives with both tags", async () => {
    const both = image("both", 40);
    writeImage(registry.root, "app", "release-1", both);
    writeImage(registry.root, "app", "build-77", both);
    const { report, exitCode } = await reportOfRetain([registry.url, "--keep", "^release-", "--apply"]);
    expect(exitCode).toBe(0);
    expect(actionsOf(report)).toEqual({ "release-1": "keep pattern", "build-77": "stay shared" });
    expect(report.applied).toEqual({ deleted: 0, surprise: null, verified: null });
  });

  test.each([1, 2, 3])(
    "random repository %i: all that stays is whole, all that goes is gone",
    async (seed) => {
      const tagged = randomRepository(seed);
      for (const { tag, image } of tagged) writeImage(registry.root, "app", tag, image);
      const { report, exitCode } = await reportOfRetain([registry.url, "--keep-last", "2", "--apply"]);
      expect([exitCode, report.applied?.surprise, report.applied?.verified]).toEqual([0, null, true]);
      expect((await registry.garbageCollect({ deleteUntagged: false })).exitCode).toBe(0);
      await registry.restart();
      const tags = report.repositories[0]?.tags ?? [];
      const staying = new Set(tags.filter(({ action }) => action !== "drop").map(({ tag }) => tag));
      expect(staying.size).toBeLessThan(tags.length);
      const probe = await reportOf(["probe", registry.url]);
      expect(probe.report.findings.filter(({ severity }) => severity === "damage")).toEqual([]);
      expect([probe.exitCode, probe.report.checked.tags]).toEqual([0, staying.size]);
      const needed = new Set(
        tagged
          .filter(({ tag }) => staying.has(tag))
          .flatMap(({ image }) => [
            ...allManifests(image).map(({ digest }) => `${digest}`),
            ...allBlobs(image).keys(),
          ]),
      );
      for (const { digest, done } of report.repositories[0]?.deletions ?? []) {
        expect([done, needed.has(digest)]).toEqual([true, false]);
      }
      const gone = tagged
        .filter(({ tag }) => !staying.has(tag))
        .flatMap(({ image }) => allManifests(image))
        .filter(
          ({ digest }) =>
            !needed.has(`${digest}`) &&
            report.repositories[0]?.deletions.some((one) => one.digest === `${digest}`),
        );
      expect(gone.length).toBeGreaterThan(0);
      for (const manifest of gone) {
        expect(onDisk(manifest.digest)).toBe(false);
        for (const { digest } of manifest.layers) expect(onDisk(digest)).toBe(needed.has(`${digest}`));
      }
    },
  );

  test("deleteManifest: deleted with its tags, then absent", async () => {
    const one = image("one", 3);
    writeImage(registry.root, "app", "a", one);
    writeImage(registry.root, "app", "b", one);
    const client = clientOf(registry.url);
    try {
      expect(await client.deleteManifest("app", one.digest)).toBe("deleted");
      expect(await client.deleteManifest("app", one.digest)).toBe("absent");
      for (const tag of ["a", "b"]) expect((await client.manifest("app", tag)).kind).toBe("absent");
    } finally {
      client.close();
    }
  });

  test("a registry that forbids deletion is said to, and nothing is lost", async () => {
    const closed = await Distribution.start({ version, deleteEnabled: false });
    try {
      writeImage(closed.root, "app", "new", image("a", 2));
      writeImage(closed.root, "app", "old", image("b", 90));
      const { report, exitCode, stderr } = await reportOfRetain([closed.url, "--keep-last", "1", "--apply"]);
      expect([exitCode, report.applied?.deleted, report.complete]).toEqual([2, 0, false]);
      expect(stderr).toMatch(/storage\.delete\.enabled/);
    } finally {
      await closed.stop();
    }
  });
});

function sizeOf(blobs: ReadonlyMap<string, Buffer>): number {
  return [...blobs.values()].reduce((sum, content) => sum + content.length, 0);
}

function clientOf(url: string): RegistryClient {
  return new RegistryClient({
    baseUrl: new URL(url),
    concurrency: 1,
    timeoutMs: 10_000,
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    warn: () => undefined,
  });
}
