/** The memory of the program that runs in the cluster: an exporter that waits, and walks of many different blobs. */
import { readFileSync } from "node:fs";
import { PROGRAM_NODE_FLAGS } from "../../lib/integrity/contract";
import { ServerProcess } from "../../test/support/server-process";
import { type GeneratedShape, startGeneratedRegistry } from "../generated-registry";
import { runProbe } from "../probe";
import { figure } from "../report/figures";
import type { Bar, SectionContent } from "../report/record";
import { runSection } from "../section";

const LIMIT_MIB = 96;
/** Two images of 49 layers and a config. */
const BLOBS_PER_TAG = 100;

/** Blobs, and the repositories over which they are spread. */
const SIZES = {
  quick: [[20_000, 1]],
  long: [
    [100_000, 1],
    [100_000, 50],
    [1_000_000, 1],
    [1_000_000, 50],
  ],
} as const;

function shapeOf(blobs: number, repositories: number): GeneratedShape {
  return {
    repositories,
    tagsPerRepository: blobs / BLOBS_PER_TAG / repositories,
    imagesPerTag: 2,
    layersPerImage: BLOBS_PER_TAG / 2 - 1,
    layerBytes: 8 * 1024 * 1024,
  };
}

interface Walked {
  readonly blobs: number;
  readonly repositories: number;
  readonly maxResidentMiB: number;
  readonly maxAnonymousMiB: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

async function walk(blobs: number, repositories: number, program: string): Promise<Walked> {
  const registry = await startGeneratedRegistry(shapeOf(blobs, repositories));
  try {
    const run = await runProbe(registry.url, "range", registry.counts, program, { watchesMemory: true });
    if (!registry.isEachBlobAskedOnce) {
      throw new Error(
        `${registry.blobRequests} blobs were asked for, which are not the ${blobs} that there are`,
      );
    }
    console.log(
      `${blobs} blobs, ${repositories} repositories: ${figure(run.maxResidentMiB)} MiB, ${figure(run.wallSeconds)} s`,
    );
    return { ...run, blobs, repositories };
  } finally {
    await registry.stop();
  }
}

/** Of an exporter that has walked a small registry, and waits for its next walk, in MiB. */
async function idleMemory(
  program: string,
): Promise<{ readonly resident: number; readonly anonymous: number }> {
  const registry = await startGeneratedRegistry(shapeOf(100, 1));
  const server = await ServerProcess.start({
    command: process.execPath,
    args: (port) => [...PROGRAM_NODE_FLAGS, program, "serve", registry.url, "--listen", `127.0.0.1:${port}`],
    isReady: async (port) => {
      const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      return reply?.status === 200;
    },
    folder: null,
  });
  try {
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    const mibOf = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
    return { resident: mibOf("VmRSS"), anonymous: mibOf("RssAnon") };
  } finally {
    await server.stop();
    await registry.stop();
  }
}

runSection({
  name: "memory",
  title: "Memory of the probe",
  measure: async ({ form, program }): Promise<SectionContent> => {
    const idle = await idleMemory(program);
    const walked: Walked[] = [];
    for (const [blobs, repositories] of SIZES[form]) walked.push(await walk(blobs, repositories, program));
    return {
      blocks: [
        {
          text:
            "By range over 16 connections, with Node's flags of the CronJob, which bound its heap, of a registry that " +
            "generates its answers on the same cores: every blob is another one of 8 MiB, or a config. The registry checks that each was asked for once.",
        },
        {
          table: {
            head: ["", "largest resident MiB", "of it anonymous", "s", "blobs/s", "CPU s"],
            rows: [
              ["`serve`, between walks", figure(idle.resident), figure(idle.anonymous), "", "", ""],
              ...walked.map((one) => [
                nameOf(one),
                figure(one.maxResidentMiB),
                figure(one.maxAnonymousMiB),
                figure(one.wallSeconds),
                figure(one.blobs / one.wallSeconds),
                figure(one.cpuSeconds),
              ]),
            ],
          },
        },
      ],
      bars: walked.map(
        (one): Bar => ({
          text: `resident, ${nameOf(one)}`,
          measured: one.maxResidentMiB,
          rule: "at most",
          limit: LIMIT_MIB,
          unit: "MiB",
        }),
      ),
      wrong: [],
      missing: [],
    };
  },
});

function nameOf({ blobs, repositories }: Walked): string {
  const where = repositories === 1 ? "in one repository" : `over ${repositories} repositories`;
  return `${blobs.toLocaleString("en-GB")} different blobs ${where}`;
}
