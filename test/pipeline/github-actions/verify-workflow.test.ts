import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration } from "../../../lib/core/duration";
import { NODE_IMAGE } from "../../../lib/core/versions";
import { isObject } from "../../../lib/oci/descriptor";
import { ACTIONS, checkActionPin } from "../../../lib/pipeline/github-actions/action-pin";
import { escapeActionsText } from "../../../lib/pipeline/github-actions/actions-value";
import type { ActionsWorkflow } from "../../../lib/pipeline/github-actions/actions-workflow";
import { renderActionsWorkflow } from "../../../lib/pipeline/github-actions/render-actions-workflow";
import {
  renderVerifyWorkflow,
  type VerifyWorkflowSpec,
} from "../../../lib/pipeline/github-actions/verify-workflow";
import { parseYaml } from "../../../lib/text/yaml";
import { type VerifyProgramFiles, writeVerifyProgram } from "../verify-push/step-runner";
import { actionlint, isWithoutActionlint } from "./actionlint";

let folder: string;
let program: VerifyProgramFiles;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-actions-"));
  program = await writeVerifyProgram(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spec(more: Partial<VerifyWorkflowSpec> = {}): VerifyWorkflowSpec {
  return {
    image: "ghcr.io/example/app",
    tags: ["latest", { variable: "GITHUB_SHA", firstCharacters: 8 }],
    platforms: ["linux/amd64", "linux/arm64"],
    credentials: { username: { variable: "GITHUB_ACTOR" }, password: { secret: "GITHUB_TOKEN" } },
    branches: ["main"],
    program: { kind: "inline", file: program.compressed },
    ...more,
  };
}

/** The value at a path of keys and positions. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (Array.isArray(node) && typeof key === "number") return node[key];
    return isObject(node) ? node[key] : undefined;
  }, value);
}

/** Every `run` of a workflow or action. */
function scriptsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsOf);
  if (!isObject(value)) return [];
  const own = typeof value.run === "string" ? [value.run] : [];
  return [...own, ...Object.values(value).flatMap(scriptsOf)];
}

const variants: readonly (readonly [string, Partial<VerifyWorkflowSpec>])[] = [
  ["GHCR, two platforms", {}],
  [
    "a registry of one's own, one platform, paths, a second look",
    {
      image: "registry.example.com:5050/team/app",
      platforms: ["linux/amd64"],
      credentials: { username: { secret: "REGISTRY_USER" }, password: { secret: "REGISTRY_PASSWORD" } },
      paths: ["ci/Dockerfile"],
      context: "ci",
      dockerfile: "ci/Dockerfile",
      recheckAfter: Duration.minutes(5),
      deadline: Duration.minutes(3),
      blobs: "full",
    },
  ],
  [
    "a program by its URL, a name from a branch",
    {
      branches: ["main", "it's"],
      tags: [{ variable: "GITHUB_REF_NAME" }],
      program: { kind: "url", url: "https://example.com/tallyman.mjs", sha256: "0".repeat(64) },
    },
  ],
];

describe.each(variants)("%s", (_name, more) => {
  test("actionlint and shellcheck find nothing", () => {
    expect(actionlint({ ".github/workflows/build.yml": renderVerifyWorkflow(spec(more)) })).toBe("");
  });

  test("no value reaches a shell by an expression, and every script is sound", () => {
    const scripts = scriptsOf(parseYaml(renderVerifyWorkflow(spec(more))));
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      expect(script).not.toContain(`\${{`);
      const { status, stderr } = spawnSync("/bin/sh", ["-n"], { input: script, encoding: "utf8" });
      expect(`${status} ${stderr}`).toBe("0 ");
    }
  });
});

test("what was pushed is proven in the Node image, by the build's own digest, with the right to pull alone", () => {
  const workflow = parseYaml(renderVerifyWorkflow(spec()));
  expect(at(workflow, "permissions")).toEqual({});
  expect(at(workflow, "on")).toEqual({ push: { branches: ["main"] }, workflow_dispatch: {} });
  expect(at(workflow, "jobs", "build", "permissions")).toEqual({ contents: "read", packages: "write" });
  expect(at(workflow, "jobs", "build", "outputs")).toEqual({ digest: `\${{ steps.build.outputs.digest }}` });
  const verify = at(workflow, "jobs", "verify");
  expect(verify).toMatchObject({
    needs: ["build"],
    permissions: { packages: "read" },
    container: NODE_IMAGE,
    "timeout-minutes": 15,
  });
  expect(at(verify, "steps", 0, "env")).toMatchObject({
    DIGEST: `\${{ needs.build.outputs.digest }}`,
    TALLYMAN_PASSWORD: `\${{ secrets.GITHUB_TOKEN }}`,
  });
  const script = String(at(verify, "steps", 0, "run"));
  expect(script).toContain(
    '"--expect-digest=$DIGEST" --expect-platform=linux/amd64 --expect-platform=linux/arm64',
  );
  expect(script).toContain('ghcr.io/example/app:latest "ghcr.io/example/app:$(printf %.8s "$GITHUB_SHA")"');
});

test("a start by hand builds the branches that a push builds, and no other", () => {
  const workflow = parseYaml(renderVerifyWorkflow(spec({ branches: ["main", "it's"] })));
  const condition = `contains(fromJSON('["refs/heads/main","refs/heads/it''s"]'), github.ref)`;
  expect(at(workflow, "jobs", "build", "if")).toBe(condition);
  // It needs the build: where that is skipped, so is the proof.
  expect(at(workflow, "jobs", "verify", "if")).toBeUndefined();
  const ofPattern = parseYaml(renderVerifyWorkflow(spec({ branches: ["main", "release/**"] })));
  expect(at(ofPattern, "on")).toEqual({ push: { branches: ["main", "release/**"] } });
  expect(at(ofPattern, "jobs", "build", "if")).toBeUndefined();
});

test("the list of tags that is built is the one that is proven", () => {
  const script = scriptsOf(parseYaml(renderVerifyWorkflow(spec())))[0] ?? "";
  const output = join(folder, "output");
  writeFileSync(output, "");
  const env = { PATH: "/usr/bin:/bin", GITHUB_OUTPUT: output, GITHUB_SHA: "8f3c21d0aa1122334455" };
  expect(spawnSync("/bin/sh", ["-e", "-c", script], { env }).status).toBe(0);
  expect(readFileSync(output, "utf8")).toBe("list=ghcr.io/example/app:latest,ghcr.io/example/app:8f3c21d0\n");
});

test("a registry elsewhere gets no rights to packages, and waits as long as two looks take", () => {
  const [, more] = variants[1] ?? [];
  const workflow = parseYaml(renderVerifyWorkflow(spec(more)));
  expect(at(workflow, "jobs", "build", "permissions")).toEqual({ contents: "read" });
  expect(at(workflow, "jobs", "verify", "permissions")).toEqual({});
  expect(at(workflow, "jobs", "verify", "timeout-minutes")).toBe(2 * 3 + 5 + 5);
  const uses = (at(workflow, "jobs", "build", "steps") as readonly unknown[]).map((step) => at(step, "uses"));
  expect(uses.join()).not.toContain("qemu");
  expect(at(workflow, "jobs", "build", "steps", 2, "with")).toMatchObject({
    registry: "registry.example.com:5050",
    username: `\${{ secrets.REGISTRY_USER }}`,
  });
});

test("actions are pinned by commit, with their version beside them", () => {
  const text = renderVerifyWorkflow(spec());
  const pins = [...text.matchAll(/uses: (\S+)@([0-9a-f]{40}) # (v\S+)$/gm)].map(([, name]) => name);
  expect(pins).toHaveLength((text.match(/uses:/g) ?? []).length);
  expect(pins).toContain("docker/build-push-action");
  for (const pin of Object.values(ACTIONS)) expect(checkActionPin(pin, "pin")).toEqual([]);
  const own = { repository: "our/login", version: "v1", sha: "1".repeat(40) };
  expect(renderVerifyWorkflow(spec({ actions: { login: own } }))).toContain(
    `uses: our/login@${own.sha} # v1\n`,
  );
  const loose = { ...own, sha: "v1" };
  expect(() => renderVerifyWorkflow(spec({ actions: { login: loose } }))).toThrow(
    "uses.sha must be a whole commit",
  );
});

test.each([
  [{ image: "http://r.io/app" }, "image must be without a scheme"],
  [{ tags: [{ variable: "CI_COMMIT_SHA" }] }, "variable must be one of GitHub's own"],
  [{ tags: ["no tag"] }, "tags[0] must be a tag"],
  [{ platforms: [] }, "platforms must name what is built"],
  [{ branches: [] }, "branches must name whose pushes"],
])("%j is refused", (more, message) => {
  expect(() => renderVerifyWorkflow(spec(more))).toThrow(message);
});

describe("text is never an expression", () => {
  const opening = `\${{`;
  const workflow = (text: string, commands: readonly string[] = ["true"]): ActionsWorkflow => ({
    name: "x",
    on: { push: { branches: ["main"] } },
    jobs: {
      job: {
        name: "x",
        runsOn: "ubuntu-24.04",
        permissions: {},
        timeoutMinutes: 1,
        steps: [{ name: "x", env: { TEXT: text }, commands }],
      },
    },
  });

  test("in a value and in a script", () => {
    const text = `a ${opening} github.token }} b`;
    const escaped = `a ${opening} '${opening}' }} github.token }} b`;
    expect(escapeActionsText(text)).toBe(escaped);
    const rendered = renderActionsWorkflow(workflow(text, [`echo '${opening} x }}'`]));
    const step = at(parseYaml(rendered), "jobs", "job", "steps", 0);
    expect(at(step, "env", "TEXT")).toBe(escaped);
    expect(at(step, "run")).toBe(`echo '${opening} '${opening}' }} x }}'\n`);
    expect(actionlint({ ".github/workflows/x.yml": rendered })).toBe("");
  });

  test("what GitHub would refuse without a word is refused here", () => {
    const long = `: ${"x".repeat(22_000)}`;
    expect(() => renderActionsWorkflow(workflow("", [long]))).not.toThrow();
    expect(() => renderActionsWorkflow(workflow("", [`${long} '${opening}'`]))).toThrow(
      "at most 21000 characters",
    );
    expect(() => renderActionsWorkflow(workflow("x".repeat(512_000)))).toThrow("at most 512000 bytes");
  });
});

test("actionlint sees an injection where there is one", () => {
  const text = renderVerifyWorkflow(spec()).replace(
    "run: |\n",
    `run: |\n          echo \${{ github.head_ref }}\n`,
  );
  const found = actionlint({ ".github/workflows/build.yml": text });
  expect(found).toContain(isWithoutActionlint() ? "" : "github.head_ref");
});
