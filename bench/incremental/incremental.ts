/** The second walk with `--memory` beside the first, of a real registry: requests, bytes, seconds and CPU on both sides. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROGRAM_NODE_FLAGS } from "../../lib/integrity/contract";
import type { Report } from "../../lib/integrity/report";
import { Digest } from "../../lib/oci/digest";
import { Distribution } from "../../test/support/distribution";
import { deleteRevisionLink } from "../../test/support/storage-damage";
import { writeImage } from "../../test/support/write-image";
import { cpuSecondsOf, type Measurement, measure } from "../measure";
import { counted, figure, figures } from "../report/figures";
import type { Block, SectionContent } from "../report/record";
import { median } from "../report/statistics";
import { runSection, type SectionArguments } from "../section";
import { countsOf, fillStore, type StoreShape } from "../store";

/** Repositories, rounds, and of which tags. */
const PLANS = {
  quick: { repositories: 3, rounds: 1, ways: ["all tags"] },
  long: { repositories: 25, rounds: 5, ways: ["all tags", "--newest 5"] },
} as const;

/** As CI makes them: ten layers, seven of which the tags of a repository share. */
function shapeOf(repositories: number): StoreShape {
  return {
    repositories,
    tagsPerRepository: 20,
    platforms: ["linux/amd64", "linux/arm64"],
    sharedLayers: 7,
    ownLayers: 3,
    sharedLayerBytes: 4096,
    ownLayerBytes: 1024,
  };
}

const WAYS = {
  "all tags": [],
  "--newest 5": ["--newest", "5"],
} as const;
type Way = keyof typeof WAYS;

interface Run extends Measurement {
  readonly report: Report;
  readonly registryCpuSeconds: number;
}

async function probe(registry: Distribution, program: string, words: readonly string[]): Promise<Run> {
  const before = cpuSecondsOf(registry.pid);
  const options = ["--concurrency", "16", "--rate", "0", "--format", "json", ...words];
  const command = [...PROGRAM_NODE_FLAGS, program, "probe", registry.url];
  const run = await measure(process.execPath, [...command, ...options]);
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

function cells(name: string, runs: readonly Run[]): readonly string[] {
  const of = (value: (run: Run) => number): number => median(runs.map(value));
  const requests = of(({ report }) => report.checked.requests);
  const heads = of(({ report }) => report.checked.remembered ?? 0);
  return [
    name,
    requests.toLocaleString("en-GB"),
    (requests - heads).toLocaleString("en-GB"),
    figure(of(({ report }) => report.checked.bytes) / 1024),
    figures(runs.map(({ wallSeconds }) => wallSeconds)),
    figure(of((run) => run.wallSeconds)),
    figure(of((run) => run.cpuSeconds)),
    figure(of((run) => run.registryCpuSeconds)),
    figure(of((run) => run.maxResidentMiB)),
  ];
}

const HEAD = [
  "",
  "requests",
  "not by HEAD",
  "KiB read",
  "s, by round",
  "median s",
  "CPU s",
  "registry's CPU s",
  "MiB",
];

/** Without a memory, with a new one, and with the one that this left. */
async function compare(
  registry: Distribution,
  program: string,
  way: Way,
  rounds: number,
  file: string,
): Promise<readonly Block[]> {
  const runs: Record<"without" | "first" | "second", Run[]> = { without: [], first: [], second: [] };
  for (let round = 0; round < rounds; round++) {
    rmSync(file, { force: true });
    runs.without.push(await probe(registry, program, WAYS[way]));
    runs.first.push(await probe(registry, program, [...WAYS[way], "--memory", file]));
    runs.second.push(await probe(registry, program, [...WAYS[way], "--memory", file]));
    for (const run of [runs.first, runs.second]) check(run[round] as Run, runs.without[round] as Run);
  }
  return [
    { text: `Of ${way}, with a memory of ${figure(statSync(file).size / 1024)} KiB:` },
    {
      table: {
        head: HEAD,
        rows: [
          cells("without a memory", runs.without),
          cells("the first walk with one", runs.first),
          cells("the second walk with it", runs.second),
        ],
        words: [0, 4],
      },
    },
  ];
}

async function measureIncremental({ form, program, rounds }: SectionArguments): Promise<SectionContent> {
  const plan = PLANS[form];
  const shape = shapeOf(plan.repositories);
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const registry = await Distribution.start({ version: "2.8", cache: "inmemory" });
  try {
    const store = fillStore((...image) => writeImage(registry.root, ...image), shape);
    const { indexes, manifests, blobs } = countsOf(shape);
    await probe(registry, program, []); // warms the registry's cache and the disk's
    const blocks: Block[] = [
      {
        text:
          `docker-registry 2.8: ${counted(indexes, "tag")}, ${counted(indexes + manifests, "manifest")}, ` +
          `${counted(blobs, "blob")}. What the three walks report is the same, and a child that is lost afterwards must be ` +
          "found with the memory as without it.",
      },
    ];
    const memory = (way: Way) => join(folder, way);
    for (const way of plan.ways) {
      blocks.push(...(await compare(registry, program, way, rounds ?? plan.rounds, memory(way))));
    }
    const [repository = "", reference] = (store.manifestPaths[1] ?? "").split("/manifests/");
    const lost = Digest.parse(reference);
    if (lost === null) throw new Error("the store has no image");
    deleteRevisionLink(registry.root, repository, lost);
    const known = await probe(registry, program, ["--memory", memory("all tags")]);
    check(known, await probe(registry, program, []));
    const wrong = known.exitCode === 1 ? [] : ["a child lost after the memory was made is not found"];
    return { blocks, bars: [], wrong, missing: [] };
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

runSection({ name: "incremental", title: "The second walk, with a memory", measure: measureIncremental });
