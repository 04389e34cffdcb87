import fc from "fast-check";
import type { Json } from "../../../lib/diff/json";
import { CATALOG } from "../../../lib/diff/rules/catalog/catalog";
import { PINS } from "../../../lib/diff/rules/pins/pins";
import { ACCESS } from "../../../lib/diff/rules/pods/access";
import { POD_RESOURCES } from "../../../lib/diff/rules/pods/pod-resources";
import { POD_SECURITY } from "../../../lib/diff/rules/pods/pod-security";
import { PROGRAM } from "../../../lib/diff/rules/program";
import { COMPOSE_SERVICES } from "../../../lib/diff/rules/registry/compose-services";
import { FRONT } from "../../../lib/diff/rules/registry/front";
import { HOST_AUDIT } from "../../../lib/diff/rules/registry/host-audit";
import { MAINTENANCE } from "../../../lib/diff/rules/registry/maintenance";
import { REGISTRY_CONFIG } from "../../../lib/diff/rules/registry/registry-config";
import { HOST_RELEASE } from "../../../lib/diff/rules/resources/host-release";
import { RESOURCE_REPLACED } from "../../../lib/diff/rules/resources/resource-replaced";
import { secretRule } from "../../../lib/diff/rules/secrets";
import { findSecretValues } from "../../../lib/diff/secret-values";
import { ruleInput } from "./rule-input";

const RULES = [
  PINS,
  POD_SECURITY,
  POD_RESOURCES,
  ACCESS,
  secretRule(findSecretValues),
  REGISTRY_CONFIG,
  COMPOSE_SERVICES,
  FRONT,
  HOST_AUDIT,
  MAINTENANCE,
  CATALOG,
  HOST_RELEASE,
  RESOURCE_REPLACED,
  PROGRAM,
];

/** Words that rules look for, so that random values come near to what they read. */
const KEY = fc.constantFrom(
  ...["image", "images", "uses", "container", "containers", "name", "security_context", "securityContext"],
  ...[
    "capabilities",
    "drop",
    "add",
    "volume",
    "volumes",
    "host_path",
    "hostPath",
    "resources",
    "limits",
    "memory",
  ],
  ...[
    "spec",
    "metadata",
    "namespace",
    "kind",
    "rule",
    "rules",
    "verbs",
    "egress",
    "ingress",
    "to",
    "ports",
    "port",
  ],
  ...["services", "environment", "container_name", "version", "storage", "proxy", "auth", "http", "schema"],
  ...[
    "triggers_replace",
    "docker-compose.yml",
    "(document)",
    "lifecycle",
    "ignore_changes",
    "repository",
    "tag",
  ],
  ...[
    "selector",
    "role_ref",
    "secret_key_ref",
    "data",
    "__proto__",
    "constructor",
    "policy_types",
    "ip_block",
  ],
);
const WORD = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "0.1",
    "NetworkPolicy",
    "ClusterRole",
    "*",
    "node:latest",
    "nginx@sha256:",
    "5000:5000",
    "all",
  ),
  fc.constantFrom(
    "registry garbage-collect -m /c",
    "server {\nlisten 5000;\n",
    "--keep-last=",
    "tallyman.lock/1",
  ),
);
const { value: VALUE } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    WORD,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(KEY, tie("value"), { maxKeys: 6 }),
  ),
}));
const OBJECT = fc.dictionary(KEY, VALUE, { maxKeys: 8 });
const TYPE = fc.constantFrom(
  ...[
    "kubernetes_cron_job_v1",
    "kubernetes_manifest",
    "kubernetes_network_policy_v1",
    "kubernetes_cluster_role_v1",
  ],
  ...["helm_release", "terraform_data", "kubernetes_service_account_v1", "kubernetes_role_binding_v1"],
);
const PATH = fc.constantFrom(
  "a.yml",
  "catalog/catalog.json",
  "nginx.conf",
  "rules.test.yml",
  "probe/tallyman.mjs",
);
const PARTS = fc.record({
  resources: fc.dictionary(
    TYPE.map((type) => `s/${type}.x`),
    OBJECT,
    { maxKeys: 3 },
  ),
  artifacts: fc.dictionary(PATH, VALUE, { maxKeys: 3 }),
});

test("no rule throws for what an output may hold, and none has words for what is the same", () => {
  fc.assert(
    fc.property(PARTS, PARTS, (base, head) => {
      const different = ruleInput(base, head);
      const equal = ruleInput(base, base);
      for (const rule of RULES) {
        for (const { change, covers } of rule.judge(different)) {
          expect(change.text).toMatch(/\S/);
          for (const delta of covers) expect(different.deltas).toContain(delta);
        }
        expect(rule.judge(equal)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});
