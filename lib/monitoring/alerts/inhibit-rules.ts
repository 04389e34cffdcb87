/** https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule */
import { LABEL_INSTANCE } from "../../integrity/contract";
import { renderYaml } from "../../text/yaml";
import type { AlertName } from "./alert-names";

export interface InhibitRule {
  readonly sourceMatchers: readonly string[];
  readonly targetMatchers: readonly string[];
  /** Labels whose values are the same at both. */
  readonly equal: readonly string[];
}

/** The alert that says why, and those that say no more than that while it fires. */
const INHIBITIONS: readonly (readonly [source: AlertName, targets: readonly AlertName[]])[] = [
  ["RegistryCatalogInaccessible", ["RegistryManifestIntegrityFailure", "RegistryDeployedImageBroken"]],
  ["RegistryDown", ["RegistryManifestIntegrityFailure", "RegistryDeployedImageBroken"]],
  ["RegistryProbeAuthFailure", ["RegistryCatalogInaccessible"]],
  ["RegistryIntegrityProbeAbsent", ["RegistryIntegrityProbeStale"]],
  ["RegistryMaintenance", ["RegistryDown"]],
];

/** Those between alerts that there are, each within one registry. */
export function inhibitRules(alerts: readonly AlertName[]): readonly InhibitRule[] {
  return INHIBITIONS.flatMap(([source, targets]) => {
    const present = targets.filter((target) => alerts.includes(target));
    if (!alerts.includes(source) || present.length === 0) return [];
    return [
      {
        sourceMatchers: [`alertname = "${source}"`],
        targetMatchers: [`alertname =~ "${present.join("|")}"`],
        equal: [LABEL_INSTANCE],
      },
    ];
  });
}

/** `inhibit_rules` of an Alertmanager's configuration, with nothing beside them. */
export function renderInhibitRules(rules: readonly InhibitRule[]): string {
  const inhibit_rules = rules.map((rule) => ({
    source_matchers: [...rule.sourceMatchers],
    target_matchers: [...rule.targetMatchers],
    equal: [...rule.equal],
  }));
  return renderYaml({ inhibit_rules }, "Add these to the inhibit_rules of Alertmanager's configuration.");
}
