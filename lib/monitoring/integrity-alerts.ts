import { Duration } from "../core/duration";
import { runbookUrl } from "../core/references";
import { LABEL_INSTANCE, type MetricKey, metricName } from "../integrity/contract";
import { selectorLabels } from "../terraform/labels";
import { type AlertingRule, promqlString, type RuleGroup } from "./alert-model";
import type { ProbeSpec } from "./probe-spec";
import type { Registry } from "./registry";
import { probeIdentity } from "./render-cron-job";

/** The alerts on a registry's integrity; a new one enters by an explicit choice, never by an upgrade. */
export const INTEGRITY_ALERTS = [
  "RegistryManifestIntegrityFailure",
  "RegistryIntegrityProbeStale",
  "RegistryCatalogInaccessible",
] as const;

export type IntegrityAlertName = (typeof INTEGRITY_ALERTS)[number];

export interface IntegrityAlertOptions {
  /** Where the runbooks stand: `<runbookBaseUrl>/docs/runbooks/<alert-in-kebab-case>.md`. */
  readonly runbookBaseUrl: string;
  /**
   * On every rule beside `severity`.
   * @default none
   */
  readonly ruleLabels?: Readonly<Record<string, string>>;
}

/** Times that follow from the probe's own. */
export interface AlertThresholds {
  /** A finding stands in the next run too before it pages, with a minute for its scrape. */
  readonly confirmedFor: Duration;
  /** Three runs missed: one may fall to a node's restart, two to an upgrade. */
  readonly staleAfter: Duration;
  /** The longest that the first run after an installation, or after the Pushgateway lost its memory, may take. */
  readonly staleFor: Duration;
}

export function alertThresholds(spec: Pick<ProbeSpec, "times">): AlertThresholds {
  const { interval, startJitter, deadline } = spec.times;
  const minute = Duration.minutes(1);
  const firstRun = interval.plus(startJitter).plus(deadline).plus(minute);
  return {
    confirmedFor: interval.plus(minute),
    staleAfter: interval.times(3),
    staleFor: Duration.minutes(Math.ceil(firstRun.toSeconds() / 60)),
  };
}

/** One group for each registry: its name and its rules do not depend on the other registries. */
export function integrityAlerts(spec: ProbeSpec, options: IntegrityAlertOptions): readonly RuleGroup[] {
  return spec.registries.map((registry) => ({
    name: `registry-integrity-${registry.key}`,
    rules: [failure(spec, registry), stale(spec, registry), inaccessible(spec, registry)].map((rule) => ({
      ...rule,
      // The expression yields the same instance. Written out, it keeps several registries' rules from being duplicates.
      labels: { ...options.ruleLabels, [LABEL_INSTANCE]: registry.instance, ...rule.labels },
      annotations: { ...rule.annotations, runbook_url: runbookUrl(options.runbookBaseUrl, rule.alert) },
    })),
  }));
}

function failure(spec: ProbeSpec, registry: Registry): AlertingRule {
  return {
    alert: "RegistryManifestIntegrityFailure" satisfies IntegrityAlertName,
    expr: `max by (${LABEL_INSTANCE}) (${series("failures", registry)}) > 0`,
    for: alertThresholds(spec).confirmedFor,
    labels: { severity: "critical" },
    annotations: {
      summary: "{{ $labels.instance }} has {{ $value }} broken references: pulls of their tags fail",
      description:
        "The registry answered twice, definitely, that {{ $value }} manifests or blobs that its tags need are lost " +
        `or damaged. Nodes that have the image cached still start pods, all others fail. First: ${logsCommand(spec, registry)}`,
    },
  };
}

function stale(spec: ProbeSpec, registry: Registry): AlertingRule {
  const { staleAfter, staleFor } = alertThresholds(spec);
  const lastRun = series("last_run_timestamp", registry);
  return {
    alert: "RegistryIntegrityProbeStale" satisfies IntegrityAlertName,
    // A comparison with a series that never existed is silent: hence absent().
    expr: [
      `time() - max by (${LABEL_INSTANCE}) (${lastRun}) > ${staleAfter.toSeconds()}`,
      "or",
      `absent(${lastRun})`,
    ].join("\n"),
    for: staleFor,
    labels: { severity: "warning" },
    annotations: {
      summary: "Nobody knows whether {{ $labels.instance }} can be pulled from: its probe does not report",
      description:
        `No run of the probe was reported for more than ${staleAfter.toPrometheus()}, or none ever, at one every ` +
        `${spec.times.interval.toPrometheus()}. A loss would not be noticed. First: kubectl -n ${spec.namespace} ` +
        `get cronjob,jobs,pods -l ${selector(spec)}`,
    },
  };
}

function inaccessible(spec: ProbeSpec, registry: Registry): AlertingRule {
  return {
    alert: "RegistryCatalogInaccessible" satisfies IntegrityAlertName,
    expr: `min by (${LABEL_INSTANCE}) (${series("catalog_accessible", registry)}) == 0`,
    for: alertThresholds(spec).confirmedFor,
    labels: { severity: "critical" },
    annotations: {
      summary: "The list of repositories of {{ $labels.instance }} cannot be read: nothing is proven",
      description:
        "The registry is down, refuses the probe's credentials, or cannot be reached from the cluster. " +
        `Nothing is known of its images until that is mended. First: ${logsCommand(spec, registry)}`,
    },
  };
}

function series(key: MetricKey, registry: Registry): string {
  return `${metricName(key)}{${LABEL_INSTANCE}=${promqlString(registry.instance)}}`;
}

/** The newest reports: pods are kept for a day. */
function logsCommand(spec: ProbeSpec, registry: Registry): string {
  return `kubectl -n ${spec.namespace} logs -l ${selector(spec)} -c ${registry.key} --prefix --tail=100`;
}

function selector(spec: ProbeSpec): string {
  return Object.entries(selectorLabels(probeIdentity(spec)))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
