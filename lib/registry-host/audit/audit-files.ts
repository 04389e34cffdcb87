import { type AcceptedFinding, applyAcceptances } from "./acceptances";
import type { AuditFinding } from "./audit-finding";
import { documentKind } from "./document-kind";
import type { AuditFile, Unparsed } from "./material";
import { repositoryFacts } from "./repository-facts";
import { commandFindings } from "./rules-commands";
import { frontFindings } from "./rules-front";
import { hostFindings } from "./rules-host";
import { mountFindings } from "./rules-mounts";
import { workflowFindings } from "./rules-workflows";
import { unfold } from "./unfold";

export interface AuditResult {
  /** Damage first, then by file and line. */
  readonly findings: readonly AuditFinding[];
  readonly accepted: readonly AcceptedFinding[];
  /** Documents whose syntax is broken; rules saw nothing of them. */
  readonly unparsed: readonly Unparsed[];
  /** Files with a format that the audit reads. */
  readonly auditedFiles: number;
}

/** Audits the texts of a repository. Pure; never throws, whatever they hold. */
export function auditFiles(files: readonly AuditFile[]): AuditResult {
  const audited = files.filter(({ path, text }) => documentKind(path, text) !== null);
  const material = unfold(audited);
  // Which files there are matters beyond those that are read.
  const facts = repositoryFacts({ ...material, paths: new Set(files.map(({ path }) => path)) });
  const found = [
    ...commandFindings(facts),
    ...hostFindings(facts),
    ...frontFindings(facts),
    ...mountFindings(facts),
    ...workflowFindings(facts),
  ];
  const { findings, accepted } = applyAcceptances(audited, distinct(found));
  return {
    findings: [...findings].sort(inOrder),
    accepted: [...accepted].sort(inOrder),
    unparsed: material.unparsed,
    auditedFiles: audited.length,
  };
}

/** A script may be read by two ways, and a line may break a rule twice. */
function distinct(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const byKey = new Map<string, AuditFinding>();
  for (const finding of findings) {
    const { rule, file, line, text } = finding;
    // Ports of one range stand on one line, and are as many findings as there are texts.
    const detail = rule === "port-without-server" ? text : "";
    const key = `${rule}\n${file}\n${line}\n${detail}`;
    if (!byKey.has(key)) byKey.set(key, finding);
  }
  return [...byKey.values()];
}

const RANK = { damage: 0, warning: 1, information: 2 } as const;

function inOrder(a: AuditFinding, b: AuditFinding): number {
  const byFile = a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
  return RANK[a.severity] - RANK[b.severity] || byFile || a.line - b.line || (a.rule < b.rule ? -1 : 1);
}
