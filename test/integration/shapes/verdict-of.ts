import { brief, reportOf } from "../../support/tallyman";

/** The probe's exit code, then each finding as `severity kind repository tags [platform]`; all was determined. */
export async function verdictOf(url: string): Promise<(number | string)[]> {
  const { exitCode, report } = await reportOf(["probe", url]);
  expect([report.undetermined, report.complete, report.coverage]).toEqual([[], true, 1]);
  return [exitCode, ...report.findings.map((finding) => `${finding.severity} ${brief(finding)}`)];
}
