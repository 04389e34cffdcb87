/** The public API. Configuration only: the verdict engine is `tallyman/probe`, or the command. */
export { type AlertLabels, alertLabels, renderAlertRelabeling } from "./catalog/alert-labels";
export type { Catalog, CatalogGroup, CatalogService, ServiceStatus, Surface } from "./catalog/catalog";
export { type CatalogAlert, catalogAlert } from "./catalog/catalog-alert";
export { type CatalogDocument, readDocuments } from "./catalog/catalog-document";
export { formatCatalog, parseCatalog } from "./catalog/catalog-json";
export {
  type CatalogContext,
  type CatalogFinding,
  type CatalogProblem,
  type CatalogRule,
  type CatalogSeverity,
  type CatalogSurroundings,
  catalogContext,
} from "./catalog/checks/catalog-rule";
export {
  CATALOG_RULES,
  type CatalogRuleOptions,
  checkCatalog,
  type RuleGrade,
} from "./catalog/checks/check-catalog";
export {
  type CatalogParts,
  type DefinedCatalog,
  defineCatalog,
  type GroupDefinition,
  type ServiceDefinition,
  type ServiceDefinitions,
  type Tier,
  type TierName,
} from "./catalog/define-catalog";
export { type CatalogImport, importCatalog } from "./catalog/markdown/import-markdown";
export { renderCatalogMarkdown } from "./catalog/markdown/render-markdown";
export type { Action, Cause, PostMortem, TimelineEntry } from "./catalog/post-mortem";
export { renderPostMortem } from "./catalog/render-post-mortem";
export type { Runbook, RunbookSection } from "./catalog/runbook";
export { externalRunbook, runbooksOf } from "./catalog/runbooks-of";
export type { SiteOptions, SitePodOptions, SiteResources } from "./catalog/server/site-server";
export { ServiceCatalog, type ServiceCatalogProps } from "./catalog/service-catalog";
export {
  renderSite,
  type SiteAlert,
  type SiteDocument,
  type SiteInput,
  type SiteRunbook,
} from "./catalog/site/render-site";
export { Duration } from "./core/duration";
export { ImageLock, ImageLockError, type LockedImage } from "./core/image-lock";
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
export {
  CHART_REPOSITORY,
  KUBE_PROMETHEUS_STACK_CHART_VERSION,
  NODE_IMAGE,
  PROMETHEUS_CHART_VERSION,
} from "./core/versions";
export type { AcceptedDamage, AcceptedObject, AcceptedTag } from "./monitoring/accepted-damage";
export type { AlertingRule, RuleGroup } from "./monitoring/alert-model";
export {
  AlertSink,
  type ConfigMapSink,
  type ConfigMapSinkOptions,
  type KubePrometheusStackValuesOptions,
  type KubePrometheusStackValuesSink,
  type PrometheusChartValuesOptions,
  type PrometheusChartValuesSink,
  type PrometheusRuleOptions,
  type PrometheusRuleSink,
  type RuleFileSink,
  type ServerFilesKey,
} from "./monitoring/alert-sink";
export {
  ALERT_NAMES,
  type AlertName,
  type AlertReason,
  type AlertSeverity,
  type RuleSetName,
} from "./monitoring/alerts/alert-names";
export { type InhibitRule, renderInhibitRules } from "./monitoring/alerts/inhibit-rules";
export type { AlertOverride, AlertOverrides } from "./monitoring/alerts/overrides";
export { type RuleSetProofs, renderProofs } from "./monitoring/alerts/proofs/render-proofs";
export { type PageTime, type RuleSet, ruleSet } from "./monitoring/alerts/rule-set";
export type { InUseOptions, RegistryService, RuleSetOptions } from "./monitoring/alerts/rule-set-options";
export {
  Credentials,
  type DockerConfigCredentials,
  type SecretCredentials,
  type VariableCredentials,
} from "./monitoring/credentials";
export type { CredentialsSecret } from "./monitoring/credentials-secret";
export { IntegrityDashboard, type IntegrityDashboardProps } from "./monitoring/dashboard/integrity-dashboard";
export {
  type DetectionInput,
  type DetectionPart,
  type DetectionTime,
  worstCaseTimeToPage,
} from "./monitoring/detection-time";
export type { ExporterResources } from "./monitoring/exporter/exporter-resources";
export { DEPLOYMENT_PATHS } from "./monitoring/exporter/render-exporter";
export {
  INTEGRITY_ALERTS,
  type IntegrityAlertName,
  type IntegrityAlertOptions,
  integrityAlerts,
} from "./monitoring/integrity-alerts";
export {
  type MonitoringChart,
  MonitoringRelease,
  type MonitoringReleaseOptions,
  type MonitoringReleaseProps,
} from "./monitoring/monitoring-release";
export {
  type CronJobRun,
  type CronJobRunOptions,
  type ExporterRun,
  type ExporterRunOptions,
  ProbeRun,
  type RunTimes,
  type WalkOptions,
  type WalkTimes,
} from "./monitoring/probe-run";
export type { EgressRule, ProbeOptions, ProbeSpec } from "./monitoring/probe-spec";
export { Registry, type RegistryOptions } from "./monitoring/registry";
export { RegistryAlerts, type RegistryAlertsProps } from "./monitoring/registry-alerts";
export {
  type PodOptions,
  RegistryIntegrityProbe,
  type RegistryIntegrityProbeProps,
} from "./monitoring/registry-integrity-probe";
export type {
  ChartValues,
  KubePrometheusStackValues,
  PrometheusChartValues,
  PrometheusRuleValues,
  RuleFileValues,
} from "./monitoring/release-values";
export { type ContainerResources, DEFAULT_RESOURCES } from "./monitoring/render-container";
export { CRON_JOB_PATHS, type PodScheduling, type Toleration } from "./monitoring/render-cron-job";
export { renderRuleFile } from "./monitoring/render-rules";
export {
  RegistryScrape,
  type RegistryScrapeProps,
  type ScrapeObjects,
} from "./monitoring/scrape/registry-scrape";
export {
  type ExternalTarget,
  type ExternalTargetOptions,
  type ScrapeOptions,
  ScrapeTarget,
  type ServiceTarget,
  type ServiceTargetOptions,
} from "./monitoring/scrape/scrape-target";
export { kubePrometheusStackValues, prometheusChartValues } from "./monitoring/sinks/rule-values";
export { type EmptyDirMemory, Memory, type VolumeClaimMemory } from "./monitoring/walk-memory";
export { buildImagePipeline, buildImageWorkflow } from "./pipeline/build-image-pipeline";
export type { BuildImageSpec, ImageTag } from "./pipeline/build-image-spec";
export { ACTIONS, type ActionName, type ActionPin } from "./pipeline/github-actions/action-pin";
export type { ActionsValue } from "./pipeline/github-actions/actions-value";
export type {
  ActionsJob,
  ActionsStep,
  ActionsTriggers,
  ActionsWorkflow,
  ShellStep,
  UsesStep,
} from "./pipeline/github-actions/actions-workflow";
export { renderActionsWorkflow } from "./pipeline/github-actions/render-actions-workflow";
export {
  renderVerifyAction,
  type VerifyAction,
  type VerifyActionSpec,
} from "./pipeline/github-actions/verify-action";
export { renderVerifyWorkflow, type VerifyWorkflowSpec } from "./pipeline/github-actions/verify-workflow";
export type { StepScript, StepValue } from "./pipeline/step-script";
export type {
  BuiltDigest,
  PipelineVariable,
  PushCredentials,
  PushedImage,
  PushedTag,
  VerifyProgram,
  VerifyPushSpec,
} from "./pipeline/verify-push/verify-push-spec";
export { verifyPushStep } from "./pipeline/verify-push/verify-push-step";
export { CI_VARIABLES, CiText, type CiVariable } from "./pipeline/woodpecker/ci-text";
export type {
  Names,
  Paths,
  StepCondition,
  StepWhen,
  WorkflowCondition,
  WorkflowWhen,
} from "./pipeline/woodpecker/condition";
export { renderWoodpecker } from "./pipeline/woodpecker/render-woodpecker";
export { scriptStep } from "./pipeline/woodpecker/script-step";
export type {
  BackendOptions,
  CommandStep,
  EnvironmentValue,
  PluginStep,
  SecretReference,
  Service,
  SettingValue,
  Step,
  WoodpeckerWorkflow,
  WorkflowText,
} from "./pipeline/woodpecker/woodpecker-workflow";
export type { AdoptOptions } from "./registry-host/check-adoption";
export { checkHost } from "./registry-host/checks";
export { checkDocuments } from "./registry-host/cross-check/check-documents";
export type { HostFile } from "./registry-host/host-file";
export { hostFiles } from "./registry-host/host-files";
export {
  type CacheOptions,
  type CacheRegistry,
  cacheOf,
  type HostRegistry,
  type PrivateRegistry,
  type TlsFiles,
  UpstreamCredentials,
  type WritableOptions,
  writable,
} from "./registry-host/host-registry";
export {
  type FrontOptions,
  hostSpec,
  type MetricsOptions,
  type RegistryHostOptions,
  type RegistryHostSpec,
  type UiOptions,
} from "./registry-host/host-spec";
export {
  Maintenance,
  type MaintenanceOptions,
  Retention,
  type RetentionOptions,
} from "./registry-host/maintenance/maintenance";
export { type RegistryAddress, RegistryHost, type RegistryHostProps } from "./registry-host/registry-host";
export { Ssh, type SshOptions } from "./registry-host/ssh";
export { Artifact, type ArtifactContent, type ArtifactProps } from "./terraform/artifacts";
