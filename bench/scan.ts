/**
 * The scan of a storage folder of 10,000 tags, beside a Python script that checks links alone and beside `find`.
 * Arguments: --rounds (5), --repositories (100), --tags (100 of each), --program (the built command).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isObject } from "../lib/oci/descriptor";
import { writeImage } from "../test/support/write-image";
import { type Measurement, measure, median } from "./measure";
import { runMain } from "./run-main";
import { countsOf, fillStore, type StoreShape } from "./store";

const { values: args } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    repositories: { type: "string", default: "100" },
    tags: { type: "string", default: "100" },
    program: { type: "string", default: join("dist", "lib", "cli", "main.js") },
  },
});

const SHAPE: StoreShape = {
  repositories: Number(args.repositories),
  tagsPerRepository: Number(args.tags),
  platforms: ["linux/amd64", "linux/arm64"],
  sharedLayers: 3,
  ownLayers: 1,
  sharedLayerBytes: 1024,
  ownLayerBytes: 256,
};

const CONTENDERS = ["scan", "python", "find"] as const;
type Contender = (typeof CONTENDERS)[number];

function run(contender: Contender, root: string): Promise<Measurement> {
  switch (contender) {
    case "scan":
      return measure(process.execPath, [resolve(args.program), "scan", root, "--format", "json"]);
    case "python":
      return measure("python3", [resolve("bench", "scan-links.py"), root]);
    case "find":
      return measure("find", [root, "-type", "f"]);
  }
}

/** A scan that saw less than is there, or that sees damage, proves nothing by being fast. */
function check(contender: Contender, { exitCode, stdout }: Measurement): void {
  if (exitCode !== 0) throw new Error(`${contender} ends with ${exitCode}`);
  if (contender === "python" && !/ 0 dangling/.test(stdout)) throw new Error(`python says: ${stdout}`);
  if (contender !== "scan") return;
  const report: unknown = JSON.parse(stdout);
  const checked = isObject(report) && isObject(report.checked) ? report.checked : {};
  for (const [name, count] of Object.entries(countsOf(SHAPE))) {
    if (checked[name] !== count)
      throw new Error(`the scan counts ${checked[name]} ${name}, there are ${count}`);
  }
}

async function main(): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const began = performance.now();
    fillStore((...image) => writeImage(root, ...image), SHAPE);
    const files = (await run("find", root)).stdout.split("\n").length - 1;
    const tags = SHAPE.repositories * SHAPE.tagsPerRepository;
    console.log(
      `${tags} tags, ${files} files, written in ${((performance.now() - began) / 1000).toFixed(0)} s`,
    );
    const runs: Record<Contender, Measurement[]> = { scan: [], python: [], find: [] };
    for (const contender of CONTENDERS) check(contender, await run(contender, root)); // warms the disk's cache
    for (let round = 0; round < Number(args.rounds); round++) {
      for (const contender of CONTENDERS) {
        const result = await run(contender, root);
        check(contender, result);
        runs[contender].push(result);
      }
    }
    for (const contender of CONTENDERS) console.log(line(contender, runs[contender]));
    return bars(runs).every(Boolean) ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function line(name: string, runs: readonly Measurement[]): string {
  const wall = runs.map(({ wallSeconds }) => wallSeconds);
  const resident = Math.max(...runs.map(({ maxResidentMiB }) => maxResidentMiB));
  const extremes = `${Math.min(...wall).toFixed(2)}–${Math.max(...wall).toFixed(2)}`;
  return `${name.padEnd(8)} ${median(wall).toFixed(2).padStart(6)} s (${extremes}), ${resident.toFixed(0)} MiB`;
}

/** Ratios are taken within a round, then their median. */
function bars(runs: Readonly<Record<Contender, readonly Measurement[]>>): boolean[] {
  const over = (rival: Contender): number =>
    median(runs.scan.map((own, i) => own.wallSeconds / (runs[rival][i]?.wallSeconds ?? Number.NaN)));
  const bar = (text: string, measured: number, most: number): boolean => {
    console.log(`${measured <= most ? "met   " : "MISSED"} ${measured.toFixed(2).padStart(7)}  ${text}`);
    return measured <= most;
  };
  return [
    bar(
      "the scan's time over that of a Python script which checks links alone, at most 1",
      over("python"),
      1,
    ),
    bar("the scan's time over find's, at most 3", over("find"), 3),
  ];
}

runMain(main);
