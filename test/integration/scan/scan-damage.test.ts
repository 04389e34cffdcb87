/** The scan of the disk against the walk of the real registry over the same disk, after a restart. */
import { buildImage, buildIndex } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { removeTagsDirectory } from "../../support/storage-damage";
import { reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { damageCases } from "../damage/cases";
import { linesOf, scanOf } from "./run-scan";

const PLATFORMS = ["linux/amd64", "linux/arm64"];

describe.each(distributionVersions())("distribution %s", (version: DistributionVersion) => {
  test("every damage that we know has the same kind, digest and tags on disk as in a pull", async () => {
    const registry = await Distribution.start({ version });
    try {
      const cases = damageCases().filter((one) => one.isReadByTheWalkAlone !== true);
      for (const { repository, tags, image } of cases) {
        for (const tag of tags) writeImage(registry.root, repository, tag, image);
      }
      const before = await scanOf([registry.root]);
      expect({ exitCode: before.exitCode, findings: before.report.findings }).toEqual({
        exitCode: 0,
        findings: [],
      });
      for (const { repository, damage } of cases) await damage(registry, repository);
      await registry.restart();
      for (const bytes of [[], ["--verify-bytes", "all"]]) {
        const scanned = await scanOf([registry.root, ...bytes]);
        const { report } = await reportOf(["probe", registry.url, "--concurrency", "8", ...bytes]);
        expect(report.findings.length).toBeGreaterThan(15);
        expect(linesOf(scanned.report)).toEqual(linesOf(report));
        expect(scanned.report.undetermined).toEqual([]);
        expect({ exitCode: scanned.exitCode, complete: scanned.report.complete }).toEqual({
          exitCode: 1,
          complete: true,
        });
        const { repositories, tags, indexes, manifests, blobs } = report.checked;
        if (bytes.length > 0) continue;
        // The walk counts tags that resolve, the scan those that are there.
        expect(scanned.report.checked).toMatchObject({ repositories, indexes, manifests, blobs });
        expect(scanned.report.checked.tags).toBeGreaterThan(tags);
      }
    } finally {
      await registry.stop();
    }
  });

  test("the incident: gc -m is seen at once, before any restart", async () => {
    const registry = await Distribution.start({ version });
    try {
      const image = buildIndex({
        children: PLATFORMS.map((platform) => buildImage({ seed: `ci/${platform}`, platform })),
        attestations: true,
      });
      for (const tag of ["latest", "8f3c21d0"]) writeImage(registry.root, "infra-ci", tag, image);
      writeImage(registry.root, "plain", "1.0", buildImage({ seed: "plain" }));
      await registry.garbageCollect({ deleteUntagged: true });
      const { report, exitCode } = await scanOf([registry.root]);
      const isKept = version === "3.1";
      const [scanned] = report.registries;
      expect({ exitCode, orphaned: scanned?.orphanedImages }).toEqual(
        isKept ? { exitCode: 0, orphaned: 0 } : { exitCode: 1, orphaned: 1 },
      );
      await registry.restart();
      expect(linesOf(report)).toEqual(linesOf((await reportOf(["probe", registry.url])).report));
      const kinds = report.findings.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "index_child_missing")).toHaveLength(isKept ? 0 : 2);
      expect(kinds.filter((kind) => kind === "attestation_missing")).toHaveLength(isKept ? 0 : 2);
    } finally {
      await registry.stop();
    }
  });

  test("a repository without the folder of its tags is information", async () => {
    const registry = await Distribution.start({ version });
    try {
      writeImage(registry.root, "bare", "1.0", buildImage({ seed: "bare" }));
      removeTagsDirectory(registry.root, "bare");
      const { report, exitCode } = await scanOf([registry.root]);
      expect({ exitCode, findings: linesOf(report) }).toEqual({
        exitCode: 0,
        findings: ["bare  repository_unlisted null"],
      });
      expect(linesOf((await reportOf(["probe", registry.url])).report)).toEqual(linesOf(report));
    } finally {
      await registry.stop();
    }
  });
});
