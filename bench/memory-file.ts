/**
 * The second walk with `--memory` beside the first, of a real registry: requests, GETs, bytes, seconds and CPU on both
 * sides. Arguments: --rounds (3), --repositories (10), --program (the built bundle).
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROGRAM_NODE_FLAGS } from "../lib/integrity/contract";
import type { Report } from "../lib/integrity/report";
import { Digest } from "../lib/oci/digest";
import { Distribution } from "../test/support/distribution";
import { deleteRevisionLink } from "../test/support/storage-damage";
import { writeImage } from "../test/support/write-image";
import { cpuSecondsOf, type Measurement, measure, median } from "./measure";
import { PROGRAM } from "./probe";
import { runMain } from "./run-main";
import { countsOf, fillStore, type StoreShape } from "./store";

const { values: args } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    repositories: { type: "string", default: "10" },
    program: { type: "string", default: PROGRAM },
  },
});

/** As CI makes them: ten layers, seven of which the tags of a repository share. */
const SHAPE: StoreShape = {
  repositories: Number(args.repositories),
  tagsPerRepository: 20,
  platforms: ["linux/amd64", "linux/arm64"],
  sharedLayers: 7,
  ownLayers: 3,
  sharedLayerBytes: 4096,
  ownLayerBytes: 1024,
};

const WAYS = {
  "all tags": [],
  "--newest 5": ["--newest", "5"],
} as const;
type Way = keyof typeof WAYS;

interface Run extends Measurement {
  readonly report: Report;
  readonly registryCpuSeconds: number;
}

async function probe(registry: Distribution, words: readonly string[]): Promise<Run> {
  const before = cpuSecondsOf(registry.pid);
  const options = ["--concurrency", "16", "--rate", "0", "--format", "json", ...words];
  const program = [...PROGRAM_NODE_FLAGS, args.program, "probe", registry.url];
  const run = await measure(process.execPath, [...program, ...options]);
  const report = JSON.parse(run.stdout) as Report;
  return { ...run, report, registryCpuSeconds: cpuSecondsOf(registry.pid) - before };
}

/** A walk that saw less, or other things, is no result. */
function check(run: Run, other: Run): void {
  const facts = ({ report, exitCode }: Run): string => {
    const { repositories, tags, indexes, manifests, blobs } = report.checked;
    return JSON.stringify({
      exitCode,
      repositories,
      tags,
      indexes,
      manifests,
      blobs,
      ...report,
      ...FORGOTTEN,
    });
  };
  if (facts(run) !== facts(other)) throw new Error(`the walks differ: ${facts(run)} and ${facts(other)}`);
}

/** What two walks of one registry do not have in common. */
const FORGOTTEN = { startedAt: null, durationMs: null, checked: null };

function line(name: string, runs: readonly Run[]): string {
  const of = (value: (run: Run) => number): number => median(runs.map(value));
  const requests = of(({ report }) => report.checked.requests);
  const heads = of(({ report }) => report.checked.remembered ?? 0);
  return [
    name.padEnd(26),
    `${requests} requests, ${requests - heads} of them GET`.padEnd(36),
    `${(of(({ report }) => report.checked.bytes) / 1024).toFixed(0)} KiB`.padStart(10),
    `${of((run) => run.wallSeconds).toFixed(2)} s`.padStart(9),
    `CPU ${of((run) => run.cpuSeconds).toFixed(2)} s`.padStart(12),
    `registry ${of((run) => run.registryCpuSeconds).toFixed(2)} s`.padStart(17),
    `${of((run) => run.maxResidentMiB).toFixed(0)} MiB`.padStart(8),
  ].join("  ");
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const registry = await Distribution.start({ version: "2.8", cache: "inmemory" });
  try {
    const store = fillStore((...image) => writeImage(registry.root, ...image), SHAPE);
    const { indexes, manifests, blobs } = countsOf(SHAPE);
    console.log(`docker-registry 2.8: ${indexes} tags, ${indexes + manifests} manifests, ${blobs} blobs`);
    await probe(registry, []); // warms the registry's cache and the disk's
    for (const way of Object.keys(WAYS) as Way[]) await compare(registry, way, folder);
    const [repository = "", reference] = (store.manifestPaths[1] ?? "").split("/manifests/");
    const lost = Digest.parse(reference);
    if (lost === null) throw new Error("the store has no image");
    deleteRevisionLink(registry.root, repository, lost);
    const known = await probe(registry, ["--memory", join(folder, "all tags")]);
    check(known, await probe(registry, []));
    if (known.exitCode !== 1) throw new Error("a lost child was not found");
    console.log("a child lost afterwards is found with the memory as without it");
    return 0;
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(registry: Distribution, way: Way, folder: string): Promise<void> {
  const file = join(folder, way);
  const runs: Record<"without" | "first" | "second", Run[]> = { without: [], first: [], second: [] };
  for (let round = 0; round < Number(args.rounds); round++) {
    rmSync(file, { force: true });
    runs.without.push(await probe(registry, WAYS[way]));
    runs.first.push(await probe(registry, [...WAYS[way], "--memory", file]));
    runs.second.push(await probe(registry, [...WAYS[way], "--memory", file]));
    for (const run of [runs.first, runs.second]) check(run[round] as Run, runs.without[round] as Run);
  }
  console.log(`\n${way}, a memory of ${(statSync(file).size / 1024).toFixed(0)} KiB`);
  console.log(line("without a memory", runs.without));
  console.log(line("the first with one", runs.first));
  console.log(line("the second with it", runs.second));
}

runMain(main);
