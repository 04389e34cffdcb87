/** The matrix of damage again, on real registries, with a memory that was made before the damage. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "../../../lib/integrity/memory/memory-format";
import { rereadAtMs } from "../../../lib/integrity/memory/reread";
import type { Report } from "../../../lib/integrity/report";
import type { Digest } from "../../../lib/oci/digest";
import { buildImage, buildIndex } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { damageOf, type ReportRun, reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { type CacheState, damageCases } from "../damage/cases";

const cases = damageCases();
const STATES: readonly CacheState[] = ["warm cache", "no cache", "after a restart"];
/** Its bytes are others, its length is not: only reading it shows the damage (F6c). */
const CHANGED_IN_PLACE = "child-data-changed";
const MINUTE_MS = 60_000;

const probeAt = (url: string, nowMs: number, ...words: string[]): Promise<ReportRun> =>
  reportOf(["probe", url, "--concurrency", "8", ...words], { now: () => nowMs });

/** All that a finding says. */
const factsOf = (report: Report) => ({
  findings: report.findings,
  undetermined: report.undetermined,
  coverage: report.coverage,
});

function countsOf({ checked }: Report) {
  const { repositories, tags, indexes, manifests, blobs } = checked;
  return { repositories, tags, indexes, manifests, blobs };
}

describe.each(distributionVersions("the matrix with a memory"))(
  "distribution %s",
  (version: DistributionVersion) => {
    describe.each(STATES)("%s", (state) => {
      let registry: Distribution;
      let folder: string;
      let memory: string;
      const madeAtMs = Date.UTC(2026, 0, 1);

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
        memory = join(folder, "registry.memory");
        registry = await Distribution.start({ version, cache: state === "no cache" ? "none" : "inmemory" });
        for (const { repository, tags, image } of cases) {
          for (const tag of tags) writeImage(registry.root, repository, tag, image);
        }
        const before = await probeAt(registry.url, madeAtMs, "--memory", memory);
        expect({ exitCode: before.exitCode, stderr: before.stderr }).toEqual({ exitCode: 0, stderr: "" });
        expect(before.report.checked.remembered).toBe(0);
        for (const { repository, damage } of cases) await damage(registry, repository);
        if (state === "after a restart") await registry.restart();
      });

      afterAll(async () => {
        await registry?.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      test("every damage but one changed in place is found at once, word for word as without a memory", async () => {
        const nowMs = madeAtMs + 15 * MINUTE_MS;
        const without = await probeAt(registry.url, nowMs);
        const run = await probeAt(registry.url, nowMs, "--memory", memory);
        expect(run.stderr).toBe("");
        expect(without.report.findings.some(({ repository }) => repository === CHANGED_IN_PLACE)).toBe(true);
        const findings = without.report.findings.filter(({ repository }) => repository !== CHANGED_IN_PLACE);
        expect(factsOf(run.report)).toEqual({ ...factsOf(without.report), findings });
        expect(run.report.checked.remembered).toBeGreaterThan(0);
        // The one more is the image whose manifest was changed, with its config and its two layers.
        expect(countsOf(run.report)).toEqual({
          ...countsOf(without.report),
          manifests: without.report.checked.manifests + 1,
          blobs: without.report.checked.blobs + 3,
        });
      });

      test("what was changed in place is found when its turn has come, not before", async () => {
        const changed = cases.find(({ repository }) => repository === CHANGED_IN_PLACE);
        const digest = changed?.expected(state, version)?.digest as Digest;
        const dueAtMs = rereadAtMs({ key: keyOf(digest), readAtS: madeAtMs / 1000 });
        expect(dueAtMs - madeAtMs).toBeLessThanOrEqual(24 * 60 * MINUTE_MS);
        const kindsAt = async (nowMs: number): Promise<string[]> => {
          const { report } = await probeAt(
            registry.url,
            nowMs,
            "--memory",
            memory,
            "--repository",
            CHANGED_IN_PLACE,
          );
          return report.findings.map(({ kind, digest: found }) => `${kind} ${found}`);
        };
        expect(await kindsAt(dueAtMs - 1)).toEqual([]);
        expect(await kindsAt(dueAtMs)).toEqual([`digest_mismatch ${digest}`]);
        // It was not learnt as it is now: the next walk reads it again.
        expect(await kindsAt(dueAtMs + MINUTE_MS)).toEqual([`digest_mismatch ${digest}`]);
      });
    });

    test("F1: the children that gc -m takes are named with a memory too, before and after a restart", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
      const memory = join(folder, "registry.memory");
      const registry = await Distribution.start({ version });
      try {
        const platforms = ["linux/amd64", "linux/arm64"];
        const children = platforms.map((platform) => buildImage({ seed: `ci/${platform}`, platform }));
        writeImage(registry.root, "infra-ci", "latest", buildIndex({ children, attestations: true }));
        expect((await reportOf(["probe", registry.url, "--memory", memory])).exitCode).toBe(0);
        await registry.garbageCollect({ deleteUntagged: true });
        for (const restart of [false, true]) {
          if (restart) await registry.restart();
          const without = await reportOf(["probe", registry.url]);
          const run = await reportOf(["probe", registry.url, "--memory", memory]);
          expect(factsOf(run.report)).toEqual(factsOf(without.report));
          // F2: fixed in 3.0, never in 2.8.
          expect(damageOf(run.report)).toHaveLength(version === "3.1" ? 0 : 2);
        }
      } finally {
        await registry.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
