/**
 * What an exporter with replicas has beyond one without: of a single one nothing here is rendered.
 * https://kubernetes.io/docs/concepts/architecture/leases/
 */
import type { DeploymentV1SpecTemplateSpecVolume } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { escapeTerraform } from "../../terraform/escape";
import { selectorLabels } from "../../terraform/labels";
import type { EgressRule } from "../egress-rule";
import { leaseName } from "../probe-names";
import type { ProbeSpec } from "../probe-spec";
import { probeIdentity, renderMetadata } from "../render-cron-job";

/** Where Kubernetes mounts a pod's account by itself, and the program looks for it. */
const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
/** The kubelet renews it when four fifths are over. */
const TOKEN_SECONDS = 3_600;
const API_PORTS: readonly EgressRule[] = [{ port: 443 }, { port: 6443 }];

export function replicasOf({ run }: ProbeSpec): number {
  return run.kind === "exporter" ? (run.replicas ?? 1) : 1;
}

export function hasReplicas(spec: ProbeSpec): boolean {
  return replicasOf(spec) > 1;
}

export function renderReplicas(spec: ProbeSpec) {
  // Two without a Lease would walk the registry twice, and disagree.
  if (!hasReplicas(spec)) return { replicas: "1", strategy: { type: "Recreate" } };
  return {
    replicas: String(replicasOf(spec)),
    // What stands by is ready at once, so that a new one is there before an old one goes.
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "1", maxUnavailable: "0" } },
  };
}

/** On nodes of their own where there are as many: on one node both are still better than none. */
export function renderSpread(spec: ProbeSpec) {
  if (!hasReplicas(spec)) return {};
  return {
    topologySpreadConstraint: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: [{ matchLabels: selectorLabels(probeIdentity(spec)) }],
      },
    ],
  };
}

/** Token, authority and namespace as Kubernetes mounts them, but for an hour, and for these pods alone. */
export function renderAccountVolume(spec: ProbeSpec): readonly DeploymentV1SpecTemplateSpecVolume[] {
  if (!hasReplicas(spec)) return [];
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
    { configMap: [{ name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] }] },
    {
      downwardApi: {
        items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
      },
    },
  ];
  return [{ name: "account", projected: [{ defaultMode: "0440", sources }] }];
}

export function renderAccountMount(spec: ProbeSpec) {
  return hasReplicas(spec) ? [{ name: "account", mountPath: ACCOUNT_FOLDER, readOnly: true }] : [];
}

/** By port alone, as a policy cannot name the API. */
export function apiServerRules(spec: ProbeSpec): readonly EgressRule[] {
  return spec.run.kind === "exporter" && hasReplicas(spec) ? (spec.run.apiServer ?? API_PORTS) : [];
}

/**
 * Nothing but the probe's own Leases. The right to make one cannot be bound to a name: the API knows none at that time.
 */
export function renderRole(spec: ProbeSpec) {
  const apiGroups = ["coordination.k8s.io"];
  const resources = ["leases"];
  const resourceNames = spec.registries.map(({ key }) => leaseName(spec.name, key));
  return {
    metadata: renderMetadata(spec, spec.name),
    rule: [
      { apiGroups, resources, resourceNames, verbs: ["get", "update"] },
      { apiGroups, resources, verbs: ["create"] },
    ],
  };
}

export function renderRoleBinding(spec: ProbeSpec) {
  return {
    metadata: renderMetadata(spec, spec.name),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: spec.name },
    subject: [{ kind: "ServiceAccount", name: spec.name, namespace: escapeTerraform(spec.namespace) }],
  };
}

/** Of two nodes that are drained at a time, the second waits until a replica is ready elsewhere. */
export function renderDisruptionBudget(spec: ProbeSpec) {
  return {
    metadata: renderMetadata(spec, spec.name),
    spec: { minAvailable: "1", selector: { matchLabels: selectorLabels(probeIdentity(spec)) } },
  };
}
