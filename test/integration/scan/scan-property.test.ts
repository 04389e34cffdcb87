/** Whatever happens to links and data, the scan says what a pull from a registry without a cache would meet. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { doDamage, imageOfAllRoles, randomDamages } from "./random-damage";
import { linesOf, scanOf } from "./run-scan";

/** In one storage, so that one walk and one scan judge them all. */
const REPOSITORIES = 20;
const images = Array.from({ length: REPOSITORIES }, (_, i) => imageOfAllRoles(`random/${i}`));

describe.each(distributionVersions())("distribution %s", (version: DistributionVersion) => {
  let registry: Distribution;
  beforeAll(async () => {
    registry = await Distribution.start({ version, cache: "none" });
  });
  afterAll(() => registry?.stop());

  test("random damage: the scan's findings are the walk's", async () => {
    const all = fc.array(randomDamages, { minLength: REPOSITORIES, maxLength: REPOSITORIES });
    await fc.assert(
      fc.asyncProperty(all, async (damages) => {
        rmSync(join(registry.root, "docker"), { recursive: true, force: true });
        images.forEach((image, i) => {
          for (const tag of ["a", "b"]) writeImage(registry.root, `random/${i}`, tag, image);
          // 2.8 alone serves a manifest from a link among the layers; the scan sides with it.
          const done = (damages[i] ?? []).filter(({ how }) => version === "2.8" || how !== "move");
          for (const damage of done) doDamage(registry.root, `random/${i}`, "b", image, damage);
        });
        const scan = await scanOf([registry.root, "--verify-bytes", "all"]);
        const walk = await reportOf(["probe", registry.url, "--verify-bytes", "all", "--concurrency", "16"]);
        expect(walk.report.undetermined).toEqual([]);
        expect(linesOf(scan.report)).toEqual(linesOf(walk.report));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
