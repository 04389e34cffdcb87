/**
 * The walk's memory over 100,000 different blobs, in one repository and spread over fifty, held by the embedded
 * registry (a store of that size takes minutes to write and to remove). Arguments: --program (the built bundle),
 * --blobs (100000, a multiple of 5000).
 */
import { parseArgs } from "node:util";
import { EmbeddedRegistry } from "../lib/testing";
import { PROGRAM, runProbe } from "./probe";
import { runMain } from "./run-main";
import { countsOf, fillStore, type StoreShape } from "./store";

const LIMIT_MIB = 96;
/** Two images of 49 layers and a config. */
const BLOBS_PER_TAG = 100;

const { values: args } = parseArgs({
  options: {
    blobs: { type: "string", default: "100000" },
    program: { type: "string", default: PROGRAM },
  },
});

function shapeOf(repositories: number): StoreShape {
  return {
    repositories,
    tagsPerRepository: Number(args.blobs) / BLOBS_PER_TAG / repositories,
    platforms: ["linux/amd64", "linux/arm64"],
    sharedLayers: 0,
    ownLayers: 49,
    sharedLayerBytes: 0,
    ownLayerBytes: 32,
  };
}

async function walk(shape: StoreShape): Promise<boolean> {
  const registry = await EmbeddedRegistry.start();
  try {
    const expected = countsOf(shape);
    fillStore((...image) => registry.put(...image), shape);
    const run = await runProbe(registry.url, "range", expected, args.program);
    const asked = new Set(registry.requests.map((request) => request.url)).size;
    const references = expected.indexes + expected.manifests + expected.blobs;
    if (asked < references)
      throw new Error(`the probe says it checked ${references} references, it asked for ${asked}`);
    const met = run.maxResidentMiB < LIMIT_MIB;
    console.log(
      `${met ? "met   " : "MISSED"}  ${run.maxResidentMiB.toFixed(1).padStart(7)} MiB resident, under ${LIMIT_MIB}: ` +
        `${expected.blobs} blobs, ${shape.repositories} repositories, ${run.wallSeconds.toFixed(0)} s`,
    );
    return met;
  } finally {
    await registry.close();
  }
}

async function main(): Promise<number> {
  const met = [await walk(shapeOf(1)), await walk(shapeOf(50))];
  return met.every(Boolean) ? 0 : 1;
}

runMain(main);
