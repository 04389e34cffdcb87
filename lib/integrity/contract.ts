/**
 * The one contract that probe, alerts, dashboard and documents read: metric names, labels, finding kinds and
 * reasons. Nothing here may be changed quietly: these names stand in other people's rules.
 */

/** What a finding means for whoever pulls. */
export type Severity = "damage" | "warning" | "information";

/** Every kind of finding, with its severity. Closed. */
export const FINDING_SEVERITY = {
  manifest_missing: "damage",
  index_child_missing: "damage",
  config_missing: "damage",
  layer_missing: "damage",
  truncated: "damage",
  size_mismatch: "damage",
  digest_mismatch: "damage",
  malformed_manifest: "damage",
  unservable: "damage",
  attestation_missing: "warning",
  subject_missing: "warning",
  empty_descriptor_missing: "warning",
  layer_link_dangling: "warning",
  revision_dangling: "warning",
  unknown_media_type: "information",
  schema1: "information",
  repository_unlisted: "information",
  blob_unreferenced: "information",
} as const satisfies Record<string, Severity>;

export type FindingKind = keyof typeof FINDING_SEVERITY;

/** Why something could not be determined: never damage, never health. Closed. */
export const REASONS = [
  "unauthorized",
  "throttled",
  "timeout",
  "unreachable",
  "tls",
  "server_error",
  "bad_response",
  "body_too_large",
  "limit",
  "invalid_name",
  "moved",
  "catalog_unsupported",
  "budget_spent",
] as const;

export type Reason = (typeof REASONS)[number];

export const METRIC_PREFIX = "registry_manifest_integrity_";

/** Metric names without the prefix, each with its help text. All are gauges. */
export const METRICS = {
  failures: "Distinct repository and digest pairs with damage that is not accepted",
  catalog_accessible: "1 when the list of repositories could be read, else 0",
  repos_checked: "Repositories walked",
  tags_checked: "Tags resolved",
  indexes_checked: "Image indexes read and hashed",
  last_run_timestamp: "Unix time at which the last run ended",
  last_success_timestamp: "Unix time at which the last complete walk ended",
  manifests_checked: "Image manifests read and hashed",
  blobs_checked: "Blobs asked for",
  bytes_verified_timestamp: "Unix time at which every blob of the slice was last read and hashed",
  blobs_proven_timestamp: "Unix time at which every blob of the slice was last proven by its bytes",
  blobs_broken: "Broken blobs of the slice, by the run that proved it last",
  undetermined: "References that could not be determined, by reason",
  coverage_ratio: "Share of what should be checked that was determined, 0 to 1",
  walk_duration_seconds: "Duration of the walk",
  requests: "Requests sent in the walk",
  throttled_responses: "Answers 429 in the walk",
  broken_reference: "1 for each broken reference, at most 50 of them",
  broken_references_truncated: "Broken references beyond those listed",
  accepted_failures: "Known damage that is accepted until a date",
  auth_enforced: "1 when the private registry refuses an anonymous request, else 0",
  tls_not_after_timestamp: "Unix time at which the registry's certificate expires",
} as const;

export type MetricKey = keyof typeof METRICS;

/** The six series that the estate's first probe had: rules must work where only these exist. */
export const SEED_METRICS: readonly MetricKey[] = [
  "failures",
  "catalog_accessible",
  "repos_checked",
  "tags_checked",
  "indexes_checked",
  "last_run_timestamp",
];

/** The full name of a metric, as Prometheus sees it. */
export function metricName(key: MetricKey): string {
  return METRIC_PREFIX + key;
}

/** Gauges of a registry host, with their full names and help texts; each with label `instance`. */
export const HOST_METRICS = {
  registry_gc_last_success_timestamp: "Unix time at which a garbage collection last ended without error",
  registry_gc_last_exit_code: "Exit code of the last garbage collection",
  registry_orphaned_images: "Images whose index outlived its children, by the last scan of the disk",
  registry_maintenance: "1 while the registry is being worked on, else 0",
  registry_scan_findings: "Findings of the last scan of the disk, by severity",
  registry_scan_undetermined: "What the last scan of the disk could not determine",
  registry_scan_last_run_timestamp: "Unix time at which the last scan of the disk ended",
} as const;

export type HostMetric = keyof typeof HOST_METRICS;

/**
 * How Node runs the program wherever its memory is bounded: a small young generation, and an old one that is swept
 * before a walk of 100,000 blobs reaches 96 MiB. Without the second, Node 22 lets garbage stand up to 111 MiB. V8's own
 * threads would take 1 to 4 MiB, and nothing is sooner done by them.
 */
export const PROGRAM_NODE_FLAGS: readonly string[] = [
  "--max-semi-space-size=1",
  "--max-old-space-size=48",
  "--single-threaded",
];

/** Of the label `slice`, `k/n`: more would not come round in a lifetime. */
export const MAX_SLICES = 10_000;

export const LABEL_INSTANCE = "instance";
/** `i/n`, where several walks share a registry's repositories; else there is no such label. */
export const LABEL_SHARD = "shard";
/** Beyond it each would walk next to nothing, and all of them read the whole catalogue. */
export const MAX_SHARDS = 256;
/**
 * The variable in which a pod of an Indexed Job has its index, from 0 on.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
 */
export const COMPLETION_INDEX = "JOB_COMPLETION_INDEX";
export const PUSH_JOB = "tallyman";
export const MAX_BROKEN_REFERENCE_SERIES = 50;
