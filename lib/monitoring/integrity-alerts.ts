import type { RuleGroup } from "./alert-model";
import { ruleSet } from "./alerts/rule-set";
import type { RuleSetOptions } from "./alerts/rule-set-options";
import type { ProbeSpec } from "./probe-spec";

export { INTEGRITY_ALERTS, type IntegrityAlertName } from "./alerts/alert-names";
export { alertThresholds } from "./alerts/thresholds";

export type IntegrityAlertOptions = RuleSetOptions;

/** One group for each registry, and where the options ask for them one for the probe and one for the services. */
export function integrityAlerts(spec: ProbeSpec, options: IntegrityAlertOptions): readonly RuleGroup[] {
  return ruleSet(spec, options).groups;
}
