/** The scan of a storage folder beside a Python script that checks links alone, and beside `find`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isObject } from "../../lib/oci/descriptor";
import { findTool } from "../../test/support/require-tool";
import { writeImage } from "../../test/support/write-image";
import { type Measurement, measure } from "../measure";
import { counted, figure, figures } from "../report/figures";
import type { Bar, SectionContent } from "../report/record";
import { median, medianRatio } from "../report/statistics";
import { runSection } from "../section";
import { countsOf, fillStore, type StoreShape } from "../store";

const COMMAND = join("dist", "lib", "cli", "main.js");

/** Repositories, tags of each, rounds. */
const SIZES = { quick: [20, 30, 3], long: [100, 100, 5] } as const;

function shapeOf(repositories: number, tagsPerRepository: number): StoreShape {
  return {
    repositories,
    tagsPerRepository,
    platforms: ["linux/amd64", "linux/arm64"],
    sharedLayers: 3,
    ownLayers: 1,
    sharedLayerBytes: 1024,
    ownLayerBytes: 256,
  };
}

const NAMES = {
  scan: "tallyman scan",
  python: "Python: every link, and whether its data exists",
  find: "`find <root> -type f`",
} as const;
type Contender = keyof typeof NAMES;

function run(contender: Contender, root: string): Promise<Measurement> {
  switch (contender) {
    case "scan":
      return measure(process.execPath, [resolve(COMMAND), "scan", root, "--format", "json"]);
    case "python":
      return measure("python3", [resolve("bench", "scan", "scan-links.py"), root]);
    case "find":
      return measure("find", [root, "-type", "f"]);
  }
}

/** A scan that saw less than is there, or that sees damage, proves nothing by being fast. */
function check(contender: Contender, { exitCode, stdout }: Measurement, shape: StoreShape): void {
  if (exitCode !== 0) throw new Error(`${contender} ends with ${exitCode}`);
  if (contender === "python" && !/ 0 dangling/.test(stdout)) throw new Error(`python says: ${stdout}`);
  if (contender !== "scan") return;
  const report: unknown = JSON.parse(stdout);
  const checked = isObject(report) && isObject(report.checked) ? report.checked : {};
  for (const [name, count] of Object.entries(countsOf(shape))) {
    if (checked[name] !== count)
      throw new Error(`the scan counts ${checked[name]} ${name}, there are ${count}`);
  }
}

runSection({
  name: "scan",
  title: "The scan of a disk",
  measure: async ({ form, rounds: given }): Promise<SectionContent> => {
    const [repositories, tagsPerRepository, rounds] = SIZES[form];
    const shape = shapeOf(repositories, tagsPerRepository);
    const contenders: readonly Contender[] =
      findTool("python3") === null ? ["scan", "find"] : ["scan", "python", "find"];
    const root = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
    try {
      fillStore((...image) => writeImage(root, ...image), shape);
      const files = (await run("find", root)).stdout.split("\n").length - 1;
      const runs = new Map(contenders.map((contender): [Contender, Measurement[]] => [contender, []]));
      for (let round = -1; round < (given ?? rounds); round++) {
        for (const [contender, results] of runs) {
          const result = await run(contender, root);
          check(contender, result, shape);
          if (round >= 0) results.push(result); // the first warms the disk's cache
        }
      }
      return content(runs, shape, files);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
});

function content(
  runs: ReadonlyMap<Contender, readonly Measurement[]>,
  shape: StoreShape,
  files: number,
): SectionContent {
  const wall = (contender: Contender) => (runs.get(contender) ?? []).map(({ wallSeconds }) => wallSeconds);
  const { indexes, manifests } = countsOf(shape);
  const over = (rival: Contender, limit: number): readonly Bar[] =>
    runs.has(rival)
      ? [
          {
            text: `the scan's time over that of ${NAMES[rival]}`,
            measured: medianRatio(wall("scan"), wall(rival)),
            rule: "at most",
            limit,
          },
        ]
      : [];
  return {
    blocks: [
      {
        text:
          `${counted(indexes, "tag")} of ${counted(shape.repositories, "repository", "repositories")}, ` +
          `${counted(manifests, "image")}, ${counted(files, "file")}, the disk's cache warm. The scan reads every link that a tag needs, ` +
          "reads, hashes and parses every manifest, and compares the size of every blob, in up to four threads, one a processor; " +
          "the script reads no manifest and no size, and has one thread.",
      },
      {
        table: {
          head: ["", "s, by round", "median s", "× the scan", "CPU s", "MiB"],
          rows: [...runs].map(([contender, results]) => [
            NAMES[contender],
            figures(wall(contender)),
            figure(median(wall(contender))),
            figure(medianRatio(wall(contender), wall("scan"))),
            figure(median(results.map(({ cpuSeconds }) => cpuSeconds))),
            figure(Math.max(...results.map(({ maxResidentMiB }) => maxResidentMiB))),
          ]),
          words: [0, 1],
        },
      },
    ],
    bars: [...over("find", 2), ...over("python", 1)],
    wrong: [],
    missing: runs.has("python") ? [] : ["python3"],
  };
}
