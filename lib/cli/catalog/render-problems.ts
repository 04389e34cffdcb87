import type { CatalogKnowledge, CatalogProblem } from "../../catalog/checks/catalog-rule";
import type { UncheckedRules } from "../../catalog/checks/unchecked-rules";
import { printable } from "../../core/printable";
import { workflowCommand } from "../workflow-command";

const SEVERITIES = ["error", "warning"] as const;

export interface CheckReport {
  readonly problems: readonly CatalogProblem[];
  /** How many there are. */
  readonly services: number;
  /** Where the runbooks were read; null where they are not known. */
  readonly runbookFolder: string | null;
  readonly notChecked: readonly UncheckedRules[];
}

/** How to make known what is not. */
const HOW_TO_KNOW: Readonly<Record<CatalogKnowledge, string>> = {
  runbooks: "give --runbooks",
  alerts: "give --context with alerts",
  stacks: "give --context with stacks",
};

/** What the check found and what it could not look at, for people, programs, or a workflow's annotations. */
export function renderProblems(report: CheckReport, format: "table" | "json" | "github"): string {
  if (format === "json") return renderJson(report);
  return format === "github" ? renderGithub(report) : renderTable(report);
}

/** `unknown-stack (the stacks are not known: give --context with stacks)` */
function missed({ unknown, rules }: UncheckedRules): string {
  return `${rules.join(", ")} (the ${unknown} are not known: ${HOW_TO_KNOW[unknown]})`;
}

function count(problems: readonly CatalogProblem[], severity: CatalogProblem["severity"]): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

function renderTable({ problems, services, runbookFolder, notChecked }: CheckReport): string {
  const runbooks = runbookFolder === null ? "" : `, runbooks of ${printable(runbookFolder)}`;
  const lines = [`${services} service${services === 1 ? "" : "s"}${runbooks}`];
  for (const severity of SEVERITIES) {
    const own = problems.filter((problem) => problem.severity === severity);
    if (own.length > 0) lines.push("", `${severity.toUpperCase()} (${own.length})`);
    for (const { rule, message, fix, file, line } of own) {
      const place = file === undefined ? "" : `${printable(file)}:${line ?? 1}  `;
      lines.push(`  ${place}${rule}`, `    ${message}`, `    fix: ${fix}`);
    }
  }
  const errors = count(problems, "error");
  const warnings = count(problems, "warning");
  const verdict =
    errors > 0
      ? `UNSOUND: ${errors} error${errors === 1 ? "" : "s"}`
      : warnings > 0
        ? `no error, ${warnings} warning${warnings === 1 ? "" : "s"}`
        : notChecked.length > 0
          ? "nothing found in what was checked"
          : "SOUND: nothing found";
  const open = notChecked.map((one) => `not checked: ${missed(one)}`);
  return `${[...lines, "", ...open, verdict].join("\n")}\n`;
}

/** Every key is always there. */
function renderJson({ problems, services, runbookFolder, notChecked }: CheckReport): string {
  const report = {
    schema: "tallyman.catalog-check/1",
    services,
    errors: count(problems, "error"),
    warnings: count(problems, "warning"),
    problems: problems.map(({ rule, severity, message, fix, where, file, line }) => ({
      rule,
      severity,
      message,
      fix,
      group: where.group,
      service: where.service,
      path: where.path,
      file: file ?? null,
      line: line ?? null,
    })),
    runbookFolder,
    notChecked: notChecked.map(({ unknown, rules }) => ({ unknown, rules })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function renderGithub({ problems, notChecked }: CheckReport): string {
  const found = problems.map(({ rule, severity, message, fix, file, line }) =>
    workflowCommand({
      level: severity,
      title: `tallyman ${rule}`,
      message: `${message} ${fix}`,
      file: file ?? null,
      line: line ?? null,
    }),
  );
  const open = notChecked.map((one) =>
    workflowCommand({
      level: "notice",
      title: "tallyman catalog",
      message: `Not checked: ${missed(one)}`,
      file: null,
      line: null,
    }),
  );
  return [...found, ...open].join("");
}
