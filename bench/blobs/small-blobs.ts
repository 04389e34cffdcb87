/**
 * What it costs a registry, and us, to read a small blob whole instead of asking for its last byte, on every
 * distribution that is there. Arguments: --rounds (5), --wrk-seconds (3), --sizes (KiB, by commas).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { forEachLimit } from "../../lib/core/for-each-limit";
import { Digest } from "../../lib/oci/digest";
import { RegistryClient } from "../../lib/registry-client/registry-client";
import { buildRawManifest } from "../../lib/testing";
import { seededBytes } from "../../lib/testing/layer-tar";
import { Distribution, distributionVersions } from "../../test/support/distribution";
import { writeImage } from "../../test/support/write-image";
import { cpuSecondsOf, median } from "../measure";
import { runMain } from "../run-main";

const KIB = 1024;
const BLOBS = 1_000;
const CONNECTIONS = 16;

const { values: args } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    "wrk-seconds": { type: "string", default: "3" },
    sizes: { type: "string", default: "1,4,8,12,16,32,64" },
  },
});

/** Microseconds of CPU a blob. */
interface Cost {
  readonly registry: number;
  readonly client: number;
}

interface Blobs {
  readonly digests: readonly Digest[];
  readonly sizeBytes: number;
}

function write(root: string, sizeBytes: number): Blobs {
  const blobs = Array.from({ length: BLOBS }, (_, i) => seededBytes(`${sizeBytes}/${i}`, sizeBytes));
  writeImage(
    root,
    "small",
    `${sizeBytes}`,
    buildRawManifest({ body: Buffer.from("{}"), mediaType: "", blobs }),
  );
  return { digests: blobs.map((blob) => Digest.sha256(blob)), sizeBytes };
}

async function byClient(registry: Distribution, blobs: Blobs, mode: "range" | "full"): Promise<Cost> {
  const client = new RegistryClient({
    ...{ baseUrl: new URL(registry.url), concurrency: CONNECTIONS, timeoutMs: 30_000 },
    ...{ now: Date.now, random: Math.random, warn: console.warn, sleep: async () => undefined },
  });
  const registryBefore = cpuSecondsOf(registry.pid);
  const before = process.cpuUsage();
  await forEachLimit(blobs.digests, CONNECTIONS, async (digest) => {
    const answer = await client.blob("small", digest, blobs.sizeBytes, mode);
    if (answer.kind !== "present") throw new Error(`${digest} is ${answer.kind}`);
  });
  const { user, system } = process.cpuUsage(before);
  client.close();
  const registryMicros = (cpuSecondsOf(registry.pid) - registryBefore) * 1e6;
  return { registry: registryMicros / BLOBS, client: (user + system) / BLOBS };
}

/** Blobs a second; the last byte of each, or all of it. */
function byWrk(
  registry: Distribution,
  { digests, sizeBytes }: Blobs,
  mode: "range" | "full",
  folder: string,
): number {
  const list = join(folder, "list");
  const range = mode === "range" ? `bytes=${sizeBytes - 1}-${sizeBytes - 1}` : "";
  writeFileSync(list, digests.map((digest) => `/v2/small/blobs/${digest}\t${range}\n`).join(""));
  const words = ["-t1", `-c${CONNECTIONS}`, `-d${args["wrk-seconds"]}s`, "-s", "bench/walk/cycle.lua"];
  const output = execFileSync("wrk", [...words, registry.url, "--", list, "*/*"], { encoding: "utf8" });
  const [, requests, micros, errors] = /RESULT (\d+) (\d+) (\d+)/.exec(output) ?? [];
  if (errors !== "0") throw new Error(`wrk met errors: ${output}`);
  return Number(requests) / (Number(micros) / 1e6);
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    for (const version of distributionVersions()) {
      const registry = await Distribution.start({ version, cache: "inmemory" });
      try {
        for (const sizeBytes of args.sizes.split(",").map((kib) => Number(kib) * KIB)) {
          const blobs = write(registry.root, sizeBytes);
          for (const mode of ["range", "full"] as const) await byClient(registry, blobs, mode);
          const rates: number[] = [];
          const ratios = { registry: [] as number[], client: [] as number[], rate: [] as number[] };
          for (let round = 0; round < Number(args.rounds); round++) {
            const [range, full] = [
              await byClient(registry, blobs, "range"),
              await byClient(registry, blobs, "full"),
            ];
            const [part, whole] = [
              byWrk(registry, blobs, "range", folder),
              byWrk(registry, blobs, "full", folder),
            ];
            ratios.registry.push(full.registry / range.registry);
            ratios.client.push(full.client / range.client);
            ratios.rate.push(whole / part);
            rates.push(part);
          }
          const show = (values: readonly number[]): string => median(values).toFixed(2);
          console.log(
            `distribution ${version}  ${`${sizeBytes / KIB}`.padStart(2)} KiB  ranged ${median(rates).toFixed(0)}/s by wrk, ` +
              `whole ${show(ratios.rate)} of it; CPU whole/ranged: registry ${show(ratios.registry)}, client ${show(ratios.client)}`,
          );
        }
      } finally {
        await registry.stop();
      }
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

runMain(main);
