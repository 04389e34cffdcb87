import type { Duration } from "../../core/duration";
import type { Problem } from "../../core/problem";
import {
  ALERT_NAMES,
  ALERT_SEVERITIES,
  type AlertName,
  type AlertSeverity,
  isAlertName,
  RULE_LABELS,
  RULE_SETS,
} from "./alert-names";

/** What one alert is to be instead of what it comes as; all of its rules at once. */
export interface AlertOverride {
  /** Takes the alert out. */
  readonly enabled?: false;
  readonly severity?: AlertSeverity;
  /** Beside `ruleLabels`, which they win over. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The worst-case time to its page follows. */
  readonly for?: Duration;
}

export type AlertOverrides = { readonly [alert in AlertName]?: AlertOverride };

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What the rules set themselves, what groups them by, and what Prometheus sets. */
const TAKEN_LABELS: readonly string[] = [...RULE_LABELS, "alertname", "alertstate", "image", "registry"];

/** Everything wrong with the overrides; names are checked too, as not every caller is typed. */
export function checkOverrides(overrides: AlertOverrides, path = "overrides"): readonly Problem[] {
  return Object.entries(overrides).flatMap(([alert, override]) => {
    const at = `${path}.${alert}`;
    if (!isAlertName(alert)) {
      const fix = `Known are ${ALERT_NAMES.join(", ")}.`;
      return [{ path: at, rule: "name an alert", value: alert, fix }];
    }
    return override === undefined ? [] : checkOverride(override, at);
  });
}

function checkOverride(override: AlertOverride, path: string): readonly Problem[] {
  const { enabled, severity, labels = {} } = override;
  const problems: Problem[] = [];
  if (enabled !== undefined && enabled !== false) {
    const fix = "Leave it out: an alert is on unless it is switched off.";
    problems.push({ path: `${path}.enabled`, rule: "be false where it stands", value: enabled, fix });
  }
  if (severity !== undefined && !ALERT_SEVERITIES.includes(severity)) {
    const fix = `Write ${ALERT_SEVERITIES.join(", ")}.`;
    problems.push({ path: `${path}.severity`, rule: "be a severity", value: severity, fix });
  }
  if (override.for !== undefined && !isDuration(override.for)) {
    const fix = "Write a Duration, such as Duration.minutes(16).";
    problems.push({ path: `${path}.for`, rule: "be a Duration", value: override.for, fix });
  }
  const names = Object.keys(labels).flatMap((name) => checkRuleLabelName(name, `${path}.labels`));
  return [...problems, ...names];
}

/** By its shape: two copies of this library may meet in one process. */
function isDuration(value: unknown): boolean {
  return typeof value === "object" && value !== null && "toPrometheus" in value;
}

/** A label that a rule may be given beside its own. */
export function checkRuleLabelName(name: string, path: string): readonly Problem[] {
  const at = `${path}[${JSON.stringify(name)}]`;
  if (!LABEL_NAME.test(name)) {
    const fix = "Use letters, digits and _, no digit first.";
    return [{ path: at, rule: "have a label's name", value: name, fix }];
  }
  if (!TAKEN_LABELS.includes(name)) return [];
  return [{ path: at, rule: "be left to the rules themselves", value: name, fix: "Take another name." }];
}

export function checkRuleSetName(name: string): readonly Problem[] {
  if (Object.hasOwn(RULE_SETS, name)) return [];
  const fix = `Known are ${Object.keys(RULE_SETS).join(", ")}.`;
  return [{ path: "ruleSet", rule: "name a rule set", value: name, fix }];
}
