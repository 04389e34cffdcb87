import { printable } from "../core/printable";
import type { Assessment } from "../integrity/assess";
import type { Finding, Report, Undetermined } from "../integrity/report";

const MAX_ROWS = 200;
const MAX_TAGS = 8;

/** The report for people. Nothing of a registry reaches the terminal unescaped. */
export function renderTable(assessment: Assessment, hint: { readonly blobs: string }): string {
  const { report } = assessment;
  const lines = [headline(report)];
  for (const severity of ["damage", "warning", "information"] as const) {
    const findings = report.findings.filter((finding) => finding.severity === severity);
    if (findings.length === 0) continue;
    lines.push("", `${TITLE[severity]} (${findings.length})`);
    for (const finding of findings.slice(0, MAX_ROWS)) lines.push(...findingLines(finding));
    if (severity !== "information") lines.push(...repairLines(findings));
    if (findings.length > MAX_ROWS)
      lines.push(`  … and ${findings.length - MAX_ROWS} more: --format json lists them`);
  }
  if (report.undetermined.length > 0) {
    lines.push("", `COULD NOT BE DETERMINED (${sum(assessment)})`);
    for (const entry of report.undetermined.slice(0, MAX_ROWS)) lines.push(`  ${undeterminedLine(entry)}`);
    if (report.undetermined.length > MAX_ROWS)
      lines.push(`  … and ${report.undetermined.length - MAX_ROWS} more`);
  }
  if (hint.blobs === "head") {
    lines.push(
      "",
      "note: --blobs head is blind to data that a cached registry has lost; --blobs range is not",
    );
  }
  lines.push("", verdictLine(assessment), "");
  return lines.join("\n");
}

const TITLE = { damage: "DAMAGE", warning: "WARNING", information: "INFORMATION" } as const;

function headline(report: Report): string {
  const { checked } = report;
  const counts = [
    `${checked.repositories} repositories`,
    `${checked.tags} tags`,
    `${checked.indexes} indexes`,
    `${checked.manifests} manifests`,
    `${checked.blobs} blobs`,
  ].join(", ");
  const seconds = (report.durationMs / 1000).toFixed(1);
  const { requests, remembered } = checked;
  const known = remembered === null ? "" : `, ${remembered} manifests known`;
  const part = report.shard === null ? "" : `, shard ${report.shard.replace("/", " of ")}`;
  return `${printable(report.registry)}${part}: ${counts} in ${seconds} s (${requests} requests${known})`;
}

function findingLines(finding: Finding): string[] {
  const platform = finding.platform === null ? "" : `  ${printable(finding.platform, 60)}`;
  const tags = finding.tags.slice(0, MAX_TAGS).map((tag) => printable(tag, 128));
  const moreTags = finding.tags.length > MAX_TAGS ? ` and ${finding.tags.length - MAX_TAGS} more` : "";
  return [
    `  ${finding.kind}  ${printable(finding.repository)}${platform}`,
    `    digest  ${finding.digest ?? "unknown: the tag does not resolve"}`,
    ...(tags.length > 0 ? [`    tags    ${tags.join(", ")}${moreTags}`] : []),
    ...(finding.path.length > 1 ? [`    path    ${finding.path.map(shortStep).join(" > ")}`] : []),
    `    seen    ${printable(finding.detail)}`,
  ];
}

/** Each kind's repair once: a registry hit by garbage collection has one kind of damage a thousand times. */
function repairLines(findings: readonly Finding[]): string[] {
  const kindsByRepair = new Map<string, Set<string>>();
  for (const { repair, kind } of findings) {
    kindsByRepair.set(repair, (kindsByRepair.get(repair) ?? new Set()).add(kind));
  }
  return [...kindsByRepair].flatMap(([repair, kinds]) => [
    `  repair of ${[...kinds].join(", ")}:`,
    `    ${repair}`,
  ]);
}

function shortStep(step: string): string {
  return printable(/^sha(?:256|512):/.test(step) ? step.slice(0, 19) : step, 128);
}

function undeterminedLine(entry: Undetermined): string {
  const where = [entry.repository, entry.reference]
    .filter((part) => part !== null)
    .map((part) => printable(part));
  return `${entry.reason}  ${where.join(" ")}${where.length > 0 ? ": " : ""}${printable(entry.detail)}`;
}

function sum(assessment: Assessment): number {
  let count = 0;
  for (const value of assessment.undeterminedByReason.values()) count += value;
  return count;
}

function verdictLine(assessment: Assessment): string {
  const { failures, acceptedFailures, report } = assessment;
  const coverage = `${(Math.floor(report.coverage * 1000) / 10).toFixed(1)} % of it could be determined`;
  const accepted = acceptedFailures > 0 ? `, ${acceptedFailures} accepted` : "";
  if (failures > 0) {
    return `DAMAGED: ${failures} broken reference${failures === 1 ? "" : "s"}${accepted}; ${coverage}`;
  }
  if (!report.complete) return `INCOMPLETE: no damage seen${accepted}, but only ${coverage}`;
  return `WHOLE: all that was walked is there${accepted}`;
}
