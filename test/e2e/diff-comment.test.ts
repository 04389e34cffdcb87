import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { actionlint } from "../pipeline/github-actions/actionlint";
import { DiffWorld, finish, type Run } from "./diff-world";
import { ForgeApi } from "./forge-api";

const document = readFileSync(join(__dirname, "../../docs/pull-requests.md"), "utf8");

/** What stands in the first fence after that text. */
function blockAfter(text: string, language: string): string {
  const start = document.indexOf(`\`\`\`${language}\n`, document.indexOf(text));
  if (start < 0 || !document.includes(text)) throw new Error(`no ${language} after ${text}`);
  const from = document.indexOf("\n", start) + 1;
  return document.slice(from, document.indexOf("\n```", from) + 1);
}

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly image?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
}

const SCRIPT = blockAfter("`.ci/tallyman-comment.mjs`", "js");
const WORKFLOWS = {
  "pull-request.yml": blockAfter("`.github/workflows/pull-request.yml`", "yaml"),
  "pull-request-comment.yml": blockAfter("`.github/workflows/pull-request-comment.yml`", "yaml"),
};
const untrusted = parse(WORKFLOWS["pull-request.yml"]);
const trusted = parse(WORKFLOWS["pull-request-comment.yml"]);
const untrustedSteps: readonly Step[] = untrusted.jobs.diff.steps;
const trustedSteps: readonly Step[] = trusted.jobs.comment.steps;
const WOODPECKER = blockAfter("`.woodpecker/pull-request.yml`", "yaml");
const woodpecker = parse(WOODPECKER);
const [diffStep, commentStep] = woodpecker.steps as readonly [Step, Step];
const PLUGIN = blockAfter("`tallyman-comment.sh`", "sh");

let world: DiffWorld;
let api: ForgeApi;
/** Programs that stand in for what a runner has: npx, and the plugin's image. */
let programs = "";
let prefix = "";

const STACK = "output/stacks/registry/cdk.tf.json";
const stackOf = (size: number): unknown => ({ resource: { terraform_data: { host: { input: { size } } } } });

beforeAll(async () => {
  world = await DiffWorld.create();
  prefix = join(world.folder, "image");
  programs = join(prefix, "bin");
  put(
    join(programs, "npx"),
    `#!/bin/sh\nshift 2\nexec ${process.execPath} ${world.folder}/tallyman.js "$@"\n`,
  );
  put(join(programs, "tallyman"), `#!/bin/sh\nexec ${process.execPath} ${world.folder}/tallyman.js "$@"\n`);
  symlinkSync(process.execPath, join(programs, "node"));
  put(join(prefix, "lib/tallyman/tallyman-comment.mjs"), SCRIPT);
  const copy = 'cp -r output/. "$CDKTF_OUTDIR"';
  world.commit({ [STACK]: stackOf(1), "cdktf.json": { app: copy }, ".ci/tallyman-comment.mjs": SCRIPT });
  world.git("switch", "--quiet", "--create", "fix");
  world.commit({ [STACK]: stackOf(2) });
  world.git("switch", "--quiet", "main");
  world.commit({ "other.txt": "the branch has moved on" });
  world.git("update-ref", "refs/remotes/origin/main", "main");
  world.git("merge", "--quiet", "--no-ff", "--no-verify", "--message=m", "fix");
});
afterAll(() => world.remove());
beforeEach(async () => {
  api = await ForgeApi.start("ci-bot");
  api.headSha = "a".repeat(40);
});
afterEach(() => api.close());

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function shell(
  script: string,
  env: Readonly<Record<string, string>>,
  input = "",
  cwd = world.root,
): Promise<Run> {
  const all = {
    PATH: `${programs}:${process.env.PATH}`,
    HOME: join(world.folder, "home"),
    TMPDIR: join(world.folder, "tmp"),
    ...env,
  };
  const child = spawn("bash", ["-e", "-c", script], { cwd, env: all, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return finish(child);
}

describe("the script that comments", () => {
  const comment = (input: string, env: Readonly<Record<string, string>> = {}): Promise<Run> => {
    const own = {
      API_URL: api.url,
      REPOSITORY: "o/r",
      TOKEN: "the-token",
      AUTHOR: "ci-bot",
      HEAD_SHA: api.headSha,
    };
    return shell("exec node .ci/tallyman-comment.mjs", { ...own, PULL_REQUEST: "7", ...env }, input);
  };
  const body = (text: string): string => `<!-- tallyman diff -->\n${text}\n`;
  const patches = (): string[] => api.requests.filter((one) => !one.startsWith("GET"));

  test("writes one comment, brings it up to date, and leaves it where nothing is new", async () => {
    expect(await comment(body("one"))).toEqual({ code: 0, stdout: "", stderr: "" });
    await comment(body("two"));
    await comment(body("two"));
    expect(api.comments.map((one) => one.body)).toEqual([body("two")]);
    expect(patches()).toEqual(["POST /repos/o/r/issues/7/comments", "PATCH /repos/o/r/issues/comments/1"]);
  });

  test("finds its own behind a hundred others", async () => {
    for (let id = 1; id <= 250; id++) api.comments.push({ id, body: "talk", user: { login: "someone" } });
    api.comments.push({ id: 251, body: body("old"), user: { login: "ci-bot" } });
    await comment(body("new"));
    expect(patches()).toEqual(["PATCH /repos/o/r/issues/comments/251"]);
  });

  test("takes nobody else's comment for its own, whatever it begins with", async () => {
    api.comments.push({ id: 1, body: body("mine"), user: { login: "someone" } });
    await comment(body("new"));
    expect(api.comments.map((one) => one.body)).toEqual([body("mine"), body("new")]);
  });

  test("finds a fork's pull request by what the event says was built", async () => {
    await comment(body("one"), { PULL_REQUEST: "", HEAD: "someone:fix/a b" });
    expect(api.comments).toHaveLength(1);
    await comment(body("two"), { PULL_REQUEST: "", HEAD: "someone:other" });
    expect(api.comments.map((one) => one.body)).toEqual([body("one")]);
  });

  test("is silent where the pull request has a newer commit, or is closed", async () => {
    expect((await comment(body("one"), { HEAD_SHA: "b".repeat(40) })).stdout).toContain("no comment");
    api.state = "closed";
    expect((await comment(body("one"))).code).toBe(0);
    expect(patches()).toEqual([]);
  });

  test.each([
    ["the API refuses", { TOKEN: "other" }, "answers 401"],
    ["the address is not https", { API_URL: "http://git.example.com" }, "API_URL must be https"],
  ])("fails where %s, and tells no token", async (_, env, message) => {
    const { code, stderr } = await comment(body("one"), env);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/the-token|other/);
  });

  test("refuses a text without marker: it would never find it again", async () => {
    expect((await comment("text\n")).stderr).toContain("must be its marker");
    expect(api.requests).toEqual([]);
  });
});

describe("GitHub Actions", () => {
  test("actionlint finds nothing", () => {
    const files = Object.entries(WORKFLOWS).map(([name, text]) => [`.github/workflows/${name}`, text]);
    expect(actionlint(Object.fromEntries(files))).toBe("");
  });

  test("what runs the pull request's code has no secret and a token that only reads", () => {
    expect(untrusted.on).toBe("pull_request");
    expect(untrusted.permissions).toEqual({ contents: "read" });
    expect(Object.keys(untrusted.jobs)).toEqual(["diff"]);
    expect(untrusted.jobs.diff.permissions).toBeUndefined();
    expect(WORKFLOWS["pull-request.yml"]).not.toMatch(
      /secrets|github\.token|GITHUB_TOKEN|pull_request_target/,
    );
  });

  test("what may write takes its code from the default branch, and nothing but the diff from the artifact", () => {
    expect(Object.keys(trusted.on)).toEqual(["workflow_run"]);
    expect(trusted.on.workflow_run.workflows).toEqual([untrusted.name]);
    expect(trusted.permissions).toEqual({});
    expect(trusted.jobs.comment.permissions).toEqual({
      actions: "read",
      contents: "read",
      "pull-requests": "write",
    });
    const [checkout] = trustedSteps;
    expect(checkout?.with?.ref).toMatch(/^\$\{\{ github\.event\.repository\.default_branch \}\}$/);
    const download = trustedSteps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"));
    expect(download?.with?.path).toMatch(/^\$\{\{ runner\.temp \}\}\/diff$/);
    expect(trustedSteps.filter(({ env }) => env !== undefined)).toHaveLength(1);
    expect(WORKFLOWS["pull-request-comment.yml"].match(/diff\.json/g)).toHaveLength(1);
  });

  test("every action is pinned, no checkout keeps its token, no expression stands in a script", () => {
    const steps = [...untrustedSteps, ...trustedSteps];
    for (const { uses, with: given, run } of steps) {
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
      if (uses?.startsWith("actions/checkout@")) expect(given?.["persist-credentials"]).toBe(false);
      expect(run ?? "").not.toContain("${{");
    }
    expect(steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))).toHaveLength(2);
  });

  test("both halves, as they are written: from the merge to the comment", async () => {
    const first = await shell(scriptOf(untrustedSteps, "Say what changes"), {});
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const runnerTemp = join(world.folder, "runner");
    put(join(runnerTemp, "diff/diff.json"), readFileSync(join(world.root, "diff.json"), "utf8"));
    const second = await shell(scriptOf(trustedSteps, "Comment"), {
      ...{
        RUNNER_TEMP: runnerTemp,
        API_URL: api.url,
        REPOSITORY: "o/r",
        TOKEN: "the-token",
        AUTHOR: "ci-bot",
      },
      ...{ HEAD: "someone:fix/a b", HEAD_SHA: api.headSha },
    });
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(api.comments.map((one) => one.body)).toEqual([
      expect.stringMatching(/^<!-- tallyman diff -->\n\n### /),
    ]);
    expect(api.comments[0]?.body).toContain("registry/terraform_data.host");
  });

  test("the first half leaves no file where it could not synthesize, and its exit code", async () => {
    put(join(world.root, "diff.json"), "old");
    const broken = scriptOf(untrustedSteps, "Say what changes").replace(
      "--format json",
      "--synth false --format json",
    );
    expect(await shell(broken, {})).toMatchObject({ code: 2 });
    expect(existsSync(join(world.root, "diff.json"))).toBe(false);
  });

  test("the second half fails on what is no diff, and comments nothing", async () => {
    const runnerTemp = join(world.folder, "runner-bad");
    put(join(runnerTemp, "diff/diff.json"), '{"schema":"tallyman.diff/1"}');
    const env = {
      RUNNER_TEMP: runnerTemp,
      API_URL: api.url,
      REPOSITORY: "o/r",
      TOKEN: "the-token",
      AUTHOR: "ci-bot",
    };
    expect((await shell(scriptOf(trustedSteps, "Comment"), env)).code).toBe(64);
    expect(api.requests).toEqual([]);
  });
});

function scriptOf(steps: readonly Step[], name: string): string {
  const script = steps.find((step) => step.name === name)?.run;
  if (script === undefined) throw new Error(`no step ${name}`);
  return script;
}

describe("Woodpecker", () => {
  const variables = {
    ...{
      CI_COMMIT_TARGET_BRANCH: "main",
      CI_REPO: "o/r",
      CI_COMMIT_PULL_REQUEST: "7",
      CI_FORGE_URL: "https://evil.example",
    },
    ...{ PLUGIN_TOKEN: "the-token", PLUGIN_API_URL: "https://evil.example" },
  };
  const plugin = (): string =>
    PLUGIN.replaceAll("/tmp/comment.md", `${world.folder}/comment.md`)
      .replaceAll("/usr/local", prefix)
      .replace("https://git.example.com/api/v1", api.url);

  test("the secret is a setting of a plugin, and of nothing else", () => {
    expect(WOODPECKER.match(/from_secret/g)).toHaveLength(1);
    expect(commentStep.settings).toEqual({ token: { from_secret: "tallyman_comment_token" } });
    expect(Object.keys(commentStep).sort()).toEqual(["image", "name", "settings", "when"]);
    expect(diffStep.settings).toBeUndefined();
    const granted = /--image (\S+) --event (\S+)\n/.exec(document);
    expect(granted?.slice(1)).toEqual([commentStep.image, "pull_request"]);
    expect(woodpecker.when).toEqual([{ event: "pull_request" }]);
  });

  test("both steps, as they are written: from the clone to the comment", async () => {
    world.git("switch", "--quiet", "fix");
    try {
      const commands = (diffStep.commands ?? []).filter((one) => one !== "npm ci");
      expect(commands.join("\n").replaceAll("$$", "")).not.toContain("$");
      const first = await shell(commands.join("\n").replaceAll("$$", "$"), variables);
      expect(first).toMatchObject({ code: 0, stderr: "" });
      const env = { ...variables, CI_WORKSPACE: world.root, CI_COMMIT_SHA: api.headSha };
      const second = await shell(plugin(), env);
      expect(second).toMatchObject({ code: 0, stderr: "" });
      expect(api.comments[0]?.body).toContain("registry/terraform_data.host");
      // What the branch has got meanwhile is no change of the pull request.
      expect(JSON.parse(readFileSync(join(world.root, "tallyman-diff.json"), "utf8")).changes).toHaveLength(
        1,
      );
    } finally {
      rmSync(join(world.root, "tallyman-diff.json"), { force: true });
      world.git("switch", "--quiet", "main");
    }
  });

  test("the plugin follows no link out of the workspace, and tells nothing of its target", async () => {
    symlinkSync("/proc/self/environ", join(world.root, "tallyman-diff.json"));
    const { code, stdout, stderr } = await shell(plugin(), {
      ...variables,
      CI_WORKSPACE: world.root,
      CI_COMMIT_SHA: api.headSha,
    });
    rmSync(join(world.root, "tallyman-diff.json"));
    expect(code).toBe(64);
    expect(stdout + stderr).not.toContain("the-token");
    expect(api.requests).toEqual([]);
  });

  test("without a diff there is no comment", async () => {
    const { code, stdout } = await shell(plugin(), {
      ...variables,
      CI_WORKSPACE: world.root,
      CI_COMMIT_SHA: api.headSha,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "no diff: the step before has failed\n" });
  });
});
