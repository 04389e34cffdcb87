import { type AuditFinding, auditFinding } from "./audit-finding";
import { isAuditRule } from "./audit-rules";
import type { AuditFile } from "./material";

/** A finding that its file's comment accepts. */
export interface AcceptedFinding extends AuditFinding {
  readonly reason: string;
}

interface Acceptance {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

// Alone on its line, or behind a setting: prose that quotes the comment has more before it than blanks.
const COMMENT = /(?:^|\s)(?:#|\/\/|<!--)\s*tallyman:\s*accept\b[ \t]*([\w-]*)(.*)$/s;

/** Parts findings into those that stand and those accepted; an acceptance that is wrong or unused is a finding too. */
export function applyAcceptances(
  files: readonly AuditFile[],
  findings: readonly AuditFinding[],
): { readonly findings: readonly AuditFinding[]; readonly accepted: readonly AcceptedFinding[] } {
  const acceptances = files.flatMap(acceptancesOf);
  const accepted: AcceptedFinding[] = [];
  const standing: AuditFinding[] = [];
  const reasons = new Map<string, string>();
  for (const acceptance of acceptances) {
    const key = keyOf(acceptance);
    if (acceptance.reason !== "" && !reasons.has(key)) reasons.set(key, acceptance.reason);
  }
  const used = new Set<string>();
  for (const finding of findings) {
    const reason = reasons.get(keyOf(finding));
    if (reason === undefined) standing.push(finding);
    else {
      used.add(keyOf(finding));
      accepted.push({ ...finding, reason });
    }
  }
  const unused = acceptances
    .filter((acceptance) => acceptance.reason === "" || !used.has(keyOf(acceptance)))
    .map((acceptance) => auditFinding("accept-unused", acceptance, describe(acceptance)));
  return { findings: [...standing, ...unused], accepted };
}

/** A comment accepts all findings of one rule in its file. */
function keyOf({ file, rule }: { readonly file: string; readonly rule: string }): string {
  return `${rule}\n${file}`;
}

function describe({ rule, reason }: Acceptance): string {
  if (rule === "") return "an acceptance without a rule";
  if (!isAuditRule(rule)) return `no rule is called ${rule}`;
  return reason === "" ? `the acceptance of ${rule} has no reason` : `${rule} is accepted and does not occur`;
}

function acceptancesOf({ path, text }: AuditFile): readonly Acceptance[] {
  if (!text.includes("tallyman:")) return [];
  return text.split("\n").flatMap((line, index) => {
    const match = COMMENT.exec(line.trimEnd());
    if (match === null) return [];
    const [, rule = "", reason = ""] = match;
    return [{ file: path, line: index + 1, rule, reason: reason.trim().replace(/-->$/, "").trim() }];
  });
}
