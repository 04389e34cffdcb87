import type { Report } from "../../lib/integrity/report";
import type { Damage } from "./planted-damage";
import type { SyntheticEstate } from "./synthetic-estate";

/** What was planted, as a finding names it. */
export function truthOf(estate: SyntheticEstate, planted: readonly Damage[]): ReadonlySet<string> {
  return new Set(
    planted.map(({ kind, place, hex }) => `${kind} ${estate.repositoryName(place.repository)} sha256:${hex}`),
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

/** @throws Error where a report calls damage what is none, or a whole walk missed some: a faster wrong walk is no result */
export function checkVerdicts(
  truth: ReadonlySet<string>,
  reports: readonly Report[],
  isWhole: boolean,
): void {
  const found = damageIn(reports);
  const wrong = found.filter((line) => !truth.has(line));
  const missed = isWhole ? [...truth].filter((line) => !found.includes(line)) : [];
  if (wrong.length + missed.length === 0) return;
  throw new Error(
    `the walk is wrong: called damage ${wrong.join(", ") || "-"}, missed ${missed.join(", ") || "-"}`,
  );
}
