import { PROGRAM_NODE_FLAGS } from "../lib/integrity/contract";
import { isObject } from "../lib/oci/descriptor";
import { type Measurement, measure } from "./measure";

/** The bundle that runs in the cluster. */
export const PROGRAM = "dist/lib/cli/tallyman.mjs";

export interface ExpectedCounts {
  readonly indexes: number;
  readonly manifests: number;
  readonly blobs: number;
}

export interface ProbeOptions {
  /** @default 16 */
  readonly connections?: number;
  /** Further words of the command line. */
  readonly words?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** As of `MeasureOptions`. */
  readonly watchesMemory?: boolean;
}

/**
 * Walks the whole registry, timed from outside.
 * @param blobs what `--blobs` takes
 * @throws Error where the walk was not complete, found damage, or counted other than `expected`: a faster wrong walk
 * is no result
 */
export async function runProbe(
  url: string,
  blobs: string,
  expected: ExpectedCounts,
  program = PROGRAM,
  options: ProbeOptions = {},
): Promise<Measurement> {
  const { connections = 16, words = [], env = {}, watchesMemory = false } = options;
  const given = ["--concurrency", `${connections}`, "--rate", "0", "--blobs", blobs, "--format", "json"];
  const run = await measure(
    process.execPath,
    [...PROGRAM_NODE_FLAGS, program, "probe", url, "--deadline", "1h", ...given, ...words],
    { env, watchesMemory },
  );
  const report: unknown = run.exitCode === 0 ? JSON.parse(run.stdout) : null;
  if (!isObject(report) || !isObject(report.checked)) {
    throw new Error(`the probe ended with ${run.exitCode}: ${run.stdout.slice(0, 2_000)}`);
  }
  const { complete, checked } = report;
  for (const [key, count] of Object.entries(expected)) {
    if (checked[key] !== count || complete !== true) {
      throw new Error(`the probe checked ${checked[key]} of ${count} ${key}, complete: ${complete}`);
    }
  }
  return run;
}
