import { AUDIT_RULES, type AuditRule, type AuditSeverity } from "./audit-rules";

/** A setting, where it stands and why it matters. The text quotes the file: it is not fit for a terminal as it is. */
export interface AuditFinding {
  readonly rule: AuditRule;
  readonly severity: AuditSeverity;
  /** Relative to the audited folder, with / between its parts. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly fix: string;
}

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** `what` is the setting as it stands; the rule adds the reason. */
export function auditFinding(
  rule: AuditRule,
  { file, line }: Place,
  what: string,
  severity: AuditSeverity = AUDIT_RULES[rule].severity,
): AuditFinding {
  const { reason, fix } = AUDIT_RULES[rule];
  const short = what.length > 200 ? `${what.slice(0, 200)}…` : what;
  return { rule, severity, file, line, text: `${short}: ${reason}`, fix };
}
