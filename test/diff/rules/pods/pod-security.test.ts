import type { JsonObject } from "../../../../lib/diff/json";
import { POD_SECURITY } from "../../../../lib/diff/rules/pods/pod-security";
import { changesOf, said, uncovered } from "../rule-input";

const HCL_CONTEXT = {
  allow_privilege_escalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  read_only_root_filesystem: true,
  run_as_non_root: true,
  seccomp_profile: { type: "RuntimeDefault" },
};
const HCL_POD = {
  automount_service_account_token: false,
  host_network: false,
  security_context: { run_as_non_root: true, seccomp_profile: { type: "RuntimeDefault" } },
};
const KUBE_CONTEXT = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};
const KUBE_POD = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
};

const hcl = (context: JsonObject | null, pod: JsonObject = HCL_POD) => ({
  resources: {
    "s/kubernetes_deployment_v1.web": {
      spec: [
        {
          template: {
            spec: {
              ...pod,
              container: [{ name: "web", image: "a:1.0.0", ...(context && { security_context: [context] }) }],
            },
          },
        },
      ],
    },
  },
});
const kube = (context: JsonObject | null, pod: JsonObject = KUBE_POD) => ({
  resources: {
    "s/kubernetes_manifest.web": {
      manifest: {
        kind: "Deployment",
        spec: {
          template: {
            spec: {
              ...pod,
              containers: [{ name: "web", image: "a:1.0.0", ...(context && { securityContext: context }) }],
            },
          },
        },
      },
    },
  },
});
const without = (object: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

describe.each<[string, OutputParts, OutputParts, readonly string[]]>([
  ["not as root", hcl(HCL_CONTEXT), hcl({ ...HCL_CONTEXT, run_as_non_root: false }), ["risk runAsNonRoot"]],
  // The provider writes false for it.
  [
    "not as root, left out",
    hcl(HCL_CONTEXT),
    hcl(without(HCL_CONTEXT, "run_as_non_root")),
    ["risk runAsNonRoot"],
  ],
  ["privileged", hcl(HCL_CONTEXT), hcl({ ...HCL_CONTEXT, privileged: true }), ["danger privileged"]],
  [
    "escalation",
    hcl(HCL_CONTEXT),
    hcl({ ...HCL_CONTEXT, allow_privilege_escalation: true }),
    ["risk allowPrivilegeEscalation"],
  ],
  [
    "a capability",
    hcl(HCL_CONTEXT),
    hcl({ ...HCL_CONTEXT, capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] } }),
    ["risk capability SYS_ADMIN"],
  ],
  [
    "drop ALL",
    hcl(HCL_CONTEXT),
    hcl({ ...HCL_CONTEXT, capabilities: { drop: ["NET_RAW"] } }),
    ["risk drop ALL"],
  ],
  [
    "root filesystem",
    hcl(HCL_CONTEXT),
    hcl({ ...HCL_CONTEXT, read_only_root_filesystem: false }),
    ["risk readOnlyRootFilesystem"],
  ],
  [
    "seccomp",
    hcl(HCL_CONTEXT),
    hcl({ ...HCL_CONTEXT, seccomp_profile: { type: "Unconfined" } }),
    ["risk seccomp"],
  ],
  [
    "network of the host",
    hcl(HCL_CONTEXT),
    hcl(HCL_CONTEXT, { ...HCL_POD, host_network: true }),
    ["danger hostNetwork"],
  ],
  [
    "processes of the host",
    hcl(HCL_CONTEXT),
    hcl(HCL_CONTEXT, { ...HCL_POD, host_pid: true }),
    ["danger hostPid"],
  ],
  [
    "a folder of the host",
    hcl(HCL_CONTEXT),
    hcl(HCL_CONTEXT, { ...HCL_POD, volume: [{ name: "x", host_path: { path: "/etc" } }] }),
    ["danger mounts /etc"],
  ],
  [
    "a token",
    hcl(HCL_CONTEXT),
    hcl(HCL_CONTEXT, { ...HCL_POD, automount_service_account_token: true }),
    ["risk automountServiceAccountToken"],
  ],
  [
    "manifest: not as root",
    kube(KUBE_CONTEXT),
    kube(KUBE_CONTEXT, { ...KUBE_POD, securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
    ["risk runAsNonRoot"],
  ],
  [
    "manifest: processes of the host",
    kube(KUBE_CONTEXT),
    kube(KUBE_CONTEXT, { ...KUBE_POD, hostPID: true }),
    ["danger hostPID"],
  ],
  [
    "manifest: privileged",
    kube(KUBE_CONTEXT),
    kube({ ...KUBE_CONTEXT, privileged: true }),
    ["danger privileged"],
  ],
  [
    "manifest: no context",
    kube(KUBE_CONTEXT),
    kube(null),
    ["risk allowPrivilegeEscalation", "risk drop ALL", "risk readOnlyRootFilesystem"],
  ],
])("%s", (_, before, after, expected) => {
  const grades = (from: OutputParts, to: OutputParts) =>
    changesOf(POD_SECURITY, from, to).map(({ grade }) => grade);

  test("loosened is said, and leaves nothing else to say", () => {
    const changes = said(POD_SECURITY, before, after);
    expect(changes).toHaveLength(expected.length);
    for (const each of expected) {
      const [grade = "", ...words] = each.split(" ");
      expect(changes).toContainEqual(expect.stringMatching(new RegExp(`^${grade} .*${words.join(" ")}`)));
    }
    expect(uncovered(POD_SECURITY, before, after)).toEqual([]);
  });

  test("tightened is good to know", () => {
    expect(new Set(grades(after, before))).toEqual(new Set(["info"]));
  });
});

test("what stays as it was is not said", () => {
  const more = hcl({ ...HCL_CONTEXT, run_as_user: "65532" });
  expect(said(POD_SECURITY, hcl(HCL_CONTEXT), more)).toEqual([]);
  expect(said(POD_SECURITY, kube(null, {}), kube(null, {}))).toEqual([]);
});

test("what the pod says beside its containers is the same fact", () => {
  const lost = { run_as_non_root: false, seccomp_profile: { type: "RuntimeDefault" } };
  const head = hcl({ ...HCL_CONTEXT, run_as_non_root: false }, { ...HCL_POD, security_context: lost });
  expect(said(POD_SECURITY, hcl(HCL_CONTEXT), head)).toHaveLength(1);
  expect(uncovered(POD_SECURITY, hcl(HCL_CONTEXT), head)).toEqual([]);
});

test("of a new pod what reaches its node is said", () => {
  expect(said(POD_SECURITY, {}, hcl({ ...HCL_CONTEXT, privileged: true, run_as_non_root: false }))).toEqual([
    "danger privileged_added: The container web of kubernetes_deployment_v1.web is privileged: it has all of its node.",
  ]);
});

test("the words", () => {
  expect(changesOf(POD_SECURITY, hcl(HCL_CONTEXT), hcl({ ...HCL_CONTEXT, run_as_non_root: false }))).toEqual([
    {
      grade: "risk",
      kind: "security_context_loosened",
      where:
        "s/kubernetes_deployment_v1.web spec.0.template.spec.container.name=web.security_context.0.run_as_non_root",
      before: null,
      after: "runAsNonRoot",
      text: "The container web of kubernetes_deployment_v1.web may run as root: runAsNonRoot is no longer true.",
    },
  ]);
});

type OutputParts = Parameters<typeof said>[1];
