import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InitOptions } from "../../../lib/cli/init/init-options";
import { scaffold } from "../../../lib/cli/init/scaffold";
import { ownPackage } from "../../../lib/cli/own-package";
import { parseYaml } from "../../../lib/text/yaml";
import { actionlint } from "../../pipeline/github-actions/actionlint";
import { asObject, scriptOf, serve, stepsOf } from "../../pipeline/woodpecker/woodpecker-server";
import { brokenRules } from "../../pipeline/woodpecker/workflow-rules";

const ROOT = join(__dirname, "../../..");

function filesOf(ci: InitOptions["ci"]): Readonly<Record<string, string>> {
  const runbooks = join(ROOT, "docs/runbooks");
  const texts = readdirSync(runbooks).map(
    (name) => [name, readFileSync(join(runbooks, name), "utf8")] as const,
  );
  const files = scaffold({
    ...{ name: "infra", library: "0.1.0", registry: "r.acme.test:5050", namespace: "monitoring", ci },
    ...{ pushgateway: "http://pushgateway.monitoring:9091", repositoryUrl: "https://git.example.com/infra" },
    runbooks: new Map(texts),
    pullRequests: readFileSync(join(ROOT, "docs/pull-requests.md"), "utf8"),
  });
  return Object.fromEntries(files);
}

/** The paths that begin with a dot, of CI and of tools. */
const hidden = (files: Readonly<Record<string, string>>) =>
  Object.keys(files)
    .filter((path) => /^\.(?:ci|github|woodpecker)\//.test(path))
    .sort();

/** What a shell says of a script. */
function shellErrors(script: string): string {
  const { status, stderr } = spawnSync("/bin/sh", ["-n"], { input: script, encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

/** What Node says of a module. */
function moduleErrors(text: string): string {
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--check"], {
    input: text,
    encoding: "utf8",
  });
  return status === 0 ? "" : stderr;
}

test("GitHub: actionlint and shellcheck find nothing, and what the workflows name is there", () => {
  const files = filesOf("github");
  expect(hidden(files)).toEqual([
    ".ci/tallyman-comment.mjs",
    ".github/workflows/pull-request-comment.yml",
    ".github/workflows/pull-request.yml",
  ]);
  expect(actionlint(files)).toBe("");
  expect(moduleErrors(files[".ci/tallyman-comment.mjs"] ?? "")).toBe("");
  const [first, second] = ["pull-request.yml", "pull-request-comment.yml"].map((name) =>
    parseYaml(files[`.github/workflows/${name}`] ?? ""),
  );
  expect(first).toMatchObject({
    name: "pull request",
    on: "pull_request",
    permissions: { contents: "read" },
  });
  expect(second).toMatchObject({ on: { workflow_run: { workflows: ["pull request"] } }, permissions: {} });
  expect(JSON.stringify(second)).toContain("node .ci/tallyman-comment.mjs");
  expect(JSON.stringify(first)).not.toContain("secrets.");
});

test("Woodpecker: the workflow is one, its scripts and those of the image are sound", () => {
  const files = filesOf("woodpecker");
  expect(hidden(files)).toEqual([
    ".ci/comment-image/Dockerfile",
    ".ci/comment-image/tallyman-comment.mjs",
    ".ci/comment-image/tallyman-comment.sh",
    ".woodpecker/pull-request.yml",
  ]);
  const text = files[".woodpecker/pull-request.yml"] ?? "";
  // The rules know the map that this library writes; Woodpecker takes a list there as well.
  const { clone, ...workflow } = asObject(parseYaml(text));
  expect(clone).toEqual([expect.objectContaining({ name: "git" })]);
  expect(brokenRules(workflow)).toEqual([]);
  const steps = stepsOf(serve(text, { CI_COMMIT_TARGET_BRANCH: "main" }));
  expect(steps.map(({ name }) => name)).toEqual(["diff", "comment"]);
  const [diff] = steps;
  expect(shellErrors(scriptOf(diff?.commands ?? []))).toBe("");
  expect(JSON.stringify(diff)).not.toContain("from_secret");
  expect(shellErrors(files[".ci/comment-image/tallyman-comment.sh"] ?? "")).toBe("");
  expect(moduleErrors(files[".ci/comment-image/tallyman-comment.mjs"] ?? "")).toBe("");
  // The image runs the very version that the repository has.
  expect(files[".ci/comment-image/Dockerfile"]).toContain(` tallyman@${ownPackage().version}\n`);
});

test.each(["github", "woodpecker", "none"] as const)("%s: the README names files that are there", (ci) => {
  const files = filesOf(ci);
  expect(ci === "none" ? hidden(files) : []).toEqual([]);
  const named = [...(files["README.md"] ?? "").matchAll(/`((?:\.[a-z]|stacks|docs)[\w./-]*)`/g)].map(
    (match) => match[1] ?? "",
  );
  expect(named.length).toBeGreaterThanOrEqual(2);
  expect(
    named.filter((path) => !Object.keys(files).some((file) => `${file}/`.startsWith(`${path}/`))),
  ).toEqual([]);
});
