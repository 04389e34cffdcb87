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
  /** The registry host's: Unix time at which a garbage collection last ended without error. */
  collectionSuccess: "registry_gc_last_success_timestamp",
  /** The registry host's: how the last garbage collection exited. */
  collectionExitCode: "registry_gc_last_exit_code",
  /** The registry host's: images whose index outlived its children, as the last scan of the disk counted them. */
  orphanedImages: "registry_orphaned_images",
  /** The registry host's: 1 while it is being worked on, else 0. */
  maintenance: "registry_maintenance",
} as const;

export type ForeignMetric = keyof typeof FOREIGN_METRICS;

/** Every label that an expression selects or groups by. */
export type LabelName =
  | "instance"
  | "reason"
  | "slice"
  | "image"
  | "image_spec"
  | "job"
  | "registry"
  | "namespace"
  | "job_name"
  | "cronjob"
  | "type";
