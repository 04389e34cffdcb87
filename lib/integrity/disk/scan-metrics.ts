/**
 * The metrics of a scan in the text format of Prometheus, as the node exporter's textfile collector takes it.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { HOST_METRICS, type HostMetric, LABEL_INSTANCE } from "../contract";
import type { RegistryScan, ScanReport } from "./scan-model";

/**
 * One series of each metric for each registry. What was not read whole is not said to be zero: of an incomplete
 * scan only what it found is there.
 *
 * @param instanceOf the label under which a registry is known to its alerts
 */
export function formatScanMetrics(
  report: ScanReport,
  instanceOf: (registry: string) => string,
  endedAtMs: number,
): string {
  const undeterminedOf = ({ registry }: RegistryScan): number =>
    report.undetermined.filter((entry) => entry.registry === registry).length;
  const each = (metric: HostMetric, linesOf: (scan: RegistryScan) => readonly Line[]): string => {
    const lines = report.registries.flatMap((scan) =>
      linesOf(scan).map(([labels, value]) => {
        return `${metric}${formatLabels({ [LABEL_INSTANCE]: instanceOf(scan.registry), ...labels })} ${value}\n`;
      }),
    );
    return lines.length === 0
      ? ""
      : `# HELP ${metric} ${HOST_METRICS[metric]}\n# TYPE ${metric} gauge\n${lines.join("")}`;
  };
  const isSaid = (scan: RegistryScan, value: number): boolean => scan.complete || value > 0;
  return [
    each("registry_orphaned_images", (scan) =>
      isSaid(scan, scan.orphanedImages) ? [[{}, scan.orphanedImages]] : [],
    ),
    each("registry_scan_findings", (scan) =>
      (["damage", "warning", "information"] as const)
        .filter((severity) => isSaid(scan, scan.findings[severity]))
        .map((severity): Line => [{ severity }, scan.findings[severity]]),
    ),
    each("registry_scan_undetermined", (scan) => [[{}, undeterminedOf(scan)]]),
    each("registry_scan_last_run_timestamp", () => [[{}, Math.round(endedAtMs) / 1000]]),
  ].join("");
}

type Line = readonly [labels: Readonly<Record<string, string>>, value: number];

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
