import type { Json, JsonObject } from "../../../../lib/diff/json";
import { ACCESS } from "../../../../lib/diff/rules/pods/access";
import { said, uncovered } from "../rule-input";

const policy = (spec: JsonObject) => ({ resources: { "s/kubernetes_network_policy_v1.p": { spec } } });
const to = (cidr: string, port: string) => ({
  ports: [{ port, protocol: "TCP" }],
  to: [{ ip_block: { cidr } }],
});
const egress = (...rules: Json[]) => policy({ policy_types: ["Ingress", "Egress"], egress: rules });

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "a rule more",
    egress(to("10.0.0.1/32", "5050")),
    egress(to("10.0.0.1/32", "5050"), to("10.0.0.2/32", "443")),
    [
      "risk network_policy_widened: The network policy kubernetes_network_policy_v1.p now allows egress to 10.0.0.2/32 TCP 443.",
    ],
  ],
  [
    "a wider range",
    egress(to("10.0.0.1/32", "5050")),
    egress(to("10.0.0.0/8", "5050")),
    [
      "risk network_policy_widened: The network policy kubernetes_network_policy_v1.p now allows egress to 10.0.0.0/8 TCP 5050.",
    ],
  ],
  [
    "a narrower range",
    egress(to("10.0.0.0/8", "5050")),
    egress(to("10.0.0.1/32", "5050")),
    [
      "info network_policy_narrowed: The network policy kubernetes_network_policy_v1.p no longer allows egress to 10.0.0.0/8 TCP 5050.",
    ],
  ],
  [
    "no ports any more",
    egress(to("10.0.0.1/32", "5050")),
    egress({ to: [{ ip_block: { cidr: "10.0.0.1/32" } }] }),
    [
      "risk network_policy_widened: The network policy kubernetes_network_policy_v1.p now allows egress to 10.0.0.1/32 on any port.",
    ],
  ],
  [
    "egress no longer isolated",
    egress(),
    policy({ policy_types: ["Ingress"] }),
    [
      "risk network_policy_widened: The network policy kubernetes_network_policy_v1.p now allows egress to anywhere on any port.",
    ],
  ],
  [
    "gone",
    egress(),
    {},
    [
      "risk network_policy_removed: The network policy kubernetes_network_policy_v1.p goes: its pods reach, and are reached by, everything.",
    ],
  ],
])("a network policy: %s", (_, before, after, expected) => {
  expect(said(ACCESS, before, after)).toEqual(expect.arrayContaining([...expected]));
  expect(uncovered(ACCESS, before, after)).toEqual([]);
});

test.each([
  ["9.0.0.1/32", true],
  ["11.0.0.1/32", true],
  ["10.255.255.255/32", false],
  ["0.0.0.0/0", true],
])("%s beside 10.0.0.0/8 is more: %p", (cidr, isMore) => {
  const [base, head] = [egress(to("10.0.0.0/8", "1")), egress(to("10.0.0.0/8", "1"), to(cidr, "1"))];
  expect(said(ACCESS, base, head)).toHaveLength(isMore ? 1 : 0);
});

test("a network policy of a manifest, in the other order: nothing to say", () => {
  const [a, b] = [{ ports: [{ port: 1 }] }, { ports: [{ port: 2 }] }];
  const manifest = (...ingress: Json[]) => ({
    resources: {
      "s/kubernetes_manifest.p": {
        manifest: { kind: "NetworkPolicy", spec: { policyTypes: ["Ingress"], ingress } },
      },
    },
  });
  expect(said(ACCESS, manifest(a, b), manifest(b, a))).toEqual([]);
  expect(said(ACCESS, manifest(a), manifest(a, b))).toEqual([
    "risk network_policy_widened: The network policy kubernetes_manifest.p now allows ingress from anywhere TCP 2.",
  ]);
});

const role = (...rule: Json[]) => ({ resources: { "s/kubernetes_cluster_role_v1.r": { rule } } });
const rule = (groups: string[], resources: string[], verbs: string[]) => ({
  api_groups: groups,
  resources,
  verbs,
});

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "a verb",
    role(rule([""], ["pods"], ["get"])),
    role(rule([""], ["pods"], ["get", "delete"])),
    ["risk rbac_widened: The role kubernetes_cluster_role_v1.r may now delete pods."],
  ],
  [
    "everything",
    role(rule([""], ["pods"], ["get"])),
    role(rule(["*"], ["*"], ["*"])),
    [
      "risk rbac_widened: The role kubernetes_cluster_role_v1.r may now do everything to everything of any API group.",
    ],
  ],
  [
    "fewer",
    role(rule([""], ["pods"], ["*"])),
    role(rule([""], ["pods"], ["get"])),
    ["info rbac_narrowed: The role kubernetes_cluster_role_v1.r may no longer do everything to pods."],
  ],
  [
    "new, and everything",
    {},
    role(rule(["apps"], ["deployments"], ["*"])),
    [
      "risk rbac_widened: The role kubernetes_cluster_role_v1.r may now do everything to deployments of apps.",
    ],
  ],
  [
    "new, and plain",
    {},
    role({ ...rule(["coordination.k8s.io"], ["leases"], ["get", "update"]), resource_names: ["probe"] }),
    [
      "notice rbac_granted: The role kubernetes_cluster_role_v1.r is new: whoever it is bound to may get leases of coordination.k8s.io probe, update leases of coordination.k8s.io probe.",
    ],
  ],
])("a role: %s", (_, before, after, expected) => {
  const found = said(ACCESS, before, after);
  if (expected.length === 0) expect(found).toEqual([]);
  else expect(found).toEqual(expect.arrayContaining([...expected]));
});

test("cluster-admin, and an account's token", () => {
  const binding = {
    "s/kubernetes_cluster_role_binding_v1.b": { role_ref: { name: "cluster-admin", kind: "ClusterRole" } },
  };
  expect(said(ACCESS, {}, { resources: binding })).toEqual([
    "risk rbac_widened: kubernetes_cluster_role_binding_v1.b binds to cluster-admin: whoever it names may do everything in the cluster.",
  ]);
  const account = (token: boolean) => ({
    resources: { "s/kubernetes_service_account_v1.a": { automount_service_account_token: token } },
  });
  expect(said(ACCESS, account(false), account(true))).toEqual([
    "risk service_account_token_mounted: Pods of kubernetes_service_account_v1.a get its token unless they refuse it: it was off.",
  ]);
  expect(uncovered(ACCESS, account(false), account(true))).toEqual([]);
});

type OutputParts = Parameters<typeof said>[1];
