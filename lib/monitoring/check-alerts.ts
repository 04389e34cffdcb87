import type { Duration } from "../core/duration";
import { checkLabelName, checkLabels, checkSubdomainName } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { checkOwnLabels } from "../terraform/labels";
import type { AlertSink } from "./alert-sink";
import type { DetectionTime } from "./detection-time";
import type { IntegrityAlertOptions } from "./integrity-alerts";
import { checkLiteral, type IsToken, literalEntries } from "./literal";

export interface AlertsToCheck extends IntegrityAlertOptions {
  readonly sink: AlertSink;
  readonly maxTimeToPage?: Duration;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What the rules set themselves, and what Prometheus sets. */
const TAKEN_LABELS: readonly string[] = ["severity", "instance", "alertname"];

/** Everything wrong with the alerts, to be shown together. */
export function checkAlerts(
  alerts: AlertsToCheck,
  time: DetectionTime,
  isToken: IsToken,
): readonly Problem[] {
  return [
    ...checkBaseUrl(alerts.runbookBaseUrl, isToken),
    ...Object.entries(alerts.ruleLabels ?? {}).flatMap(([name, value]) =>
      checkRuleLabel(name, value, isToken),
    ),
    ...checkTime(alerts.maxTimeToPage, time),
    ...checkLabels(literalEntries(alerts.labels, isToken), "labels"),
    ...checkOwnLabels(alerts.labels ?? {}, "labels"),
    ...checkLabels(literalEntries(alerts.annotations, isToken), "annotations", false),
    ...checkSink(alerts.sink, isToken),
  ];
}

function checkBaseUrl(url: string, isToken: IsToken): readonly Problem[] {
  if (isToken(url)) return [];
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isPlain =
    parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === "";
  if (isPlain && parsed.search === "" && parsed.hash === "") return [];
  const fix =
    "Write what stands before /docs/runbooks/, as https://github.com/<owner>/<repository>/blob/main.";
  return [
    {
      path: "runbookBaseUrl",
      rule: "be a plain http or https URL",
      value: url.replace(/\/\/.*@/, "//…@"),
      fix,
    },
  ];
}

function checkRuleLabel(name: string, value: string, isToken: IsToken): readonly Problem[] {
  const path = `ruleLabels[${JSON.stringify(name)}]`;
  if (!LABEL_NAME.test(name)) {
    return [
      { path, rule: "have a label's name", value: name, fix: "Use letters, digits and _, no digit first." },
    ];
  }
  if (TAKEN_LABELS.includes(name)) {
    return [{ path, rule: "be left to the rules themselves", value, fix: "Take another name." }];
  }
  return checkLiteral(value, path, isToken, () => []);
}

function checkTime(longest: Duration | undefined, time: DetectionTime): readonly Problem[] {
  if (longest === undefined || time.total.compare(longest) <= 0) return [];
  const parts = time.parts.map((part) => `${part.name} ${part.seconds}s`).join(" + ");
  const rule = `be at least what the probe's schedule allows, ${time.total.toPrometheus()} (${parts})`;
  const fix = "Run the probe more often, give it a shorter deadline, or allow more time.";
  return [{ path: "maxTimeToPage", rule, value: longest, fix }];
}

function checkSink(sink: AlertSink, isToken: IsToken): readonly Problem[] {
  if (sink.kind !== "prometheusRule") return [];
  const { name, namespace, labels } = sink;
  return [
    ...(name === undefined ? [] : checkLiteral(name, "sink.name", isToken, checkSubdomainName)),
    ...(namespace === undefined || isToken(namespace) ? [] : checkLabelName(namespace, "sink.namespace")),
    ...checkLabels(literalEntries(labels, isToken), "sink.labels"),
    ...checkOwnLabels(labels ?? {}, "sink.labels"),
  ];
}
