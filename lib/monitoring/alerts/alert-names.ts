/** Every alert there is; names stand in other people's routes and silences, so none may be changed quietly. */
export const ALERT_NAMES = [
  "RegistryManifestIntegrityFailure",
  "RegistryDeployedImageBroken",
  "RegistryIntegrityProbeAbsent",
  "RegistryIntegrityProbeStale",
  "RegistryIntegrityProbeNoCompleteWalk",
  "RegistryIntegrityShardMissing",
  "RegistryCatalogInaccessible",
  "RegistryProbeAuthFailure",
  "RegistryAuthNotEnforced",
  "RegistryIntegrityDegraded",
  "RegistryProbeJobStuck",
  "RegistryProbePushRejected",
  "PushgatewayDown",
  "RegistryDown",
  "RegistryGarbageCollectionStale",
  "RegistryGarbageCollectionFailed",
  "RegistryOrphanedImages",
  "RegistryLowCacheHitRate",
  "RegistryMaintenance",
] as const;

export type AlertName = (typeof ALERT_NAMES)[number];

/** The alerts that the probe's own metrics suffice for; every other one is asked for by an option. */
export const INTEGRITY_ALERTS = [
  "RegistryManifestIntegrityFailure",
  "RegistryIntegrityProbeAbsent",
  "RegistryIntegrityProbeStale",
  "RegistryIntegrityProbeNoCompleteWalk",
  "RegistryCatalogInaccessible",
  "RegistryProbeAuthFailure",
  "RegistryAuthNotEnforced",
  "RegistryIntegrityDegraded",
] as const satisfies readonly AlertName[];

export type IntegrityAlertName = (typeof INTEGRITY_ALERTS)[number];

/** Which alerts there are by date: a new one that pages enters by a new set, never by an upgrade. */
export const RULE_SETS = { "2026-11": ALERT_NAMES } as const satisfies Record<string, readonly AlertName[]>;

export type RuleSetName = keyof typeof RULE_SETS;

/** In the label `severity`, from the worst. */
export const ALERT_SEVERITIES = ["critical", "warning", "info"] as const;

export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** In the label `reason` of every rule: what made it fire, where one alert has several rules. Closed. */
export type AlertReason =
  | "damage"
  | "deployed_damage"
  | "damage_after_collection"
  | "never_reported"
  | "run_overdue"
  | "walk_incomplete"
  | "walk_never_complete"
  | "shard_overdue"
  | "shard_never_reported"
  | "catalog_unreadable"
  | "credentials_refused"
  | "anonymous_access"
  | DegradedReason
  | "job_past_deadline"
  | "cron_job_suspended"
  | "push_rejected"
  | "target_down"
  | "collection_overdue"
  | "collection_failed"
  | "low_hit_rate"
  | "maintenance";

export const DEGRADED_REASONS = [
  "coverage_dropped",
  "nothing_checked",
  "coverage_partial",
  "walk_slow",
  "throttled",
  "bytes_unverified",
  "series_truncated",
  "acceptance_expired",
] as const;

export type DegradedReason = (typeof DEGRADED_REASONS)[number];

/** Labels that every rule carries; the annotations are summary, description and runbook_url. */
export const RULE_LABELS = ["severity", "instance", "reason"] as const;

export function isAlertName(name: string): name is AlertName {
  return ALERT_NAMES.some((known) => known === name);
}
