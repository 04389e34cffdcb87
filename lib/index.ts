/** The public API. Configuration only: the verdict engine is reached by the command. */
export { Duration } from "./core/duration";
export { ImagePin } from "./core/image-pin";
export { ConfigurationError, type Problem } from "./core/problem";
export {
  type AlertRef,
  alertRef,
  type RunbookRef,
  runbookRef,
  runbookUrl,
  type ServiceRef,
  serviceRef,
} from "./core/references";
export { Schedule } from "./core/schedule";
export type { AcceptedDamage, AcceptedObject, AcceptedTag } from "./monitoring/accepted-damage";
export type { AlertingRule, RuleGroup } from "./monitoring/alert-model";
export {
  AlertSink,
  type PrometheusRuleOptions,
  type PrometheusRuleSink,
  type RuleFileSink,
} from "./monitoring/alert-sink";
export {
  Credentials,
  type DockerConfigCredentials,
  type SecretCredentials,
  type VariableCredentials,
} from "./monitoring/credentials";
export type { CredentialsSecret } from "./monitoring/credentials-secret";
export {
  type DetectionInput,
  type DetectionPart,
  type DetectionTime,
  worstCaseTimeToPage,
} from "./monitoring/detection-time";
export {
  INTEGRITY_ALERTS,
  type IntegrityAlertName,
  type IntegrityAlertOptions,
  integrityAlerts,
} from "./monitoring/integrity-alerts";
export { type CronJobRun, type CronJobRunOptions, ProbeRun, type RunTimes } from "./monitoring/probe-run";
export type { EgressRule, ProbeOptions, ProbeSpec } from "./monitoring/probe-spec";
export { Registry, type RegistryOptions } from "./monitoring/registry";
export { RegistryAlerts, type RegistryAlertsProps } from "./monitoring/registry-alerts";
export {
  type PodOptions,
  RegistryIntegrityProbe,
  type RegistryIntegrityProbeProps,
} from "./monitoring/registry-integrity-probe";
export { type ContainerResources, DEFAULT_RESOURCES } from "./monitoring/render-container";
export { CRON_JOB_PATHS, type PodScheduling, type Toleration } from "./monitoring/render-cron-job";
export { renderRuleFile } from "./monitoring/render-rules";
export { NODE_IMAGE } from "./monitoring/versions";
