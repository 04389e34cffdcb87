import { selectorLabels } from "../../terraform/labels";
import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";
import { probeIdentity } from "../render-cron-job";
import { ProbeSeries } from "./probe-series";
import type { RuleSetOptions } from "./rule-set-options";
import type { AlertThresholds } from "./thresholds";

/** What every family of alerts derives from. */
export interface AlertContext {
  readonly spec: ProbeSpec;
  readonly options: RuleSetOptions;
  readonly thresholds: AlertThresholds;
  /** The interval in evaluations of a proof, a minute each; at least 1. */
  readonly runMinutes: number;
}

/** The probe's series of a registry. */
export function seriesOf({ spec }: AlertContext, registry: Registry): ProbeSeries {
  return new ProbeSeries(spec, registry);
}

/** The newest reports: pods are kept for a day. */
export function logsCommand({ spec }: AlertContext, registry: Registry): string {
  const container = spec.run.kind === "cronJob" ? ` -c ${registry.key}` : "";
  return `kubectl -n ${spec.namespace} logs -l ${selector(spec)}${container} --prefix --tail=100`;
}

export function objectsCommand({ spec }: AlertContext): string {
  const kinds = spec.run.kind === "cronJob" ? "cronjob,jobs,pods" : "deployment,pods";
  return `kubectl -n ${spec.namespace} get ${kinds} -l ${selector(spec)}`;
}

/** Of the label that tells two probes in a namespace apart, beside the application's. */
export function selector(spec: ProbeSpec): string {
  return Object.entries(selectorLabels(probeIdentity(spec)))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Whether damage is joined with what pods use. */
export function isJoined({ inUse }: RuleSetOptions): boolean {
  return inUse !== undefined && inUse !== false;
}

/** The names under which workloads pull from the registry. */
export function imageNames({ options: { inUse } }: AlertContext, registry: Registry): readonly string[] {
  const given = typeof inUse === "object" ? inUse.imageNames?.[registry.instance] : undefined;
  return given ?? [registry.instance];
}
