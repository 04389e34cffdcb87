import type { Statement } from "../common/statement";
import { judged } from "../common/statement";
import type { Judged } from "../domain-rule";

/** What a rule of the monitoring found at one place: a statement without the way down, as the subject stands for it. */
export interface Finding extends Omit<Statement, "steps"> {
  /** What stands behind the place in `where`. */
  readonly subject: string;
  /** One sentence without a full stop. */
  readonly text: string;
}

/** One change for each fact, however many places carry it. */
export function judge(findings: readonly Finding[]): readonly Judged[] {
  return judged(
    findings.map((finding) => ({
      ...finding,
      steps: finding.subject === "" ? [] : [{ name: finding.subject, aliases: [] }],
      text: `${finding.text}.`,
    })),
  );
}
