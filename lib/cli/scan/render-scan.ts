import { printable } from "../../core/printable";
import type { RegistryScan, ScanFinding, ScanReport } from "../../integrity/disk/scan-model";

const MAX_ROWS = 200;
const MAX_TAGS = 8;
const TITLE = { damage: "DAMAGE", warning: "WARNING", information: "INFORMATION" } as const;

/** The report for people. Nothing of a disk reaches the terminal unescaped. */
export function renderScan(report: ScanReport): string {
  const lines = report.registries.map(headline);
  for (const severity of ["damage", "warning", "information"] as const) {
    const findings = report.findings.filter((finding) => finding.severity === severity);
    if (findings.length === 0) continue;
    lines.push("", `${TITLE[severity]} (${total(report, severity)})`);
    for (const finding of findings.slice(0, MAX_ROWS)) lines.push(...findingLines(finding));
    if (findings.length > MAX_ROWS)
      lines.push(`  … and ${findings.length - MAX_ROWS} more: --format json lists them`);
  }
  if (report.undetermined.length > 0) {
    lines.push("", `COULD NOT BE DETERMINED (${report.undetermined.length})`);
    for (const { reason, registry, repository, reference, detail } of report.undetermined.slice(
      0,
      MAX_ROWS,
    )) {
      const where = [registry, repository, reference].flatMap((part) =>
        part === null ? [] : [printable(part)],
      );
      lines.push(`  ${reason}  ${where.join(" ")}: ${printable(detail)}`);
    }
    if (report.undetermined.length > MAX_ROWS)
      lines.push(`  … and ${report.undetermined.length - MAX_ROWS} more`);
  }
  lines.push("", verdict(report), "");
  return lines.join("\n");
}

function headline({ registry, role, checked }: RegistryScan): string {
  const counts = [
    `${checked.repositories} repositories`,
    `${checked.tags} tags`,
    `${checked.indexes} indexes`,
    `${checked.manifests} manifests`,
    `${checked.blobs} blobs`,
  ].join(", ");
  const stored = `${checked.storedBlobs} files of ${(checked.storedBytes / 1e9).toFixed(2)} GB stored`;
  return `${printable(registry)} (${role}): ${counts}; ${stored}`;
}

function findingLines(finding: ScanFinding): string[] {
  const tags = finding.tags.slice(0, MAX_TAGS).map((tag) => printable(tag, 128));
  const moreTags = finding.tags.length > MAX_TAGS ? ` and ${finding.tags.length - MAX_TAGS} more` : "";
  const where = [finding.registry, finding.repository].flatMap((part) =>
    part === null ? [] : [printable(part)],
  );
  return [
    `  ${finding.kind}  ${where.join(" ")}`,
    ...(finding.digest === null ? [] : [`    digest  ${finding.digest}`]),
    ...(tags.length > 0 ? [`    tags    ${tags.join(", ")}${moreTags}`] : []),
    ...(finding.path.length > 1 ? [`    path    ${finding.path.map(shortStep).join(" > ")}`] : []),
    `    seen    ${printable(finding.detail)}`,
  ];
}

function shortStep(step: string): string {
  return printable(/^sha(?:256|512):/.test(step) ? step.slice(0, 19) : step, 128);
}

function total(report: ScanReport, severity: keyof typeof TITLE): number {
  return report.registries.reduce((sum, { findings }) => sum + findings[severity], 0);
}

function verdict(report: ScanReport): string {
  const damage = total(report, "damage");
  const seconds = `${(report.durationMs / 1000).toFixed(1)} s`;
  const doubt = report.complete ? "" : "; not everything could be read";
  if (damage > 0)
    return `DAMAGED: ${damage} broken reference${damage === 1 ? "" : "s"} on disk${doubt} (${seconds})`;
  if (!report.complete) return `INCOMPLETE: no damage seen${doubt} (${seconds})`;
  return `WHOLE: everything that a tag leads to is on disk (${seconds})`;
}
