/** What the walk is measured against, over the same references. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MANIFEST_ACCEPT } from "../lib/oci/media-type";
import { findTool, requireTool } from "../test/support/require-tool";
import { type Measurement, measure } from "./measure";
import type { Store } from "./store";

/** As seen from the bundle in dist/bench. */
const SOURCE = resolve(__dirname, "../../bench");
const ACCEPT = MANIFEST_ACCEPT.join(", ");
const CONNECTIONS = 16;
const CRANE_PROCESSES = 4;

/**
 * One curl process for each of at most `sampleSize` references, evenly taken, blobs asked for as the walk does.
 * @returns seconds for a single reference
 */
export async function curlSecondsPerReference(
  url: string,
  store: Store,
  blobs: "range" | "head",
  sampleSize: number,
): Promise<number> {
  const references = [
    ...store.manifestPaths.map((path) => `manifest ${url}/v2/${path}`),
    ...store.blobs.map(
      ({ repository, digest, size }) => `${blobs} ${url}/v2/${repository}/blobs/${digest} ${size - 1}`,
    ),
  ];
  const step = Math.max(1, references.length / sampleSize);
  const sample = references.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const run = await measure("sh", [join(SOURCE, "curl-loop.sh"), ACCEPT], {
    stdin: `${sample.join("\n")}\n`,
  });
  if (run.exitCode !== 0) throw new Error(`the curl loop failed: ${run.stdout}`);
  return run.wallSeconds / sample.length;
}

/** Requests a second that the registry gives a client in C over 16 connections, by kind of request. */
export interface Ceiling {
  readonly manifestsPerSecond: number;
  readonly blobsPerSecond: number;
}

/** @param folder for the lists of paths */
export async function ceiling(url: string, store: Store, seconds: number, folder: string): Promise<Ceiling> {
  const manifests = store.manifestPaths.map((path) => `/v2/${path}\t`);
  const blobs = store.blobs.map(
    ({ repository, digest, size }) => `/v2/${repository}/blobs/${digest}\tbytes=${size - 1}-${size - 1}`,
  );
  return {
    manifestsPerSecond: await wrk(url, manifests, seconds, join(folder, "manifests")),
    blobsPerSecond: await wrk(url, blobs, seconds, join(folder, "blobs")),
  };
}

async function wrk(url: string, lines: readonly string[], seconds: number, list: string): Promise<number> {
  writeFileSync(list, `${lines.join("\n")}\n`);
  // One thread: one counter over the list, and the registry keeps the other core as it does beside the walk.
  const load = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout", "10s"];
  const run = await measure(requireTool("wrk"), [
    ...load,
    "-s",
    join(SOURCE, "cycle.lua"),
    url,
    "--",
    list,
    ACCEPT,
  ]);
  const [, requests, microseconds, errors] = /^RESULT (\d+) (\d+) (\d+)$/m.exec(run.stdout) ?? [];
  if (errors !== "0") throw new Error(`wrk saw errors: ${run.stdout}`);
  return Number(requests) / (Number(microseconds) / 1e6);
}

export function hasCrane(): boolean {
  return findTool("crane") !== null;
}

/** The cheaper of crane's two checks, over every tag, four processes at a time. */
export async function craneValidate(host: string, store: Store): Promise<Measurement> {
  const images = store.tags.map(({ repository, tag }) => `${host}/${repository}:${tag}`);
  const each = [requireTool("crane"), "validate", "--fast", "--remote"];
  const run = await measure("xargs", ["-P", `${CRANE_PROCESSES}`, "-n", "1", ...each], {
    stdin: images.join("\n"),
  });
  const passed = run.stdout.match(/^PASS/gm)?.length ?? 0;
  if (run.exitCode !== 0 || passed !== images.length) {
    throw new Error(`crane passed ${passed} of ${images.length} images, exit ${run.exitCode}`);
  }
  return run;
}
