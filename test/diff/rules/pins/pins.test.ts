import type { Json, JsonObject } from "../../../../lib/diff/json";
import { PINS } from "../../../../lib/diff/rules/pins/pins";
import { changesOf, said, uncovered } from "../rule-input";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

const container = (image: string) => ({
  resources: { "s/kubernetes_cron_job_v1.probe": { spec: { container: [{ name: "probe", image }] } } },
});
const kinds = (before: string, after: string) =>
  changesOf(PINS, container(before), container(after))
    .map(({ grade, kind }) => `${grade} ${kind}`)
    .sort();

describe("an image", () => {
  test.each([
    [`node:22.1.0@${A}`, "node:22.1.0", ["risk pin_digest_lost"]],
    [`node@${A}`, "node:latest", ["risk floating_tag", "risk pin_digest_lost"]],
    ["node:22.1.0", "node:latest", ["risk floating_tag"]],
    ["node:22.1.0", "node", ["risk floating_tag"]],
    ["nginx:1.28.0-alpine", "nginx:alpine", ["risk floating_tag"]],
    ["nginx:1.28.0-alpine", "nginx:1.28-alpine", ["risk floating_tag"]],
    ["registry:2.8.3", "registry:2.8.2", ["risk version_moved_back"]],
    ["registry:2.8.3", "registry:2.8.10", ["info version_moved_forward"]],
    ["registry:2.8.3", "registry:3.0.0", ["notice version_moved_forward"]],
    ["registry:3.0.0-rc.2", "registry:3.0.0", ["info version_moved_forward"]],
    ["registry:3.0.0", "registry:3.0.0-rc.2", ["risk version_moved_back"]],
    [`registry:2.8.3@${A}`, `registry:2.8.3@${B}`, ["notice digest_changed_under_same_tag"]],
    ["registry:2.8.3", `registry:2.8.3@${A}`, ["info pin_digest_added"]],
    [`registry:2.8.3@${A}`, `registry:2.8.4@${B}`, ["info version_moved_forward"]],
    ["registry:2.8.3", "ghcr.io/x/registry:2.8.3", ["notice pin_repository_changed"]],
    ["infra-ci:1a2b3c4d", "infra-ci:9f8e7d6c", ["notice version_changed"]],
    ["node:22.1.0", "node:22.1.0-alpine", ["notice version_changed"]],
    ["localhost:5000/a:1.0.0", "localhost:5000/a:1.0.1", ["info version_moved_forward"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own
    ["node:22.1.0", "${var.image}", []],
    ["node:latest", "node:latest", []],
  ])("%s → %s", (before, after, expected) => {
    expect(kinds(before, after)).toEqual(expected);
  });

  test("a new one that floats is said, a new one that is pinned not", () => {
    const none = { resources: { "s/kubernetes_cron_job_v1.probe": { spec: { container: [] } } } };
    expect(said(PINS, none, container("node:latest"))).toEqual([
      "risk floating_tag: The image node:latest has a version that moves: a later run may bring another program.",
    ]);
    expect(said(PINS, none, container("node:22.1.0"))).toEqual([]);
  });

  test("of one place that moved among others is the same image", () => {
    const list = (...names: string[]) => ({
      resources: {
        "s/kubernetes_pod.p": { container: names.map((name) => ({ name, image: `${name}:1.0.0` })) },
      },
    });
    expect(said(PINS, list("a", "b"), list("b", "a"))).toEqual([]);
  });
});

const everywhere = (tag: string): Record<string, Json> => ({
  "pipeline/build.yml": { steps: [{ name: "verify", image: `node:${tag}` }] },
  "registry-host/docker-compose.yml": { services: { page: { image: `node:${tag}` } } },
  "registry-host/images.json": {
    schema: "tallyman.images/1",
    images: ["registry:2.8.3", `node:${tag}`],
  },
  "registry-host/maintenance/maintain.sh": `#!/bin/sh\nPROGRAM_IMAGE='node:${tag}'\n`,
});
const host = (tag: string): JsonObject => ({
  triggers_replace: {
    "docker-compose.yml": { "(document)": { services: { page: { image: `node:${tag}` } } } },
    "maintenance/maintain.sh": `#!/bin/sh\nPROGRAM_IMAGE='node:${tag}'\n`,
  },
});
const estate = (tag: string) => ({
  resources: { "registry/terraform_data.host": host(tag) },
  artifacts: everywhere(tag),
});

test("one image in many places is one change, where Terraform applies it, and nothing else is left to say", () => {
  expect(changesOf(PINS, estate("22.1.0"), estate("22.2.0"))).toEqual([
    {
      grade: "info",
      kind: "version_moved_forward",
      where: "registry/terraform_data.host triggers_replace.docker-compose.yml.services.page.image",
      before: "node:22.1.0",
      after: "node:22.2.0",
      text: "node goes from 22.1.0 to 22.2.0.",
    },
  ]);
  expect(uncovered(PINS, estate("22.1.0"), estate("22.2.0"))).toEqual([]);
});

test("a script that changes in more than the image is left to be told", () => {
  const head = estate("22.2.0");
  const script = { ...head.artifacts, "registry-host/maintenance/maintain.sh": "#!/bin/sh\nrm -rf /\n" };
  expect(uncovered(PINS, estate("22.1.0"), { ...head, artifacts: script })).toEqual([""]);
});

describe("other references", () => {
  test.each<[string, Json, Json, readonly string[]]>([
    ["an action's commit lost", `a/b@${COMMIT}`, "a/b@v4", ["risk floating_tag", "risk pin_digest_lost"]],
    ["an action on a branch", "a/b@v4.1.0", "a/b@main", ["risk floating_tag"]],
    [
      "an action's newer commit",
      `a/b@${COMMIT}`,
      `a/b@${COMMIT.replace("0", "1")}`,
      ["notice digest_changed"],
    ],
    ["an image as an action", "docker://a:1.0.1", "docker://a:1.0.0", ["risk version_moved_back"]],
    ["an action of the repository", "./actions/a", "./actions/b", []],
  ])("%s", (_, before, after, expected) => {
    const workflow = (uses: Json) => ({ artifacts: { "w.yml": { jobs: { a: { steps: [{ uses }] } } } } });
    const found = said(PINS, workflow(before), workflow(after));
    for (const each of expected) expect(found).toContainEqual(expect.stringContaining(each));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  const chart = (
    version: Json,
    repository: Json = "https://charts.example.com",
    name: Json = "prometheus",
  ) => ({
    resources: { "s/helm_release.r": { chart: name, repository, version } },
  });
  test.each<[string, OutputOf, OutputOf, readonly string[]]>([
    [
      "back",
      chart("27.52.0"),
      chart("27.51.0"),
      ["risk version_moved_back: prometheus goes back from 27.52.0 to 27.51.0."],
    ],
    [
      "major",
      chart("27.52.0"),
      chart("28.0.0"),
      ["notice version_moved_forward: prometheus goes to another major version, from 27.52.0 to 28.0.0."],
    ],
    ["range", chart("27.52.0"), chart("^27.52.0"), ["risk floating_tag"]],
    ["folder", chart(null, null, "./charts/a"), chart(null, null, "./charts/b"), []],
    [
      "other repository",
      chart("27.52.0"),
      chart("27.52.0", "https://evil.example.com"),
      ["notice pin_repository_changed"],
    ],
  ])("a chart: %s", (_, before, after, expected) => {
    const found = said(PINS, before, after);
    for (const each of expected) expect(found).toContainEqual(expect.stringContaining(each));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  test("a chart's values with name and tag apart", () => {
    const values = (image: JsonObject) => ({
      resources: { "s/helm_release.r": { chart: "./c", values: [{ "(document)": { server: { image } } }] } },
    });
    const before = values({ repository: "a/b", tag: "1.0.0", digest: A });
    const after = values({ repository: "a/b", tag: "1.0.0", digest: "" });
    expect(said(PINS, before, after)).toEqual([
      `risk pin_digest_lost: a/b:1.0.0 has no digest where sha256:${"a".repeat(12)}… stood: the bytes behind it may change.`,
    ]);
    expect(uncovered(PINS, before, after)).toEqual([]);
  });

  test("a lock's digest under its tag", () => {
    const lock = (digest: string) => ({
      artifacts: {
        "images.lock.json": {
          schema: "tallyman.lock/1",
          images: { "node:22.1.0": { status: "resolved", digest } },
        },
      },
    });
    expect(changesOf(PINS, lock(A), lock(B)).map(({ kind }) => kind)).toEqual([
      "digest_changed_under_same_tag",
    ]);
    expect(uncovered(PINS, lock(A), lock(B))).toEqual([]);
  });
});

type OutputOf = Parameters<typeof said>[1];

test("a password in a name is not shown", () => {
  const uses = (name: string) => ({ artifacts: { "c.yml": { services: { a: { image: name } } } } });
  const text = JSON.stringify(changesOf(PINS, uses("a:1.0.0"), uses("a:1.0.0\u202ebad")));
  expect(text).not.toContain("\u202e");
});
