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

const DAMAGE = [
  "RegistryManifestIntegrityFailure",
  "RegistryDeployedImageBroken",
] as const satisfies readonly AlertName[];

/** What a walk says that could not see everything. */
const INCOMPLETE = [
  "RegistryIntegrityProbeNoCompleteWalk",
  "RegistryIntegrityDegraded",
] as const satisfies readonly AlertName[];

/** The alert that says why, and those that say no more than that while it fires. */
const INHIBITIONS: readonly (readonly [source: AlertName, targets: readonly AlertName[]])[] = [
  ["RegistryCatalogInaccessible", [...DAMAGE, ...INCOMPLETE]],
  ["RegistryDown", [...DAMAGE, ...INCOMPLETE]],
  ["RegistryProbeAuthFailure", ["RegistryCatalogInaccessible", ...INCOMPLETE]],
  ["RegistryIntegrityProbeAbsent", ["RegistryIntegrityProbeStale"]],
  ["RegistryIntegrityProbeStale", ["RegistryIntegrityProbeNoCompleteWalk", "RegistryIntegrityShardMissing"]],
  ["RegistryIntegrityShardMissing", INCOMPLETE],
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
