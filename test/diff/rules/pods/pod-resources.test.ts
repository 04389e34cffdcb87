import type { JsonObject } from "../../../../lib/diff/json";
import { POD_RESOURCES } from "../../../../lib/diff/rules/pods/pod-resources";
import { said, uncovered } from "../rule-input";

const PROBE = { http_get: { path: "/" } };
const pod = (values: JsonObject) => ({
  resources: {
    "s/kubernetes_pod_v1.web": { spec: { container: [{ name: "web", image: "a:1.0.0", ...values }] } },
  },
});
const limit = (memory: string) => ({ resources: { limits: { memory } } });

test.each<[JsonObject, JsonObject, readonly string[]]>([
  [
    limit("96Mi"),
    limit("48Mi"),
    [
      "notice memory_limit_lowered: The container web of kubernetes_pod_v1.web may use less memory: 96Mi became 48Mi.",
    ],
  ],
  [
    limit("1Gi"),
    limit("1000M"),
    [
      "notice memory_limit_lowered: The container web of kubernetes_pod_v1.web may use less memory: 1Gi became 1000M.",
    ],
  ],
  [
    limit("96Mi"),
    {},
    [
      "notice resource_limit_removed: The container web of kubernetes_pod_v1.web has no memory limit any more where 96Mi stood.",
    ],
  ],
  [
    { liveness_probe: PROBE },
    {},
    [
      "notice health_check_removed: The container web of kubernetes_pod_v1.web has no liveness probe any more: what hangs is not seen.",
    ],
  ],
])("%j → %j", (before, after, expected) => {
  expect(said(POD_RESOURCES, pod(before), pod(after))).toEqual(expected);
  expect(uncovered(POD_RESOURCES, pod(before), pod(after))).toEqual([]);
});

test.each<[JsonObject, JsonObject]>([
  [limit("48Mi"), limit("96Mi")],
  [limit("1024Mi"), limit("1Gi")],
  [{}, limit("1Gi")],
  [{}, { liveness_probe: PROBE }],
])("nothing of %j → %j", (before, after) => {
  expect(said(POD_RESOURCES, pod(before), pod(after))).toEqual([]);
});
