import {
  DeploymentV1,
  type DeploymentV1SpecTemplateSpecAffinity,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { OWN_FIELDS } from "../own-fields";
import type { ExporterRun } from "../probe-run";
import type { ProbeSpec } from "../probe-spec";
import type { PodScheduling } from "../render-cron-job";
import { renderDeployment, renderService, renderServiceMonitor } from "./render-exporter";
import { hasReplicas, renderDisruptionBudget, renderRole, renderRoleBinding } from "./render-replicas";

/** What a probe that runs as an exporter is made of, beside what every probe has. */
export interface ExporterResources {
  readonly deployment: DeploymentV1;
  readonly service: ServiceV1;
  /** Absent with `serviceMonitor: false`. */
  readonly serviceMonitor?: Manifest;
  /** With more than one replica: what its pods may do with their Leases, and how many are always there. */
  readonly role?: RoleV1;
  readonly roleBinding?: RoleBindingV1;
  readonly podDisruptionBudget?: PodDisruptionBudgetV1;
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
  const replication = createReplication(scope, spec);
  const { spec: body, ...rest } = renderDeployment(spec, input.programHash, input.scheduling);
  const { template } = body;
  const podSpec = { ...template.spec, ...(affinity === undefined ? {} : { affinity }) };
  const deployment = new DeploymentV1(scope, "deployment", {
    ...rest,
    spec: { ...body, template: { ...template, spec: podSpec } },
    // Pods without the right would begin by walking alone.
    dependsOn: [...dependsOn, ...(replication.roleBinding === undefined ? [] : [replication.roleBinding])],
    ...(ignoreChanges === undefined ? {} : { lifecycle: { ignoreChanges: [...ignoreChanges] } }),
  });
  const service = new ServiceV1(scope, "service", renderService(spec));
  if (run.serviceMonitor === false) return { deployment, service, ...replication };
  const manifest = renderServiceMonitor(spec, run.serviceMonitor?.labels ?? {});
  return {
    deployment,
    service,
    ...replication,
    serviceMonitor: new Manifest(scope, "service-monitor", { manifest, ...OWN_FIELDS }),
  };
}

/** Nothing for a single one: it takes turns with nobody, and a budget of one would hold up every drain. */
function createReplication(
  scope: Construct,
  spec: ProbeSpec,
): Pick<ExporterResources, "role" | "roleBinding" | "podDisruptionBudget"> {
  if (!hasReplicas(spec)) return {};
  const role = new RoleV1(scope, "role", renderRole(spec));
  return {
    role,
    roleBinding: new RoleBindingV1(scope, "role-binding", { ...renderRoleBinding(spec), dependsOn: [role] }),
    podDisruptionBudget: new PodDisruptionBudgetV1(
      scope,
      "pod-disruption-budget",
      renderDisruptionBudget(spec),
    ),
  };
}
