/** Blobs that several repositories share, damaged on a real registry: what one proves never hides what another lost. */
import type { Digest } from "../../../lib/oci/digest";
import { type BuiltManifest, buildImage } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import {
  cutOneByte,
  deleteData,
  deleteLayerLink,
  emptyData,
  flipOneByte,
} from "../../support/storage-damage";
import { damageOf, reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import type { CacheState } from "./cases";

const STATES: readonly CacheState[] = ["warm cache", "no cache", "after a restart"];
const REPOSITORIES = ["a", "b", "c"] as const;
type Repository = (typeof REPOSITORIES)[number];

/** A long layer, whose last byte is asked for, and a short one, which is read whole. */
const image = (seed: string): BuiltManifest => buildImage({ seed, layers: [20_000, 64] });

interface SharedCase {
  readonly tag: string;
  readonly damage: (root: string, digest: Digest) => void;
  /** `kind repositories`; null for what is served on. */
  readonly expected: (state: CacheState) => string | null;
}

const gone = (state: CacheState): string => (state === "warm cache" ? "truncated" : "layer_missing");

function cases(layer: "long" | "short"): readonly SharedCase[] {
  return [
    { tag: `${layer}-sound`, damage: () => undefined, expected: () => null },
    { tag: `${layer}-data-deleted`, damage: deleteData, expected: (state) => `${gone(state)} a,b,c` },
    { tag: `${layer}-data-emptied`, damage: emptyData, expected: () => "truncated a,b,c" },
    { tag: `${layer}-one-byte-short`, damage: cutOneByte, expected: () => "truncated a,b,c" },
    {
      tag: `${layer}-byte-flipped`,
      damage: flipOneByte,
      expected: () => (layer === "long" ? null : "digest_mismatch a,b,c"),
    },
    ...REPOSITORIES.map((repository) => ({
      tag: `${layer}-link-deleted-${repository}`,
      damage: (root: string, digest: Digest) => deleteLayerLink(root, repository, digest),
      // F6d: a warm cache serves a blob whose link is gone, by GET as by HEAD.
      expected: (state: CacheState) => (state === "warm cache" ? null : `layer_missing ${repository}`),
    })),
  ];
}

const CASES = [...cases("long"), ...cases("short")];

function expectedLines(state: CacheState): string[] {
  return CASES.flatMap(({ tag, expected }) => {
    const [kind, repositories] = expected(state)?.split(" ") ?? [];
    if (kind === undefined || repositories === undefined) return [];
    return repositories.split(",").map((repository) => `${kind} ${repository} ${tag} [linux/amd64]`);
  }).sort();
}

const withoutPlatform = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ \[.*\]$/, "")).sort();

describe.each(distributionVersions())("distribution %s", (version: DistributionVersion) => {
  describe.each(STATES)("%s", (state) => {
    let registry: Distribution;

    beforeAll(async () => {
      registry = await Distribution.start({ version, cache: state === "no cache" ? "none" : "inmemory" });
      for (const { tag } of CASES)
        for (const repository of REPOSITORIES) writeImage(registry.root, repository, tag, image(tag));
      // By head in each repository: all that a cache can hold is there.
      for (const mode of ["head", "range"])
        expect((await reportOf(["probe", registry.url, "--blobs", mode])).exitCode).toBe(0);
      for (const { tag, damage } of CASES) {
        const layer = image(tag).layers[tag.startsWith("long") ? 0 : 1];
        if (layer === undefined) throw new Error("the image has no such layer");
        damage(registry.root, layer.digest);
      }
      if (state === "after a restart") await registry.restart();
    });

    afterAll(() => registry?.stop());

    const walk = (order: readonly Repository[], ...words: string[]) =>
      reportOf(["probe", registry.url, ...order.flatMap((one) => ["--repository", one]), ...words]);

    test.each([
      [["a", "b", "c"], 1],
      [["c", "b", "a"], 1],
      [["b", "c", "a"], 8],
    ] as const)(
      "in the order %j, by %d at once: every repository that lost a blob is named",
      async (order, n) => {
        const { report, exitCode } = await walk(order, "--concurrency", `${n}`);
        expect(withoutPlatform(damageOf(report))).toEqual(withoutPlatform(expectedLines(state)));
        expect([exitCode, report.complete, report.coverage]).toEqual([1, true, 1]);
      },
    );

    test("rotate/3: lost links and sizes at once where the registry tells, all of it within three runs", async () => {
      const found: string[][] = [];
      for (let run = 0; run < 3; run++) {
        const now = (): number => 900_000 * (3_000 + run);
        const words = ["probe", registry.url, "--blobs", "rotate/3"];
        found.push(withoutPlatform(damageOf((await reportOf(words, { now })).report)));
      }
      const all = withoutPlatform(expectedLines(state));
      expect([...new Set(found.flat())].sort()).toEqual(all);
      // A cache hides lost data from a HEAD (F6a); without one existence tells of it at every run.
      const atOnce = state === "warm cache" ? [] : all.filter((line) => !line.startsWith("digest_mismatch"));
      for (const one of found) expect(one).toEqual(expect.arrayContaining(atOnce));
    });
  });
});
