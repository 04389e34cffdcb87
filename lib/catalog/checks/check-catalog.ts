import { ConfigurationError, type Problem } from "../../core/problem";
import { alertWithoutRunbook, unknownAlert } from "./alert-rules";
import type { CatalogContext, CatalogProblem, CatalogRule, CatalogSeverity } from "./catalog-rule";
import { dependencyCycle, replacementCycle, unknownService } from "./dependency-rules";
import { domainBothWays, domainTwice, domainWithoutService } from "./domain-rules";
import { duplicateName, unknownStack, unknownTier } from "./name-rules";
import { runbookNotLinked, unknownAnchor, unknownRunbook } from "./runbook-rules";
import { coreWithoutRunbook, disabledInUse } from "./service-rules";

/** All rules of the library, in the order in which problems are told. */
export const CATALOG_RULES: readonly CatalogRule[] = [
  duplicateName,
  unknownTier,
  unknownStack,
  unknownService,
  unknownAlert,
  unknownRunbook,
  unknownAnchor,
  alertWithoutRunbook,
  domainBothWays,
  domainTwice,
  dependencyCycle,
  replacementCycle,
  coreWithoutRunbook,
  disabledInUse,
  domainWithoutService,
  runbookNotLinked,
];

export type RuleGrade = CatalogSeverity | "off";

/** What an estate holds of the rules. */
export interface CatalogRuleOptions {
  /**
   * By a rule's name.
   * @default each rule's own severity
   */
  readonly rules?: Readonly<Record<string, RuleGrade>>;
  /**
   * After the library's own.
   * @default none
   */
  readonly extraRules?: readonly CatalogRule[];
}

/**
 * All problems: errors first, then in the order of the rules and of the catalogue.
 *
 * @throws ConfigurationError where a rule is graded that is not there, or two have one name
 */
export function checkCatalog(
  context: CatalogContext,
  options: CatalogRuleOptions = {},
): readonly CatalogProblem[] {
  const { rules: grades = {}, extraRules = [] } = options;
  const rules = [...CATALOG_RULES, ...extraRules];
  ConfigurationError.throwIfAny([...checkRuleGrades(grades, rules), ...checkRuleNames(rules)]);
  const found = rules.flatMap((rule) => {
    const grade = Object.hasOwn(grades, rule.name) ? (grades[rule.name] ?? rule.severity) : rule.severity;
    if (grade === "off") return [];
    return rule.check(context).map((finding) => ({ rule: rule.name, severity: grade, ...finding }));
  });
  const ofSeverity = (severity: CatalogSeverity) => found.filter((one) => one.severity === severity);
  return [...ofSeverity("error"), ...ofSeverity("warning")];
}

/** One line: `<severity> <rule>: <message> <fix>`, with the file and line where they are known. */
export function formatCatalogProblem(problem: CatalogProblem): string {
  const { rule, severity, message, fix, file, line } = problem;
  const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
  return `${place}${severity} ${rule}: ${message} ${fix}`;
}

function checkRuleGrades(
  grades: Readonly<Record<string, RuleGrade>>,
  rules: readonly CatalogRule[],
): readonly Problem[] {
  const names = rules.map(({ name }) => name);
  const known = Object.entries(grades).filter(([name]) => names.includes(name));
  return [
    ...Object.keys(grades)
      .filter((name) => !names.includes(name))
      .map((name) => ({
        path: `rules[${JSON.stringify(name)}]`,
        rule: "name a rule",
        value: name,
        fix: `The rules are ${names.join(", ")}.`,
      })),
    ...known
      .filter(([, grade]) => !["error", "warning", "off"].includes(grade))
      .map(([name, grade]) => ({
        path: `rules[${JSON.stringify(name)}]`,
        rule: "be a grade",
        value: grade,
        fix: "Write error, warning or off.",
      })),
  ];
}

function checkRuleNames(rules: readonly CatalogRule[]): readonly Problem[] {
  return rules
    .filter(({ name }, at) => rules.findIndex((other) => other.name === name) !== at)
    .map(({ name }) => ({
      path: "extraRules",
      rule: "have names of their own",
      value: name,
      fix: "Rename it, or switch the library's rule off and write another name.",
    }));
}
