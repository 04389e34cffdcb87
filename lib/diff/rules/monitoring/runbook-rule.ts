import type { SynthesizedOutput } from "../../output";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { alertsIn, runbookLink } from "./alert-view";
import { carriersOf } from "./carriers";
import { type Finding, judge } from "./finding";

/** Links of alerts to runbooks that are not among the artifacts, though runbooks are. */
export const runbookRule: DomainRule = { name: "runbook", judge: judgeRunbooks };

const FOLDER = "runbooks/";

function judgeRunbooks(input: RuleInput): readonly Judged[] {
  if (input.deltas.length === 0) return [];
  const { base, head } = carriersOf(input);
  const [filesBefore, filesAfter] = [runbooksOf(input.base), runbooksOf(input.head)];
  if (filesAfter.size === 0) return [];
  const linked = new Set(base.flatMap(alertsIn).flatMap((view) => fileOf(runbookLink(view)) ?? []));
  const findings = head.flatMap(alertsIn).flatMap((view): Finding[] => {
    const link = runbookLink(view);
    const file = fileOf(link);
    if (link === null || file === null || filesAfter.has(file)) return [];
    // What was missing before is not this change's.
    if (linked.has(file) && !filesBefore.has(file)) return [];
    const text = `${view.name}: its runbook ${file} is not among the artifacts, the link ${link} may lead nowhere`;
    const before = filesBefore.has(file) ? `artifacts/${file}` : null;
    const { place } = view;
    return [
      {
        grade: "risk",
        kind: "runbook_missing",
        place,
        subject: view.name,
        before,
        after: null,
        text,
        covers: DeltaIndex.of(input).at({ kind: "artifact", path: file }),
      },
    ];
  });
  return judge(findings);
}

function runbooksOf({ artifacts }: SynthesizedOutput): ReadonlySet<string> {
  return new Set([...artifacts.keys()].filter((path) => path.startsWith(FOLDER) && path.endsWith(".md")));
}

/** The artifact that a link to `docs/runbooks/<name>.md` has; null for a link to anything else. */
function fileOf(link: string | null): string | null {
  const [, name] = /\/?docs\/runbooks\/([^/?#]+\.md)(?:[?#].*)?$/.exec(link ?? "") ?? [];
  return name === undefined ? null : `${FOLDER}${name}`;
}
