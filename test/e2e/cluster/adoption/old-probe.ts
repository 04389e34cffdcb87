/** A probe as people wrote one before: a shell script in a ConfigMap, run by a CronJob that installs curl. */

/** Of the CronJob, its ServiceAccount, its release and its Pushgateway group. */
export const OLD_NAME = "registry-integrity-probe";
export const OLD_SCRIPT = "registry-integrity-probe-script";

const SCRIPT = "apk add --no-cache curl jq\ncurl -fsS http://registry/v2/_catalog\n";

/** The objects, as kubectl or GitOps applies them. */
export function oldManifests(namespace: string): readonly object[] {
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: OLD_SCRIPT, namespace },
      data: { "probe.sh": SCRIPT },
    },
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: OLD_NAME, namespace, labels: { app: OLD_NAME } },
      spec: oldSpec(),
    },
  ];
}

function oldSpec() {
  return {
    schedule: "*/15 * * * *",
    concurrencyPolicy: "Forbid",
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      spec: {
        backoffLimit: 1,
        ttlSecondsAfterFinished: 3_600,
        template: {
          metadata: { labels: { app: OLD_NAME } },
          spec: {
            restartPolicy: "Never",
            containers: [
              {
                name: "probe",
                image: "docker.io/library/alpine:3.20",
                command: ["/bin/sh", "/scripts/probe.sh"],
                env: [
                  { name: "REG_USER", valueFrom: { secretKeyRef: { name: "registry-reader", key: "user" } } },
                  { name: "REG_PASS", valueFrom: { secretKeyRef: { name: "registry-reader", key: "pass" } } },
                ],
                resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "96Mi" } },
                volumeMounts: [{ name: "script", mountPath: "/scripts" }],
              },
            ],
            volumes: [{ name: "script", configMap: { name: OLD_SCRIPT, defaultMode: 493 } }],
          },
        },
      },
    },
  };
}

/** The same for the Kubernetes provider; the resource that a `removed` block speaks of. */
export function oldResource(namespace: string): string {
  return `resource "kubernetes_cron_job_v1" "registry_integrity_probe" {
  metadata {
    name      = "${OLD_NAME}"
    namespace = "${namespace}"
    labels    = { app = "${OLD_NAME}" }
  }

  spec {
    schedule                      = "*/15 * * * *"
    concurrency_policy            = "Forbid"
    successful_jobs_history_limit = 1
    failed_jobs_history_limit     = 3

    job_template {
      metadata {}

      spec {
        backoff_limit              = 1
        ttl_seconds_after_finished = 3600

        template {
          metadata {
            labels = { app = "${OLD_NAME}" }
          }

          spec {
            restart_policy = "Never"

            container {
              name    = "probe"
              image   = "docker.io/library/alpine:3.20"
              command = ["/bin/sh", "/scripts/probe.sh"]

              env {
                name = "REG_USER"
                value_from {
                  secret_key_ref {
                    name = "registry-reader"
                    key  = "user"
                  }
                }
              }

              volume_mount {
                name       = "script"
                mount_path = "/scripts"
              }
            }

            volume {
              name = "script"
              config_map {
                name         = "${OLD_SCRIPT}"
                default_mode = "0755"
              }
            }
          }
        }
      }
    }
  }
}
`;
}

/** What stays of the old HCL when the CronJob is no longer in it. */
export function oldRest(namespace: string): string {
  return `terraform {
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "2.38.0"
    }
  }
}

resource "kubernetes_config_map_v1" "script" {
  metadata {
    name      = "${OLD_SCRIPT}"
    namespace = "${namespace}"
  }

  data = { "probe.sh" = ${JSON.stringify(SCRIPT)} }
}
`;
}

export interface OldChart {
  readonly version: string;
  /** Lines of YAML for the CronJob's metadata; null: the chart has no CronJob any more. */
  readonly cronJobMetadata: string | null;
}

/** The files of a local chart, by their paths in it. */
export function oldChart(
  namespace: string,
  { version, cronJobMetadata }: OldChart,
): ReadonlyMap<string, string> {
  const [script, cronJob] = oldManifests(namespace);
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: OLD_NAME, namespace },
  };
  // JSON is YAML; the document's own lines go where they say.
  const spec = JSON.stringify(oldSpec());
  return new Map([
    ["Chart.yaml", `apiVersion: v2\nname: ${OLD_NAME}\nversion: ${version}\n`],
    ["templates/script.yaml", JSON.stringify(script)],
    ["templates/service-account.yaml", JSON.stringify(account)],
    ...(cronJobMetadata === null || cronJob === undefined
      ? []
      : [
          [
            "templates/cron-job.yaml",
            `apiVersion: batch/v1\nkind: CronJob\n${cronJobMetadata}spec: ${spec}\n`,
          ] as const,
        ]),
  ]);
}

/** The release of that chart, beside main.tf. */
export function oldRelease(namespace: string): string {
  return `resource "helm_release" "registry_integrity_probe" {
  name      = "${OLD_NAME}"
  namespace = "${namespace}"
  chart     = "./chart"
}
`;
}

export const HELM_PROVIDER = `terraform {
  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = "3.1.1"
    }
  }
}
`;

/** The path of the script's group at a Pushgateway. */
export const OLD_GROUP = `/metrics/job/${OLD_NAME}`;

/** What the script pushed there: without types, and `instance` not in the group but in the body. */
export function oldPush(instance: string): Buffer {
  return Buffer.from(`registry_manifest_integrity_failures{instance="${instance}"} 7\n`);
}
