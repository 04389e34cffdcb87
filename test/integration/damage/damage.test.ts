/** The engine against the real registry, damaged in every way that we know, with skopeo as the judge. */
import type { Report } from "../../../lib/integrity/report";
import { buildImage, buildIndex } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { skopeoPullAll } from "../../support/skopeo";
import { removeTagsDirectory } from "../../support/storage-damage";
import { damageOf, reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { type CacheState, damageCases } from "./cases";

const cases = damageCases();
const STATES: readonly CacheState[] = ["warm cache", "no cache", "after a restart"];

interface Line {
  readonly repository: string;
  readonly kind: string;
  readonly digest: string | null;
  readonly tags: readonly string[];
}

const byRepository = (a: Line, b: Line): number =>
  `${a.repository} ${a.tags[0]}` < `${b.repository} ${b.tags[0]}` ? -1 : 1;

function linesOf(report: Report): Line[] {
  return report.findings
    .map(({ repository, kind, digest, tags }) => ({ repository, kind, digest, tags }))
    .sort(byRepository);
}

/** A tag that does not resolve is a finding of its own; an object is one, whatever number of tags reach it. */
function expectedLines(state: CacheState, version: DistributionVersion, isEveryByteRead: boolean): Line[] {
  const lines = cases.flatMap((one): Line[] => {
    const expected = one.expected(state, version);
    if (expected === null || (one.isFoundByBytesAlone === true && !isEveryByteRead)) return [];
    const { repository } = one;
    const { kind } = expected;
    if (expected.digest === null)
      return one.tags.map((tag) => ({ repository, kind, digest: null, tags: [tag] }));
    return [{ repository, kind, digest: `${expected.digest}`, tags: [...one.tags] }];
  });
  return lines.sort(byRepository);
}

describe.each(distributionVersions())("distribution %s", (version: DistributionVersion) => {
  describe.each(STATES)("%s", (state) => {
    let registry: Distribution;

    beforeAll(async () => {
      registry = await Distribution.start({ version, cache: state === "no cache" ? "none" : "inmemory" });
      for (const { repository, tags, image } of cases) {
        for (const tag of tags) writeImage(registry.root, repository, tag, image);
      }
      const before = await reportOf(["probe", registry.url, "--concurrency", "8"]);
      expect({ exitCode: before.exitCode, findings: before.report.findings }).toEqual({
        exitCode: 0,
        findings: [],
      });
      for (const { repository, damage } of cases) await damage(registry, repository);
      if (state === "after a restart") await registry.restart();
    });

    afterAll(() => registry?.stop());

    test("the probe names every broken reference, and nothing else", async () => {
      const { report, exitCode } = await reportOf(["probe", registry.url, "--concurrency", "8"]);
      expect(linesOf(report)).toEqual(expectedLines(state, version, false));
      expect(report.undetermined).toEqual([]);
      expect({ exitCode, complete: report.complete, coverage: report.coverage }).toEqual({
        exitCode: 1,
        complete: true,
        coverage: 1,
      });
    });

    test("skopeo fails to copy exactly the images that the probe calls damaged", async () => {
      const { report } = await reportOf([
        "probe",
        registry.url,
        "--concurrency",
        "8",
        "--verify-bytes",
        "all",
      ]);
      expect(linesOf(report)).toEqual(expectedLines(state, version, true));
      const called = report.findings.flatMap(({ repository, tags }) =>
        tags.map((tag) => `${registry.host}/${repository}:${tag}`),
      );
      // One tag of each image: the others reach the same objects.
      const judged = cases.filter((one) => one.isBeyondSkopeo !== true);
      const images = judged.map(({ repository, tags, removedTags }) => {
        const tag = tags.find((name) => removedTags?.includes(name) !== true);
        return `${registry.host}/${repository}:${tag}`;
      });
      const failed = await skopeoPullAll(images);
      expect([...failed.keys()].sort()).toEqual(images.filter((image) => called.includes(image)).sort());
    });
  });

  test("F1: after gc -m the probe names every lost child, and nothing else", async () => {
    const registry = await Distribution.start({ version });
    try {
      const platforms = ["linux/amd64", "linux/arm64"];
      const image = buildIndex({
        children: platforms.map((platform) => buildImage({ seed: `ci/${platform}`, platform })),
        attestations: true,
      });
      const plain = buildImage({ seed: "plain" });
      writeImage(registry.root, "infra-ci", "latest", image);
      writeImage(registry.root, "infra-ci", "8f3c21d0", image);
      writeImage(registry.root, "plain", "1.0", plain);
      expect((await reportOf(["probe", registry.url])).exitCode).toBe(0);
      await registry.garbageCollect({ deleteUntagged: true });
      const isKept = version === "3.1"; // F2: fixed in 3.0, never in 2.8
      for (const restart of [false, true]) {
        if (restart) await registry.restart();
        const { report, exitCode } = await reportOf(["probe", registry.url]);
        expect(exitCode).toBe(isKept ? 0 : 1);
        expect(damageOf(report).sort()).toEqual(
          isKept
            ? []
            : platforms.map((platform) => `index_child_missing infra-ci 8f3c21d0,latest [${platform}]`),
        );
        expect(report.findings.filter(({ kind }) => kind === "attestation_missing")).toHaveLength(
          isKept ? 0 : 2,
        );
      }
      const failed = await skopeoPullAll(
        ["infra-ci:latest", "plain:1.0"].map((image) => `${registry.host}/${image}`),
      );
      expect([...failed.keys()]).toEqual(isKept ? [] : [`${registry.host}/infra-ci:latest`]);
    } finally {
      await registry.stop();
    }
  });

  test("F8: a repository that the catalogue lists and tags/list does not know is information", async () => {
    const registry = await Distribution.start({ version });
    try {
      writeImage(registry.root, "app", "1.0", buildImage({ seed: "app" }));
      writeImage(registry.root, "bare", "1.0", buildImage({ seed: "bare" }));
      removeTagsDirectory(registry.root, "bare");
      const { report, exitCode } = await reportOf(["probe", registry.url]);
      expect(exitCode).toBe(0);
      expect(report.findings.map(({ kind, severity, repository }) => [kind, severity, repository])).toEqual([
        ["repository_unlisted", "information", "bare"],
      ]);
    } finally {
      await registry.stop();
    }
  });

  test("1,001 repositories: every page of the catalogue is walked", async () => {
    const registry = await Distribution.start({ version });
    try {
      const image = buildImage({ seed: "many", layers: 1 });
      for (let i = 0; i < 1001; i++) writeImage(registry.root, `many/${i}`, "1", image);
      const { report, exitCode } = await reportOf([
        "probe",
        registry.url,
        "--concurrency",
        "8",
        "--blobs",
        "head",
      ]);
      expect(exitCode).toBe(0);
      expect(report.checked).toMatchObject({ repositories: 1001, tags: 1001, manifests: 1001, blobs: 2002 });
    } finally {
      await registry.stop();
    }
  });
});
