/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */

/** How long a name is looked up in the cluster's own domains first: what such policies usually set. */
const DNS_CONFIG = "Object.spec.jobTemplate.spec.template.spec.dnsConfig";

/**
 * A policy, and its binding to one namespace, that sets `dnsConfig` on CronJobs as Kyverno's `mutate` rules do: behind
 * the back of whoever applies them, at every write.
 */
export function dnsConfigPolicy(namespace: string) {
  const name = `${namespace}-dns-config`;
  const value = `${DNS_CONFIG}{options: [${DNS_CONFIG}.options{name: "ndots", value: "2"}]}`;
  const path = "/spec/jobTemplate/spec/template/spec/dnsConfig";
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          resourceRules: [
            {
              apiGroups: ["batch"],
              apiVersions: ["v1"],
              operations: ["CREATE", "UPDATE"],
              resources: ["cronjobs"],
            },
          ],
        },
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: { expression: `[JSONPatch{op: "add", path: "${path}", value: ${value}}]` },
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name },
    },
  ];
}
