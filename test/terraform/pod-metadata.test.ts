import type {
  CronJobV1SpecJobTemplateSpecTemplateSpec,
  CronJobV1SpecJobTemplateSpecTemplateSpecContainerSecurityContext,
} from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import type { IResolvable } from "cdktf";
import { checkOwnLabels, objectLabels, selectorLabels } from "../../lib/terraform/labels";
import { RESTRICTED_ID, restrictedContainer, restrictedPod } from "../../lib/terraform/restricted-pod";

type BooleanKeys<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends boolean | IResolvable ? K : never;
}[keyof T];
type Left<T, Given> = Exclude<BooleanKeys<T>, keyof Given>;

test("they fit the provider's types, and leave none of a container's booleans to it (held by the compiler)", () => {
  const pod: CronJobV1SpecJobTemplateSpecTemplateSpec = restrictedPod();
  const container: CronJobV1SpecJobTemplateSpecTemplateSpecContainerSecurityContext = restrictedContainer();
  const left: Left<typeof container, ReturnType<typeof restrictedContainer>>[] = [];
  const none: never[] = left;
  expect(none).toEqual([]);
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(container.privileged).toBe(false);
});

test("pod and container are as the restricted standard demands", () => {
  const own = { runAsGroup: RESTRICTED_ID, runAsNonRoot: true, runAsUser: RESTRICTED_ID };
  const seccompProfile = { type: "RuntimeDefault" };
  expect(restrictedPod()).toEqual({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostIpc: false,
    hostNetwork: false,
    hostPid: false,
    shareProcessNamespace: false,
    securityContext: { ...own, fsGroup: RESTRICTED_ID, seccompProfile },
  });
  expect(restrictedContainer()).toEqual({
    ...own,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    seccompProfile,
  });
});

test("each call gives an object of its own", () => {
  restrictedContainer().capabilities.drop.push("NONE");
  expect(restrictedContainer().capabilities.drop).toEqual(["ALL"]);
});

const app = { name: "registry-integrity-probe", instance: "probe", component: "probe" };

test("a selector has name and instance alone, and every object's labels match it", () => {
  expect(selectorLabels(app)).toEqual({
    "app.kubernetes.io/name": "registry-integrity-probe",
    "app.kubernetes.io/instance": "probe",
  });
  expect(objectLabels(app, { team: "infra", "app.kubernetes.io/part-of": "estate" })).toEqual({
    ...selectorLabels(app),
    "app.kubernetes.io/component": "probe",
    "app.kubernetes.io/part-of": "estate",
    "app.kubernetes.io/managed-by": "terraform",
    team: "infra",
  });
  expect(objectLabels(app, { "app.kubernetes.io/name": "other" })).toMatchObject(selectorLabels(app));
});

test("no label tells a version", () => {
  expect(Object.keys(objectLabels(app)).filter((key) => key.includes("version"))).toEqual([]);
});

test("a label of the selector's among the user's own is a problem with its path", () => {
  expect(checkOwnLabels({ team: "infra" }, "labels")).toEqual([]);
  expect(checkOwnLabels({ "app.kubernetes.io/instance": "x" }, "labels")).toMatchObject([
    { path: 'labels["app.kubernetes.io/instance"]', value: "x" },
  ]);
});
