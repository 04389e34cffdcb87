/**
 * The restricted pod security standard, in the shape of the Kubernetes provider's pod templates.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */

/** The user and group "nonroot" of the distroless images: no file of a node or an image belongs to it by chance. */
export const RESTRICTED_ID = "65532";

/** Fields of a pod's spec, to be spread into it: no token, no host namespaces, no service variables. */
export function restrictedPod() {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostIpc: false,
    hostNetwork: false,
    hostPid: false,
    shareProcessNamespace: false,
    securityContext: {
      fsGroup: RESTRICTED_ID,
      runAsGroup: RESTRICTED_ID,
      runAsNonRoot: true,
      runAsUser: RESTRICTED_ID,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/**
 * A container's `securityContext`. Every boolean is written out: the provider sends `false` for one that is left
 * out of the block, and a `runAsNonRoot: false` here overrules the pod's `true`, so that no pod is ever admitted.
 */
export function restrictedContainer() {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsGroup: RESTRICTED_ID,
    runAsNonRoot: true,
    runAsUser: RESTRICTED_ID,
    seccompProfile: { type: "RuntimeDefault" },
  };
}
