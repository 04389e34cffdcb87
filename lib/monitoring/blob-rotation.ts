import type { Duration } from "../core/duration";
import type { Problem } from "../core/problem";
import { MAX_SLICES } from "../integrity/contract";
import type { BLOB_MODES, BlobsByTurns, WalkOptions, WalkTimes } from "./probe-run";

type BlobMode = (typeof BLOB_MODES)[number];

export function isByTurns(blobs: BlobMode | BlobsByTurns | undefined): blobs is BlobsByTurns {
  return typeof blobs === "object" && blobs !== null;
}

/** Runs that prove every blob once; null where each run proves all. */
export function blobTurns(run: WalkOptions, { interval }: Pick<WalkTimes, "interval">): number | null {
  return isByTurns(run.blobs) ? runsWithin(run.blobs.provenWithin, interval) : null;
}

/** As `--blobs` takes it. */
export function blobsArgument(run: WalkOptions, times: Pick<WalkTimes, "interval">): string | undefined {
  return isByTurns(run.blobs) ? `rotate/${blobTurns(run, times)}` : run.blobs;
}

/** @param interval the longest gap between two runs */
export function checkTurns(
  { provenWithin }: BlobsByTurns,
  path: string,
  interval: Duration,
): readonly Problem[] {
  // Not every caller is typed.
  if (typeof provenWithin?.toMilliseconds !== "function") {
    const fix = "Write blobs: { provenWithin: Duration.hours(1) }.";
    return [{ path: `${path}.provenWithin`, rule: "be a Duration", value: provenWithin, fix }];
  }
  if (provenWithin.compare(interval) >= 0) return [];
  const rule = `be at least the longest gap between two runs, ${interval}: every blob is proven once in provenWithin / interval = ${provenWithin} / ${interval} runs, and less than one is none`;
  const fix = "Allow more time, run more often, or leave blobs out: each run proves all then.";
  return [{ path: `${path}.provenWithin`, rule, value: provenWithin, fix }];
}

function runsWithin(time: Duration, interval: Duration): number {
  return Math.min(MAX_SLICES, Math.max(1, Math.floor(time.toMilliseconds() / interval.toMilliseconds())));
}
