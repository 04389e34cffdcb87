import { printable } from "../../core/printable";
import type { AcceptedFinding } from "../../registry-host/audit/acceptances";
import type { AuditFinding } from "../../registry-host/audit/audit-finding";
import type { AuditSeverity } from "../../registry-host/audit/audit-rules";
import { type Annotation, workflowCommand } from "../workflow-command";
import type { SkippedCounts } from "./walk-folder";

/** The JSON report: every key is always there. Its texts quote files and are not escaped for a terminal. */
export interface AuditReport {
  readonly schema: "tallyman.audit/1";
  readonly findings: readonly AuditFinding[];
  readonly accepted: readonly AcceptedFinding[];
  /** What could not be read or parsed: nothing is said of it. `line` is null where the file could not be opened. */
  readonly unread: readonly { readonly file: string; readonly line: number | null; readonly text: string }[];
  readonly checked: {
    readonly files: number;
    /** Of them, those with a format that the audit reads. */
    readonly audited: number;
    readonly skipped: SkippedCounts;
  };
}

const TITLE: Readonly<Record<AuditSeverity, string>> = {
  damage: "DAMAGE",
  warning: "WARNING",
  information: "INFORMATION",
};

/** The report for people. */
export function renderAuditTable(report: AuditReport): string {
  const { findings, accepted, checked } = report;
  const { binary, large, symlinks } = checked.skipped;
  const lines = [
    `${checked.files} files, ${checked.audited} audited; skipped: ${binary} binary, ${large} above 1 MiB, ${symlinks} symbolic links`,
  ];
  for (const severity of ["damage", "warning", "information"] as const) {
    const own = findings.filter((finding) => finding.severity === severity);
    if (own.length > 0) lines.push("", `${TITLE[severity]} (${own.length})`);
    for (const { file, line, rule, text, fix } of own) {
      lines.push(`  ${printable(file)}:${line}  ${rule}`, `    ${printable(text, 600)}`, `    fix: ${fix}`);
    }
  }
  if (accepted.length > 0) lines.push("", `ACCEPTED (${accepted.length})`);
  for (const { file, line, rule, reason } of accepted) {
    lines.push(`  ${printable(file)}:${line}  ${rule}: ${printable(reason)}`);
  }
  lines.push("", verdict(report), "");
  return lines.join("\n");
}

function verdict({ findings, unread }: AuditReport): string {
  const damage = findings.filter(({ severity }) => severity === "damage").length;
  if (damage > 0) return `DAMAGING: ${damage} setting${damage === 1 ? "" : "s"} that break images`;
  if (unread.length > 0) return `INCOMPLETE: ${unread.length} could not be read`;
  return findings.length > 0 ? "no setting that breaks images" : "SOUND: nothing found";
}

const LEVEL: Readonly<Record<AuditSeverity, Annotation["level"]>> = {
  damage: "error",
  warning: "warning",
  information: "notice",
};

/**
 * Workflow commands, which GitHub shows beside the lines of a pull request.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderAuditGithub({ findings }: AuditReport): string {
  return findings
    .map(({ severity, file, line, rule, text, fix }) => {
      const message = `${printable(text, 600)}. ${fix}`;
      return workflowCommand({ level: LEVEL[severity], title: `tallyman ${rule}`, message, file, line });
    })
    .join("");
}
