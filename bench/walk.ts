/**
 * The walk of a real registry, timed from outside, beside the registry's own ceiling and beside what else could be
 * used. Arguments: --rounds (3), --wrk-seconds (8), --curl-sample (400), --program (the built bundle).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Distribution } from "../test/support/distribution";
import { writeImage } from "../test/support/write-image";
import { cpuSecondsOf, type Measurement } from "./measure";
import { PROGRAM, runProbe } from "./probe";
import { ceiling, craneValidate, curlSecondsPerReference, hasCrane } from "./rivals";
import { runMain } from "./run-main";
import { countsOf, fillStore, type Store, type StoreShape } from "./store";
import { barsOf, formatBar, formatTable, type Observed, type Round } from "./summary";

/** 1,000 indexes, 3,000 images and 9,450 blobs: 13,450 references. */
const SHAPE: StoreShape = {
  repositories: 50,
  tagsPerRepository: 20,
  platforms: ["linux/amd64", "linux/arm64", "linux/s390x"],
  sharedLayers: 3,
  ownLayers: 2,
  sharedLayerBytes: 32 * 1024,
  ownLayerBytes: 4 * 1024,
};

const { values: args } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    "wrk-seconds": { type: "string", default: "8" },
    "curl-sample": { type: "string", default: "400" },
    program: { type: "string", default: PROGRAM },
  },
});

const expected = countsOf(SHAPE);
const references = expected.indexes + expected.manifests + expected.blobs;

/** What a run costs the registry is half of what there is to say about two cores. */
async function observed(registry: Distribution, run: () => Promise<Measurement>): Promise<Observed> {
  const before = cpuSecondsOf(registry.pid);
  const result = await run();
  return { ...result, registryCpuSeconds: cpuSecondsOf(registry.pid) - before };
}

async function oneRound(registry: Distribution, store: Store, folder: string): Promise<Round> {
  const probe = (blobs: "range" | "head") =>
    observed(registry, () => runProbe(registry.url, blobs, expected, args.program));
  const curl = async (blobs: "range" | "head") =>
    references * (await curlSecondsPerReference(registry.url, store, blobs, Number(args["curl-sample"])));
  return {
    range: await probe("range"),
    ceiling: await ceiling(registry.url, store, Number(args["wrk-seconds"]), folder),
    head: await probe("head"),
    crane: hasCrane() ? await observed(registry, () => craneValidate(registry.host, store)) : null,
    curlSeconds: { range: await curl("range"), head: await curl("head") },
  };
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const registry = await Distribution.start({ version: "2.8", cache: "inmemory" });
  try {
    const store = fillStore((...image) => writeImage(registry.root, ...image), SHAPE);
    console.log(
      `docker-registry 2.8, cache in memory: ${store.tags.length} tags, ${references} references ` +
        `(${expected.indexes} indexes, ${expected.manifests} manifests, ${expected.blobs} blobs)`,
    );
    await runProbe(registry.url, "range", expected, args.program); // warms the registry's cache and the disk's
    const rounds: Round[] = [];
    for (let i = 1; i <= Number(args.rounds); i++) {
      const round = await oneRound(registry, store, folder);
      rounds.push(round);
      const { manifestsPerSecond, blobsPerSecond } = round.ceiling;
      console.log(
        `round ${i}: range ${round.range.wallSeconds.toFixed(1)} s, head ${round.head.wallSeconds.toFixed(1)} s; ` +
          `ceiling ${manifestsPerSecond.toFixed(0)} manifests/s, ${blobsPerSecond.toFixed(0)} last bytes/s`,
      );
    }
    const bars = barsOf(rounds, expected);
    console.log(`\n${formatTable(rounds, expected)}\n\n${bars.map(formatBar).join("\n")}`);
    return bars.every((bar) => bar.met) ? 0 : 1;
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

runMain(main);
