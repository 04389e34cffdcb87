import { Duration } from "../../core/duration";
import { ConfigurationError } from "../../core/problem";
import { runbookUrl } from "../../core/references";
import { LABEL_INSTANCE } from "../../integrity/contract";
import type { AlertingRule, RuleGroup } from "../alert-model";
import {
  type DetectionTime,
  formatDetectionTime,
  worstCaseScrapeToPage,
  worstCaseTimeToPage,
} from "../detection-time";
import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";
import { anonymousAlerts, inaccessibleAlert, refusedAlert } from "./access-alerts";
import type { AlertContext } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { type AlertName, type AlertReason, type AlertSeverity, RULE_SETS } from "./alert-names";
import { requirePromql } from "./check-promql";
import { deployedAlerts, failureAlert } from "./damage-alerts";
import { degradedAlerts } from "./degraded-alerts";
import { garbageCollectionAlerts } from "./garbage-collection-alerts";
import { type InhibitRule, inhibitRules } from "./inhibit-rules";
import { jobAlerts } from "./job-alerts";
import { checkOverrides, checkRuleSetName } from "./overrides";
import { absentAlert, incompleteAlerts, staleAlert } from "./probe-alerts";
import { registryScenarios } from "./proofs/registry-scenarios";
import type { RuleProof, RuleSetProofs } from "./proofs/render-proofs";
import { shardedCases } from "./proofs/sharded-cases";
import { gatewayDownAlerts, rejectedAlerts } from "./push-alerts";
import type { RuleSetOptions } from "./rule-set-options";
import { serviceAlerts } from "./service-alerts";
import { shardAlerts } from "./shard-alerts";
import { alertThresholds } from "./thresholds";
import { turnedFailureAlerts } from "./turn-alerts";
import { turnsOf } from "./turns";

/** The worst case from what went wrong to one rule's alert. */
export interface PageTime {
  readonly alert: AlertName;
  /** Tells apart the rules of one alert. */
  readonly reason: AlertReason;
  /** The rule's label: a registry's instance, or what else the alert is about. */
  readonly instance: string;
  readonly severity: AlertSeverity;
  readonly time: DetectionTime;
}

export interface RuleSet {
  readonly groups: readonly RuleGroup[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly proofs: RuleSetProofs;
  /** Those that there are, each once. */
  readonly alerts: readonly AlertName[];
  /** Of every rule, in their order. */
  readonly pages: readonly PageTime[];
  /** From a loss to RegistryManifestIntegrityFailure, at worst; as by default where that is switched off. */
  readonly timeToPage: DetectionTime;
}

/**
 * All that follows from a probe and the options: the rules, what inhibits what, and the proof of each.
 *
 * @throws ConfigurationError for an unknown name, and for an expression that is not PromQL
 */
export function ruleSet(spec: ProbeSpec, options: RuleSetOptions): RuleSet {
  const { context, groups, definitions } = define(spec, options);
  const alerts = [...new Set(definitions.map(({ alert }) => alert))];
  const forMinutes = new Map<AlertName, number>();
  for (const one of definitions) {
    forMinutes.set(one.alert, Math.max(minutesOf(one), forMinutes.get(one.alert) ?? 0));
  }
  return {
    groups: groups.map((group) => ({
      name: group.name,
      rules: group.definitions.map((one) => renderDefinition(one, context)),
    })),
    inhibitRules: inhibitRules(alerts),
    proofs: {
      rules: definitions.map(proofOf),
      scenarios: spec.registries.flatMap((registry) => registryScenarios(context, registry, forMinutes)),
    },
    alerts,
    pages: definitions.map((one) => pageTime(one, context)),
    timeToPage: failureTime(definitions, context),
  };
}

/** The longest of the alert's rules: where blobs are proven by turns, that of what a cache hides. */
function failureTime(definitions: readonly AlertDefinition[], context: AlertContext): DetectionTime {
  const times = definitions
    .filter(({ alert }) => alert === "RegistryManifestIntegrityFailure")
    .map((one) => timeToPage(one, context));
  const [longest] = times.sort((a, b) => b.total.compare(a.total));
  return longest ?? timeToPage({ source: "probe", for: context.thresholds.confirmedFor }, context);
}

/**
 * The `pages` of the rule set, without the rules.
 *
 * @throws ConfigurationError for an unknown name
 */
export function pageTimes(spec: ProbeSpec, options: RuleSetOptions): readonly PageTime[] {
  const { context, definitions } = define(spec, options);
  return definitions.map((one) => pageTime(one, context));
}

/** What is defined, switched on, and as the overrides have it. */
function define(spec: ProbeSpec, options: RuleSetOptions) {
  const { ruleSet: name = "2026-11", overrides = {} } = options;
  ConfigurationError.throwIfAny([...checkRuleSetName(name), ...checkOverrides(overrides)]);
  const thresholds = alertThresholds(spec);
  const runMinutes = Math.max(1, Math.ceil(spec.times.interval.toSeconds() / 60));
  const context: AlertContext = { spec, options, thresholds, runMinutes };
  const known: readonly AlertName[] = RULE_SETS[name];
  const groups = definitionGroups(context)
    .map((group) => ({
      ...group,
      definitions: group.definitions
        .filter(({ alert }) => known.includes(alert) && overrides[alert]?.enabled !== false)
        .map((one) => override(one, options)),
    }))
    .filter(({ definitions }) => definitions.length > 0);
  return { context, groups, definitions: groups.flatMap((group) => group.definitions) };
}

/** A registry's group does not depend on the other registries. */
function definitionGroups(context: AlertContext) {
  const { spec } = context;
  return [
    ...spec.registries.map((registry) => ({
      name: `registry-integrity-${registry.key}`,
      definitions: registryAlerts(context, registry),
    })),
    {
      name: `registry-probe-${spec.name}`,
      definitions: [...jobAlerts(context), ...gatewayDownAlerts(context)],
    },
    { name: `registry-services-${spec.name}`, definitions: serviceAlerts(context) },
  ];
}

function registryAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const definitions = [
    failureAlert(context, registry),
    ...turnedFailureAlerts(context, registry),
    ...deployedAlerts(context, registry),
    absentAlert(context, registry),
    staleAlert(context, registry),
    ...incompleteAlerts(context, registry),
    ...shardAlerts(context, registry),
    inaccessibleAlert(context, registry),
    refusedAlert(context, registry),
    ...anonymousAlerts(context, registry),
    ...degradedAlerts(context, registry),
    ...rejectedAlerts(context, registry),
    ...garbageCollectionAlerts(context, registry),
  ];
  return definitions.map((one) => ({
    ...one,
    cases: (times) => [...one.cases(times), ...shardedCases(context, registry, one.reason, times)],
  }));
}

function override(one: AlertDefinition, { overrides = {} }: RuleSetOptions): AlertDefinition {
  const given = overrides[one.alert];
  return { ...one, severity: given?.severity ?? one.severity, for: given?.for ?? one.for };
}

function renderDefinition(one: AlertDefinition, context: AlertContext): AlertingRule {
  const { runbookBaseUrl, ruleLabels, overrides = {} } = context.options;
  const page =
    one.severity === "critical"
      ? ` From what went wrong to this page at worst: ${formatDetectionTime(timeToPage(one, context))}.`
      : "";
  return {
    alert: one.alert,
    expr: requirePromql(one.expr.promql, one.alert),
    for: one.for,
    ...(one.keepFiringFor === undefined ? {} : { keepFiringFor: one.keepFiringFor }),
    labels: {
      ...ruleLabels,
      ...overrides[one.alert]?.labels,
      severity: one.severity,
      // The expression yields the same instance. Written out, it keeps several registries' rules from being duplicates.
      [LABEL_INSTANCE]: one.instance,
      reason: one.reason,
    },
    annotations: {
      summary: one.summary,
      description: `${one.description}${page} First: ${one.command}`,
      runbook_url: runbookUrl(runbookBaseUrl, one.alert),
    },
  };
}

function pageTime(one: AlertDefinition, context: AlertContext): PageTime {
  const { alert, reason, instance, severity } = one;
  return { alert, reason, instance, severity, time: timeToPage(one, context) };
}

function timeToPage(
  one: Pick<AlertDefinition, "source" | "for">,
  { spec, options }: AlertContext,
): DetectionTime {
  // What an exporter serves is not pushed.
  const push = spec.run.kind === "cronJob" ? {} : { push: Duration.seconds(0) };
  const input = { ...options.prometheus, ...push, for: one.for };
  if (one.source === "scrape") return worstCaseScrapeToPage(input);
  const turns = one.source === "turn" ? turnsOf(spec) : null;
  return worstCaseTimeToPage({
    ...spec.times,
    ...input,
    ...(turns === null ? {} : { rotation: turns.wait }),
  });
}

function proofOf(one: AlertDefinition): RuleProof {
  const { alert, reason, instance, severity } = one;
  const keepMinutes = Math.ceil((one.keepFiringFor?.toSeconds() ?? 0) / 60);
  return {
    alert,
    reason,
    instance,
    severity,
    cases: one.cases({ forMinutes: minutesOf(one), keepMinutes }),
  };
}

function minutesOf(one: AlertDefinition): number {
  return Math.ceil(one.for.toSeconds() / 60);
}
