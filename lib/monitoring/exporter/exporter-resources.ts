import {
  DeploymentV1,
  type DeploymentV1SpecTemplateSpecAffinity,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { OWN_FIELDS } from "../own-fields";
import type { ExporterRun } from "../probe-run";
import type { ProbeSpec } from "../probe-spec";
import type { PodScheduling } from "../render-cron-job";
import { renderDeployment, renderService, renderServiceMonitor } from "./render-exporter";

/** What a probe that runs as an exporter is made of, beside what every probe has. */
export interface ExporterResources {
  readonly deployment: DeploymentV1;
  readonly service: ServiceV1;
  /** Absent with `serviceMonitor: false`. */
  readonly serviceMonitor?: Manifest;
}

export interface ExporterInput {
  readonly spec: ProbeSpec;
  readonly run: ExporterRun;
  readonly programHash: string;
  readonly scheduling: PodScheduling;
  readonly affinity: DeploymentV1SpecTemplateSpecAffinity | undefined;
  readonly ignoreChanges: readonly string[] | undefined;
  readonly dependsOn: ITerraformDependable[];
}

/** Makes the resources as the scope's own children. */
export function createExporter(scope: Construct, input: ExporterInput): ExporterResources {
  const { spec, run, affinity, ignoreChanges, dependsOn } = input;
  const { spec: body, ...rest } = renderDeployment(spec, input.programHash, input.scheduling);
  const { template } = body;
  const podSpec = { ...template.spec, ...(affinity === undefined ? {} : { affinity }) };
  const deployment = new DeploymentV1(scope, "deployment", {
    ...rest,
    spec: { ...body, template: { ...template, spec: podSpec } },
    dependsOn,
    ...(ignoreChanges === undefined ? {} : { lifecycle: { ignoreChanges: [...ignoreChanges] } }),
  });
  const service = new ServiceV1(scope, "service", renderService(spec));
  if (run.serviceMonitor === false) return { deployment, service };
  const manifest = renderServiceMonitor(spec, run.serviceMonitor?.labels ?? {});
  return {
    deployment,
    service,
    serviceMonitor: new Manifest(scope, "service-monitor", { manifest, ...OWN_FIELDS }),
  };
}
