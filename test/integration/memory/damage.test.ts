/** The matrix of damage again, on real registries, with a memory that was made before the damage. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rereadAtMs } from "../../../lib/integrity/memory/reread";
import { keyOf } from "../../../lib/integrity/memory/memory-format";
import type { Report } from "../../../lib/integrity/report";
import { Digest } from "../../../lib/oci/digest";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { type ReportRun, reportOf } from "../../support/tallyman";
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

describe.each(distributionVersions("the matrix with a memory"))("distribution %s", (version: DistributionVersion) => {
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
      // Nothing is counted that the memory alone knows.
      const { checked } = run.report;
      expect(checked.remembered).toBeGreaterThan(0);
      expect(checked).toMatchObject({ ...without.report.checked, manifests: without.report.checked.manifests + 1, blobs: expect.any(Number), bytes: expect.any(Number), requests: expect.any(Number), remembered: expect.any(Number) });
    });
  });
});
