import type { CatalogProblem } from "../../catalog/checks/catalog-rule";
import { printable } from "../../core/printable";
import { workflowCommand } from "../workflow-command";

const SEVERITIES = ["error", "warning"] as const;

/** What the check found, for people, programs, or a workflow's annotations. */
export function renderProblems(
  problems: readonly CatalogProblem[],
  services: number,
  format: "table" | "json" | "github",
): string {
  if (format === "json") return renderJson(problems, services);
  return format === "github" ? renderGithub(problems) : renderTable(problems, services);
}

function count(problems: readonly CatalogProblem[], severity: CatalogProblem["severity"]): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

function renderTable(problems: readonly CatalogProblem[], services: number): string {
  const lines = [`${services} service${services === 1 ? "" : "s"}`];
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
        : "SOUND: nothing found";
  return `${[...lines, "", verdict].join("\n")}\n`;
}

/** Every key is always there. */
function renderJson(problems: readonly CatalogProblem[], services: number): string {
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
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function renderGithub(problems: readonly CatalogProblem[]): string {
  return problems
    .map(({ rule, severity, message, fix, file, line }) =>
      workflowCommand({
        level: severity,
        title: `tallyman ${rule}`,
        message: `${message} ${fix}`,
        file: file ?? null,
        line: line ?? null,
      }),
    )
    .join("");
}
