/** `--shard` with `--memory`: a file for each shard, one for all, and files of another number of shards. */
import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileMemory } from "../../../lib/integrity/memory/memory-place";
import { WalkMemory } from "../../../lib/integrity/memory/walk-memory";
import type { Report } from "../../../lib/integrity/report";
import { formatShard, shardOf } from "../../../lib/integrity/shard";
import { EmbeddedRegistry } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { brief, damageOf, type ReportRun, reportOf } from "../../support/tallyman";
import { firstChild, twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";
import { damageCases } from "../damage/cases";

const NAMES = Array.from({ length: 16 }, (_, i) => `team/app-${i}`);
/** An index and two children each, by a tag. */
const MANIFESTS = 3;
const MADE_AT_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const HALF_AN_HOUR_MS = HOUR_MS / 2;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-shard-memory-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the construct names it. */
const fileOf = (shard: number): string => join(folder, `registry.${shard - 1}.memory`);

/** All shards: at once where each has its own file, one after the other where they share one; a report each. */
async function probeAll(
  url: string,
  n: number,
  nowMs: number,
  file: (shard: number) => string = fileOf,
): Promise<readonly ReportRun[]> {
  const shards = Array.from({ length: n }, (_, at) => at + 1);
  const probe = (i: number): Promise<ReportRun> => {
    const words = ["probe", url, "--shard", formatShard({ i, n }), "--memory", file(i), "--concurrency", "8"];
    return reportOf(words, { now: () => nowMs });
  };
  if (new Set(shards.map(file)).size === n) return Promise.all(shards.map(probe));
  const runs: ReportRun[] = [];
  for (const i of shards) runs.push(await probe(i));
  return runs;
}

const sum = (runs: readonly ReportRun[], of: (run: ReportRun) => number): number =>
  runs.reduce((total, run) => total + of(run), 0);

describe("on a registry that counts", () => {
  let registry: EmbeddedRegistry;

  beforeEach(async () => {
    registry = await EmbeddedRegistry.start();
    for (const name of NAMES) registry.put(name, "1.0", twoPlatforms(name));
  });

  afterEach(() => registry.close());

  const asked = (method: string, part = "/manifests/"): number =>
    registry.requests.filter((request) => request.method === method && request.url.includes(part)).length;

  async function round(
    n: number,
    nowMs: number,
    file?: (shard: number) => string,
  ): Promise<readonly ReportRun[]> {
    registry.forgetRequests();
    const runs = await probeAll(registry.url, n, nowMs, file);
    expect(runs.map(({ stderr }) => stderr)).toEqual(runs.map(() => ""));
    return runs;
  }

  const countIn = async (file: string, nowMs: number): Promise<number> => {
    const memory = await fileMemory(file).open(registry.host, nowMs);
    if (!(memory instanceof WalkMemory)) throw new Error(`no memory: ${JSON.stringify(memory)}`);
    await memory.close();
    return memory.count;
  };

  test("each with a file of its own: the second round reads no manifest, and the right shard finds what was lost", async () => {
    const first = await round(4, MADE_AT_MS);
    const all = NAMES.length * MANIFESTS;
    expect([asked("GET"), asked("HEAD")]).toEqual([all, 0]);
    expect(sum(first, ({ report }) => report.checked.remembered ?? -1)).toBe(0);
    const second = await round(4, MADE_AT_MS + HALF_AN_HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([0, all]);
    expect(sum(second, ({ report }) => report.checked.remembered ?? -1)).toBe(all);
    for (const of of [
      ({ report }: ReportRun) => report.checked.repositories,
      ({ report }: ReportRun) => report.checked.blobs,
    ]) {
      expect(sum(second, of)).toBe(sum(first, of));
    }
    const [lost = ""] = NAMES;
    registry.storage.unlinkManifest(lost, firstChild(twoPlatforms(lost)).digest);
    const third = await round(4, MADE_AT_MS + HALF_AN_HOUR_MS);
    const found = third.map(({ report }) => damageOf(report));
    const expected = [1, 2, 3, 4].map((i) =>
      i === shardOf(lost, 4) ? [`index_child_missing ${lost} 1.0 [linux/amd64]`] : [],
    );
    expect(found).toEqual(expected);
    expect(third.map(({ exitCode }) => exitCode)).toEqual(expected.map((some) => some.length));
  });

  test("three become four: only what the fourth took is read, and in a day the others have forgotten it", async () => {
    await round(3, MADE_AT_MS);
    const moved = NAMES.filter((name) => shardOf(name, 4) === 4).length;
    expect(moved).toBeGreaterThan(0);
    const runs = await round(4, MADE_AT_MS + HALF_AN_HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([moved * MANIFESTS, (NAMES.length - moved) * MANIFESTS]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    const later = MADE_AT_MS + 25 * HOUR_MS;
    await round(4, later);
    for (const i of [1, 2, 3, 4]) {
      const own = NAMES.filter((name) => shardOf(name, 4) === i).length;
      expect([i, await countIn(fileOf(i), later)]).toEqual([i, own * MANIFESTS]);
    }
  });

  test("four become two: damage in what they took over is found at once, and the files of the others go in a week", async () => {
    await round(4, MADE_AT_MS);
    const lost = NAMES.find((name) => shardOf(name, 4) > 2) ?? "";
    registry.storage.deleteManifest(lost, firstChild(twoPlatforms(lost)).digest);
    const runs = await round(2, MADE_AT_MS + HOUR_MS);
    expect(runs.flatMap(({ report }) => damageOf(report))).toEqual([
      `index_child_missing ${lost} 1.0 [linux/amd64]`,
    ]);
    const long = new Date(MADE_AT_MS - 6 * 24 * HOUR_MS);
    for (const i of [3, 4]) utimesSync(fileOf(i), long, long);
    expect(readdirSync(folder)).toHaveLength(4);
    await round(2, MADE_AT_MS + 25 * HOUR_MS);
    expect(readdirSync(folder).sort()).toEqual(["registry.0.memory", "registry.1.memory"]);
  });

  test("one file for all, one after the other: each finds what it knew, and nothing grows", async () => {
    const shared = (): string => join(folder, "registry.memory");
    const all = NAMES.length * MANIFESTS;
    await round(4, MADE_AT_MS, shared);
    for (const hours of [0.5, 2, 5, 11]) {
      await round(4, MADE_AT_MS + hours * HOUR_MS, shared);
      expect([hours, asked("GET"), asked("HEAD")]).toEqual([hours, 0, all]);
    }
    // Whoever deletes a repository takes it out of the memory within a day.
    const [gone = ""] = NAMES;
    registry.storage.deleteTag(gone, "1.0");
    await round(4, MADE_AT_MS + 24 * HOUR_MS, shared);
    await round(4, MADE_AT_MS + 26 * HOUR_MS, shared);
    expect(await countIn(shared(), MADE_AT_MS + 26 * HOUR_MS)).toBe(all - MANIFESTS);
  });

  test("another shard's file, or one of a walk of all, proves what it proves, and no more", async () => {
    const lost = NAMES.find((name) => shardOf(name, 2) === 2) ?? "";
    registry.storage.deleteManifest(lost, firstChild(twoPlatforms(lost)).digest);
    const [whole] = await round(1, MADE_AT_MS, () => join(folder, "registry.memory"));
    expect(whole?.exitCode).toBe(1);
    const swapped = (i: number): string => join(folder, `registry.${i === 1 ? "" : "0."}memory`);
    await round(2, MADE_AT_MS + HALF_AN_HOUR_MS);
    const [first, second] = await round(2, MADE_AT_MS + HALF_AN_HOUR_MS, swapped);
    expect([first?.exitCode, second?.exitCode]).toEqual([0, 1]);
    expect(second?.report.findings.map(brief)).toEqual([`index_child_missing ${lost} 1.0 [linux/amd64]`]);
    // What a walk of all knew serves the shard as it did that one; what the first shard knew is of no use to the second.
    const { remembered, manifests = 0, indexes = 0 } = first?.report.checked ?? {};
    expect(remembered).toBe(manifests + indexes);
    expect(second?.report.checked.remembered).toBe(0);
  });
});

/** By which of its tags something is reached first depends on where a walk begins. */
function factsOf({ findings }: Report) {
  return (
    findings
      // Its bytes are others, its length is not: only reading it shows the damage (F6c).
      .filter(({ repository }) => repository !== "child-data-changed")
      .map((finding) => ({ ...finding, path: finding.path.slice(1) }))
  );
}

describe.each(distributionVersions("shards with memories"))(
  "on distribution %s",
  (version: DistributionVersion) => {
    test("the whole matrix of damage, done between two rounds, word for word as without a memory", async () => {
      const cases = damageCases();
      const registry = await Distribution.start({ version });
      try {
        for (const { repository, tags, image } of cases) {
          for (const tag of tags) writeImage(registry.root, repository, tag, image);
        }
        const before = await probeAll(registry.url, 3, MADE_AT_MS);
        expect(before.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(before.map(() => [0, ""]));
        for (const { repository, damage } of cases) await damage(registry, repository);
        const nowMs = MADE_AT_MS + HALF_AN_HOUR_MS;
        const { report } = await reportOf(["probe", registry.url], { now: () => nowMs });
        const expected = factsOf(report);
        expect(expected.length).toBeLessThan(report.findings.length);
        // The first three with the files of before, the fourth without one.
        const runs = await probeAll(registry.url, 4, nowMs);
        for (const [at, run] of runs.entries()) {
          const own = expected.filter(({ repository }) => shardOf(repository, 4) === at + 1);
          expect([at, factsOf(run.report)]).toEqual([at, own]);
        }
        const known = runs.map((run) => run.report.checked.remembered ?? 0);
        expect(known.map((count) => count > 0)).toEqual([true, true, true, false]);
      } finally {
        await registry.stop();
      }
    });
  },
);
