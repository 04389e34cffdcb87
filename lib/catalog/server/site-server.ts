import {
  DeploymentV1,
  type DeploymentV1SpecTemplateSpecAffinity,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { ImagePin } from "../../core/image-pin";
import {
  renderSiteDeployment,
  renderSiteNetworkPolicy,
  renderSiteService,
  type SiteScheduling,
  type SiteServer,
} from "./render-site-server";

export interface SitePodOptions extends SiteScheduling {
  /** @default none */
  readonly affinity?: DeploymentV1SpecTemplateSpecAffinity;
  /**
   * Paths of the Deployment that others set and Terraform leaves alone.
   * @default none
   */
  readonly ignoreChanges?: readonly string[];
}

/** The site as a Deployment behind a Service. */
export interface SiteOptions {
  /**
   * An nginx, pinned; from a mirror for instance.
   * @default the NGINX_IMAGE of this version
   */
  readonly image?: ImagePin | string;
  /** @default 1 */
  readonly replicas?: number;
  /** @default any node, 5m CPU and 16Mi to 32Mi of memory */
  readonly pod?: SitePodOptions;
  /**
   * Whether a policy confines the pods: in to the page alone, out to nowhere.
   * @default true
   */
  readonly networkPolicy?: boolean;
}

/** What serves the site. */
export interface SiteResources {
  readonly deployment: DeploymentV1;
  readonly service: ServiceV1;
  /** Absent with `networkPolicy: false`. */
  readonly networkPolicy?: NetworkPolicyV1;
}

/** Makes the resources as the scope's own children. @param files the ConfigMap's keys that are served */
export function createSiteServer(
  scope: Construct,
  server: SiteServer,
  files: readonly string[],
  { pod = {}, networkPolicy = true }: SiteOptions,
  dependsOn: ITerraformDependable[],
): SiteResources {
  const { affinity, ignoreChanges, ...scheduling } = pod;
  const { metadata, spec } = renderSiteDeployment(server, files, scheduling);
  const { template } = spec;
  const podSpec = { ...template.spec, ...(affinity === undefined ? {} : { affinity }) };
  const policy = networkPolicy
    ? { networkPolicy: new NetworkPolicyV1(scope, "network-policy", renderSiteNetworkPolicy(server)) }
    : {};
  const deployment = new DeploymentV1(scope, "deployment", {
    metadata,
    spec: { ...spec, template: { ...template, spec: podSpec } },
    dependsOn: [...dependsOn, ...Object.values(policy)],
    ...(ignoreChanges === undefined ? {} : { lifecycle: { ignoreChanges: [...ignoreChanges] } }),
  });
  return { deployment, service: new ServiceV1(scope, "service", renderSiteService(server)), ...policy };
}
