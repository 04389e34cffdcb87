import { printable } from "../../core/printable";
import type { RepairResult } from "../../integrity/repair/apply-repairs";
import type { RebuildHint, RepairAction, RepairItem } from "../../integrity/repair/repair-plan";
import { type RepairRun, stepLine } from "./repair-report";

const MAX_ITEMS = 200;
const MAX_STEPS = 40;

const TITLE: Readonly<Record<RepairAction, string>> = {
  restore: "RESTORE",
  retag: "POINT THE TAG ELSEWHERE",
  restart_first: "RESTART THE REGISTRY FIRST",
  remove_data_first: "REMOVE DATA FILES FIRST",
  rebuild: "REBUILD",
  undetermined: "COULD NOT BE DETERMINED",
  none: "NOTHING TO DO",
};

/** The plan, or what was done of it, for people. Nothing of a registry reaches the terminal unescaped. */
export function renderRepair(run: RepairRun): string {
  const { before, items, results, after } = run;
  const lines = [`${printable(before.report.registry)}: ${items.length} to repair`];
  for (const item of items.slice(0, MAX_ITEMS))
    lines.push("", ...itemLines(item, results?.get(item) ?? null));
  if (items.length > MAX_ITEMS)
    lines.push("", `… and ${items.length - MAX_ITEMS} more: --format json lists them`);
  const { undetermined } = (after ?? before).report;
  if (undetermined.length > 0) lines.push("", `${undetermined.length} references could not be determined`);
  lines.push("", lastLine(run), "");
  return lines.join("\n");
}

function itemLines(item: RepairItem, result: RepairResult | null): string[] {
  const { finding, steps } = item;
  const more = steps.length > MAX_STEPS ? [`    … and ${steps.length - MAX_STEPS} more steps`] : [];
  const tags = finding.tags.length > 0 ? `:${finding.tags.join(",")}` : "";
  return [
    `${TITLE[item.action]}  ${finding.kind}  ${printable(finding.repository + tags)}`,
    `    digest  ${finding.digest ?? "unknown: the tag does not resolve"}`,
    `    why     ${printable(item.detail, 600)}`,
    ...steps.slice(0, MAX_STEPS).map((step) => `    step    ${printable(stepLine(step), 400)}`),
    ...more,
    ...item.removeFiles.map((file) => `    remove  ${printable(file)}`),
    ...item.rebuild.map((hint) => `    rebuild ${printable(hintText(hint))}`),
    ...(result === null
      ? []
      : [`    ${result.outcome}${result.problem === null ? "" : `: ${printable(result.problem, 600)}`}`]),
  ];
}

function hintText({ service, stack, pipeline }: RebuildHint): string {
  const where = stack === null ? "" : ` (stack ${stack})`;
  return `${service}${where} by ${pipeline ?? "its pipeline, which the catalogue does not name"}`;
}

function lastLine({ before, items, results, after }: RepairRun): string {
  const count = (after ?? before).failures;
  const left = `${count} broken reference${count === 1 ? "" : "s"}`;
  if (results === null) {
    const byPlan = items.filter(({ action }) => action === "restore").length;
    return items.length === 0
      ? "PLAN: nothing to repair"
      : `PLAN: ${byPlan} of ${items.length} can be restored as they were; --apply does so. Nothing was changed`;
  }
  if (after === null) return "APPLIED: nothing was to be done";
  return count === 0 && after.report.complete ? "APPLIED: all is whole" : `APPLIED: ${left} left`;
}
