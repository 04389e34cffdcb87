import type { WalkBounds } from "../../lib/integrity/bounds";
import { isInSlice } from "../../lib/integrity/byte-slice";
import type { Report } from "../../lib/integrity/report";
import { Digest } from "../../lib/oci/digest";
import type { Damage } from "./planted-damage";
import type { SyntheticEstate } from "./synthetic-estate";

/** What was planted, as a finding names it. */
export function truthOf(estate: SyntheticEstate, planted: readonly Damage[]): ReadonlySet<string> {
  return new Set(
    planted.map(({ kind, place, hex }) => `${kind} ${estate.repositoryName(place.repository)} sha256:${hex}`),
  );
}

/** What of it a walk can see: where blobs are proven by turns, a cache hides short ones until theirs. */
export function visible(planted: readonly Damage[], { blobs }: WalkBounds): readonly Damage[] {
  if (typeof blobs !== "object") return planted;
  const { rotate } = blobs;
  return planted.filter(
    ({ harm, hex }) =>
      harm !== "short" || isInSlice(Digest.fromBytes("sha256", Buffer.from(hex, "hex")), rotate),
  );
}

/** The damage of all reports, one line each, sorted. */
export function damageIn(reports: readonly Report[]): readonly string[] {
  return reports
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity === "damage")
    .map(({ kind, repository, digest }) => `${kind} ${repository} ${digest}`)
    .sort();
}

/**
 * @param due of the truth what all the reports together have to tell
 * @throws Error where a report calls damage what is none, or some that is due was missed: a faster wrong walk is no result
 */
export function checkVerdicts(
  truth: ReadonlySet<string>,
  due: ReadonlySet<string>,
  reports: readonly Report[],
): void {
  const found = damageIn(reports);
  const wrong = found.filter((line) => !truth.has(line));
  const missed = [...due].filter((line) => !found.includes(line));
  if (wrong.length + missed.length === 0) return;
  throw new Error(
    `the walk is wrong: called damage ${wrong.join(", ") || "-"}, missed ${missed.join(", ") || "-"}`,
  );
}
