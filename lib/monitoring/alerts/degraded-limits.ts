import type { Duration } from "../../core/duration";
import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";

/** The byte slices that the runs read, as the label `slice` names them. */
export interface ByteSlices {
  /** Matches all of them. */
  readonly pattern: string;
  readonly example: string;
  /** Two rounds through all of them, and a run. */
  readonly maxAge: Duration;
}

/** Null where no run reads whole blobs. */
export function byteSlices({ run, times }: ProbeSpec): ByteSlices | null {
  const { verifyBytes } = run;
  if (verifyBytes === undefined) return null;
  const [, k = "1", n = "1"] = /^([a-z]+|[0-9]+)\/([0-9]+)$/.exec(verifyBytes) ?? [];
  const isAuto = k === "auto";
  return {
    pattern: `${isAuto ? "[0-9]+" : k}/${n}`,
    example: `${isAuto ? "1" : k}/${n}`,
    maxAge: times.interval.times(2 * (isAuto ? Number(n) : 1) + 1),
  };
}

const DAY_SECONDS = 86_400;

/** The first date at which accepted damage pages again, and what stands for that date; null where none is accepted. */
export function earliestAcceptance(registry: Registry) {
  const dated = registry.accept.map((entry) => ({ entry, untilSeconds: secondsOf(entry.until) }));
  if (dated.length === 0) return null;
  const untilSeconds = Math.min(...dated.map((one) => one.untilSeconds));
  const entries = dated
    .filter((one) => one.untilSeconds === untilSeconds)
    .map(({ entry }) => `${entry.repository} ${entry.digest ?? entry.tag}, until ${entry.until}`);
  return { untilSeconds, entries };
}

/** A date is over at its end, in UTC. */
function secondsOf(until: string): number {
  const isDate = /^[0-9-]{10}$/.test(until);
  return Math.floor(Date.parse(until) / 1000) + (isDate ? DAY_SECONDS : 0);
}
