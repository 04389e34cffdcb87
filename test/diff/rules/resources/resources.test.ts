import type { JsonObject } from "../../../../lib/diff/json";
import { GENERATED_TESTS } from "../../../../lib/diff/rules/generated-tests";
import { PROGRAM } from "../../../../lib/diff/rules/program";
import { HOST_RELEASE } from "../../../../lib/diff/rules/resources/host-release";
import { RESOURCE_REPLACED } from "../../../../lib/diff/rules/resources/resource-replaced";
import { changesOf, said, uncovered } from "../rule-input";

const one = (type: string, values: JsonObject) => ({ resources: { [`s/${type}.x`]: values } });
const IGNORE = { lifecycle: { ignore_changes: ["spec[0].job_template[0].spec[0].completions"] } };
const cronJob = (completions: number | null, more: JsonObject = {}) =>
  one("kubernetes_cron_job_v1", {
    ...more,
    spec: [{ job_template: [{ spec: [completions === null ? {} : { completions }] }] }],
  });

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "a name",
    one("kubernetes_config_map_v1", { metadata: { name: "a" } }),
    one("kubernetes_config_map_v1", { metadata: { name: "b" } }),
    ["metadata.name from a to b"],
  ],
  [
    "a namespace, the default left out",
    one("kubernetes_secret", { metadata: [{ name: "a" }] }),
    one("kubernetes_secret", { metadata: [{ name: "a", namespace: "b" }] }),
    ["metadata.namespace from default to b"],
  ],
  [
    "the default namespace, written out",
    one("kubernetes_secret", { metadata: { name: "a" } }),
    one("kubernetes_secret", { metadata: { name: "a", namespace: "default" } }),
    [],
  ],
  [
    "labels",
    one("kubernetes_secret", { metadata: { name: "a" } }),
    one("kubernetes_secret", { metadata: { name: "a", labels: {} } }),
    [],
  ],
  [
    "a Deployment's selector",
    one("kubernetes_deployment_v1", { spec: { selector: { match_labels: { a: "1" } } } }),
    one("kubernetes_deployment_v1", { spec: { selector: { match_labels: { a: "2" } } } }),
    ["spec.selector in place"],
  ],
  [
    "a Service's selector",
    one("kubernetes_service_v1", { spec: { selector: { a: "1" } } }),
    one("kubernetes_service_v1", { spec: { selector: { a: "2" } } }),
    [],
  ],
  [
    "a Service's address",
    one("kubernetes_service_v1", { spec: { cluster_ip: "None" } }),
    one("kubernetes_service_v1", { spec: {} }),
    ["spec.cluster_ip from None to nothing"],
  ],
  [
    "a manifest's kind",
    one("kubernetes_manifest", { manifest: { kind: "A", metadata: { name: "a" } } }),
    one("kubernetes_manifest", { manifest: { kind: "B", metadata: { name: "a" } } }),
    ["manifest.kind from A to B"],
  ],
  ["a CronJob's completions", cronJob(1), cronJob(2), ["spec.job_template.spec.completions from 1 to 2"]],
  ["a CronJob's completions, by default", cronJob(null), cronJob(1), []],
  ["a CronJob's completions, ignored", cronJob(1, IGNORE), cronJob(2, IGNORE), []],
  [
    "a release's namespace",
    one("helm_release", { name: "a", namespace: "x" }),
    one("helm_release", { name: "a", namespace: "y" }),
    ["namespace from x to y"],
  ],
  [
    "a release's values",
    one("helm_release", { name: "a", values: ["x"] }),
    one("helm_release", { name: "a", values: ["y"] }),
    [],
  ],
  [
    "triggers",
    one("terraform_data", { triggers_replace: "a" }),
    one("terraform_data", { triggers_replace: "b" }),
    ["triggers_replace from a to b"],
  ],
  ["an input", one("terraform_data", { input: "a" }), one("terraform_data", { input: "b" }), []],
])("%s", (_, before, after, expected) => {
  const found = said(RESOURCE_REPLACED, before, after);
  expect(found).toHaveLength(expected.length);
  for (const each of expected)
    expect(found).toContainEqual(expect.stringMatching(`^risk resource_replaced: .*${each}`));
});

test("the words, and what they leave", () => {
  const [before, after] = ["a", "b"].map((name) => one("kubernetes_config_map_v1", { metadata: { name } }));
  if (before === undefined || after === undefined) throw new Error("two");
  expect(changesOf(RESOURCE_REPLACED, before, after)).toEqual([
    {
      grade: "risk",
      kind: "resource_replaced",
      where: "s/kubernetes_config_map_v1.x metadata.name",
      before: "a",
      after: "b",
      text: "ConfigMap b will be destroyed and created: Terraform cannot change its metadata.name from a to b in place.",
    },
  ]);
  expect(uncovered(RESOURCE_REPLACED, before, after)).toEqual([]);
});

test("what is created anew under another address is not said twice, what is moved there is", () => {
  const base = { resources: { "s/kubernetes_config_map_v1.x": { metadata: { name: "a" } } } };
  const head = { resources: { "s/kubernetes_config_map_v1.y": { metadata: { name: "b" } } } };
  const rename = (isKept: boolean) => ({
    type: "kubernetes_config_map_v1",
    from: { stack: "s", address: "kubernetes_config_map_v1.x" },
    to: { stack: "s", address: "kubernetes_config_map_v1.y" },
    isKept,
  });
  const kinds = (isKept: boolean) => {
    const touched = { ...head, artifacts: {} };
    return changesOf(RESOURCE_REPLACED, base, touched, [rename(isKept)]).map(({ kind }) => kind);
  };
  expect(kinds(false)).toEqual([]);
  expect(kinds(true)).toEqual(["resource_replaced"]);
});

test("what protected a resource", () => {
  const kept = (prevent: boolean) => one("terraform_data", { lifecycle: { prevent_destroy: prevent } });
  expect(said(RESOURCE_REPLACED, kept(true), kept(false))).toEqual([
    "risk destroy_protection_lost: terraform_data.x may be destroyed by an apply: prevent_destroy is no longer true.",
  ]);
});

describe("a host's release", () => {
  const host = (level: string) => ({
    resources: {
      "registry/terraform_data.host": {
        triggers_replace: { "docker-compose.yml": { "(document)": { log: level } }, "adopt.keep": "a" },
        provisioner: [{ file: { content: `level ${level}` } }],
      },
    },
    artifacts: {
      "registry-host/docker-compose.yml": { log: level },
      "registry-host/release.json": { id: level, files: [level], project: "registry" },
    },
  });

  test("is one change on purpose, and its files are told where people read them", () => {
    expect(said(RESOURCE_REPLACED, host("a"), host("b"))).toEqual([]);
    expect(said(HOST_RELEASE, host("a"), host("b"))).toEqual([
      "notice host_release: A new release of the registry host is uploaded and activated; these files differ: docker-compose.yml.",
    ]);
    expect(uncovered(HOST_RELEASE, host("a"), host("b"))).toEqual(["log"]);
    expect(said(HOST_RELEASE, host("a"), host("a"))).toEqual([]);
  });
});

describe("the program", () => {
  const estate = (build: string) => ({
    resources: {
      "m/kubernetes_config_map_v1.p": { data: { "tallyman.mjs": build, "other.txt": "x" } },
      "m/kubernetes_cron_job_v1.p": { metadata: { annotations: { "checksum/program": build } } },
      "r/terraform_data.h": { triggers_replace: { "tallyman-host.mjs": build } },
    },
    artifacts: {
      "probe/tallyman.mjs": build,
      "pipeline/build.yml": { steps: [{ name: "verify", environment: { TALLYMAN_PROGRAM: build } }] },
    },
  });

  test("is one change, wherever it is carried", () => {
    expect(said(PROGRAM, estate("a"), estate("b"))).toEqual([
      "info program_changed: The program that the probe, the host or a pipeline runs is another build; pods that run it are replaced.",
    ]);
    expect(uncovered(PROGRAM, estate("a"), estate("b"))).toEqual([]);
  });
});

describe("tests of alerting rules", () => {
  const estate = (test: string, rules: string) => ({
    artifacts: {
      "a/rules.test.yml": {
        rule_files: ["rules.yml"],
        tests: [
          { name: "one", test },
          { name: "two", test },
        ],
      },
      "a/rules.yml": { groups: [rules] },
      "b/rules.test.yml": { test },
      "b/rules.yml": {},
    },
  });

  test.each([
    ["follow the rules", "y"],
    ["are written anew, and the rules themselves are the same", "x"],
  ])("%s, in one sentence", (words, rules) => {
    const [base, head] = [estate("a", "x"), estate("b", rules)];
    expect(said(GENERATED_TESTS, base, head)).toEqual([
      `info generated_changed: Tests of the alerting rules ${words}: 2 of a/rules.test.yml.`,
    ]);
    // What only is called so is none of them.
    expect(uncovered(GENERATED_TESTS, base, head)).toEqual(rules === "x" ? ["test"] : ["groups.0", "test"]);
  });
});

type OutputParts = Parameters<typeof said>[1];
