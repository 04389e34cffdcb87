import type { HostMetric } from "../../integrity/contract";

/** The registry host's names are those of the contract. */
type ForeignName = HostMetric | "up" | `push_${string}` | `kube_${string}` | "registry_storage_cache_total";

/** Series that the probe does not write, and the labels by which the rules read them. */
export const FOREIGN_METRICS = {
  /** Prometheus' own, of each target: 1 when the last scrape was answered. */
  up: "up",
  /** The Pushgateway's own, of each group: https://github.com/prometheus/pushgateway#exposed-metrics */
  pushTime: "push_time_seconds",
  pushFailureTime: "push_failure_time_seconds",
  /** Of kube-state-metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs */
  podContainerInfo: "kube_pod_container_info",
  jobActive: "kube_job_status_active",
  jobStartTime: "kube_job_status_start_time",
  cronJobSuspend: "kube_cronjob_spec_suspend",
  /** Distribution 2.8's own: the series of type "Hit" is missing until there is one, "Miss" and "Request" count on. */
  cacheTotal: "registry_storage_cache_total",
  /** The registry host's own, as HOST_METRICS says. */
  collectionSuccess: "registry_gc_last_success_timestamp",
  collectionExitCode: "registry_gc_last_exit_code",
  orphanedImages: "registry_orphaned_images",
  maintenance: "registry_maintenance",
} as const satisfies Record<string, ForeignName>;

export type ForeignMetric = keyof typeof FOREIGN_METRICS;

/** Every label that an expression selects or groups by. */
export type LabelName =
  | "instance"
  | "reason"
  | "slice"
  | "shard"
  | "image"
  | "image_spec"
  | "job"
  | "registry"
  | "namespace"
  | "job_name"
  | "cronjob"
  | "type";
