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
const COMMENT = /(?:^|\s)(?:#|\/\/|<!--)\s*tallyman:\s*accept\b[ \t]*([\w-]*)[ \t]*(.*?)\s*(?:-->\s*)?$/;

/** Parts findings into those that stand and those accepted; an acceptance that is wrong or unused is a finding too. */
export function applyAcceptances(
  files: readonly AuditFile[],
  findings: readonly AuditFinding[],
): { readonly findings: readonly AuditFinding[]; readonly accepted: readonly AcceptedFinding[] } {
  const acceptances = files.flatMap(acceptancesOf);
  const accepted: AcceptedFinding[] = [];
  const standing: AuditFinding[] = [];
  const used = new Set<Acceptance>();
  for (const finding of findings) {
    const fits = acceptances.filter(
      ({ file, rule, reason }) => file === finding.file && rule === finding.rule && reason !== "",
    );
    for (const acceptance of fits) used.add(acceptance);
    const [first] = fits;
    if (first === undefined) standing.push(finding);
    else accepted.push({ ...finding, reason: first.reason });
  }
  const unused = acceptances
    .filter((acceptance) => !used.has(acceptance))
    .map((acceptance) => auditFinding("accept-unused", acceptance, describe(acceptance)));
  return { findings: [...standing, ...unused], accepted };
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
    return [{ file: path, line: index + 1, rule, reason }];
  });
}
