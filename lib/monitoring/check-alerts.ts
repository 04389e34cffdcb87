import type { Duration } from "../core/duration";
import { checkLabels } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { checkOwnLabels } from "../terraform/labels";
import type { AlertSink } from "./alert-sink";
import { checkRuleOptions } from "./alerts/check-rule-options";
import { pageTimes } from "./alerts/rule-set";
import type { RuleSetOptions } from "./alerts/rule-set-options";
import { type IsToken, literalEntries } from "./literal";
import type { ProbeSpec } from "./probe-spec";
import { checkSink } from "./sinks/check-sink";

export interface AlertsToCheck extends RuleSetOptions {
  readonly sink: AlertSink;
  readonly maxTimeToPage?: Duration;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Everything wrong with the alerts, to be shown together. */
export function checkAlerts(alerts: AlertsToCheck, spec: ProbeSpec, isToken: IsToken): readonly Problem[] {
  const ofRules = checkRuleOptions(alerts, spec, isToken);
  return [
    ...ofRules,
    // The times are those of the rules, which there are only once their options are sound.
    ...(ofRules.length > 0 ? [] : checkTimes(alerts, spec)),
    ...checkLabels(literalEntries(alerts.labels, isToken), "labels"),
    ...checkOwnLabels(alerts.labels ?? {}, "labels"),
    ...checkLabels(literalEntries(alerts.annotations, isToken), "annotations", false),
    ...checkSink(alerts.sink, isToken),
  ];
}

/** Of critical alerts alone: the others wake nobody. */
function checkTimes(alerts: AlertsToCheck, spec: ProbeSpec): readonly Problem[] {
  const { maxTimeToPage: longest } = alerts;
  if (longest === undefined) return [];
  return pageTimes(spec, alerts)
    .filter(({ severity, time }) => severity === "critical" && time.total.compare(longest) > 0)
    .map(({ alert, time }) => {
      const parts = time.parts.map((part) => `${part.name} ${part.seconds}s`).join(" + ");
      const rule = `be at least what the probe's schedule allows, ${time.total.toPrometheus()} for ${alert} (${parts})`;
      const fix = "Run the probe more often, give it a shorter deadline, or allow more time.";
      return { path: "maxTimeToPage", rule, value: longest, fix };
    });
}
