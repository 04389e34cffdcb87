import {
  FINDING_SEVERITY,
  LABEL_INSTANCE,
  MAX_BROKEN_REFERENCE_SERIES,
  METRICS,
  type MetricKey,
  metricName,
  PUSH_JOB,
  REASONS,
  SEED_METRICS,
} from "../../lib/integrity/contract";

/*
 * These names stand in other people's rules, silences and dashboards. A test that fails here means that a name
 * changed: add a name freely, rename or remove one only with an entry in the change log's "Plan changes".
 */

const SEED = [
  "registry_manifest_integrity_failures",
  "registry_manifest_integrity_catalog_accessible",
  "registry_manifest_integrity_repos_checked",
  "registry_manifest_integrity_tags_checked",
  "registry_manifest_integrity_indexes_checked",
  "registry_manifest_integrity_last_run_timestamp",
];

const NEW = [
  "registry_manifest_integrity_last_success_timestamp",
  "registry_manifest_integrity_manifests_checked",
  "registry_manifest_integrity_blobs_checked",
  "registry_manifest_integrity_blobs_broken",
  "registry_manifest_integrity_blobs_proven_timestamp",
  "registry_manifest_integrity_bytes_verified_timestamp",
  "registry_manifest_integrity_undetermined",
  "registry_manifest_integrity_coverage_ratio",
  "registry_manifest_integrity_walk_duration_seconds",
  "registry_manifest_integrity_requests",
  "registry_manifest_integrity_throttled_responses",
  "registry_manifest_integrity_broken_reference",
  "registry_manifest_integrity_broken_references_truncated",
  "registry_manifest_integrity_accepted_failures",
  "registry_manifest_integrity_auth_enforced",
  "registry_manifest_integrity_tls_not_after_timestamp",
];

test("the metrics", () => {
  const names = Object.keys(METRICS).map((key) => metricName(key as MetricKey));
  expect(names.sort()).toEqual([...SEED, ...NEW].sort());
  expect(SEED_METRICS.map(metricName)).toEqual(SEED);
});

test("help texts stand on one line of the exposition, unescaped", () => {
  expect(Object.values(METRICS).filter((help) => !/^[^\\\n]+$/.test(help))).toEqual([]);
});

test("the kinds of findings, with their severity", () => {
  expect(FINDING_SEVERITY).toEqual({
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
  });
});

test("the reasons", () => {
  expect([...REASONS].sort()).toEqual([
    "bad_response",
    "body_too_large",
    "budget_spent",
    "catalog_unsupported",
    "invalid_name",
    "limit",
    "moved",
    "server_error",
    "throttled",
    "timeout",
    "tls",
    "unauthorized",
    "unreachable",
  ]);
});

test("label, job and the bound on series", () => {
  expect([LABEL_INSTANCE, PUSH_JOB, MAX_BROKEN_REFERENCE_SERIES]).toEqual(["instance", "tallyman", 50]);
});
