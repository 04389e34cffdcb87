/** The composite action, read by actionlint where a workflow uses it, and its script run as a runner does. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isObject } from "../../../lib/oci/descriptor";
import { renderVerifyAction, type VerifyAction } from "../../../lib/pipeline/github-actions/verify-action";
import { EmbeddedRegistry } from "../../../lib/testing";
import { parseYaml } from "../../../lib/text/yaml";
import { requireTool } from "../../support/require-tool";
import { firstChild, twoPlatforms } from "../../support/two-platforms";
import { writeVerifyProgram } from "../verify-push/step-runner";
import { actionlint } from "./actionlint";

const app = twoPlatforms("action/app");

let folder: string;
let action: VerifyAction;
let registry: EmbeddedRegistry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-action-"));
  action = renderVerifyAction({ programFile: (await writeVerifyProgram(folder)).plain });
  mkdirSync(join(folder, "action"));
  for (const [name, content] of Object.entries(action)) writeFileSync(join(folder, "action", name), content);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  registry = await EmbeddedRegistry.start({ auth: { basic: { username: "ci", password: "s3cret" } } });
  registry.put("team/app", "latest", app);
  registry.put("team/app", "1.0", app);
});

afterEach(() => registry.close());

/** The action's defaults with these inputs over them, run as a runner runs `shell: sh`. */
async function run(inputs: Readonly<Record<string, string>>) {
  const tree = parseYaml(action["action.yml"]);
  if (!isObject(tree) || !isObject(tree.inputs) || !isObject(tree.runs)) throw new Error("no action");
  const declared = tree.inputs;
  const [step] = tree.runs.steps as readonly Record<string, unknown>[];
  if (step === undefined || !isObject(step.env)) throw new Error("no step");
  const env = Object.entries(step.env).map(([name, expression]): [string, string] => {
    const input = /^\$\{\{ inputs\.(\S+) \}\}$/.exec(String(expression))?.[1] ?? "";
    const standard = declared[input];
    return [name, inputs[input] ?? (isObject(standard) ? String(standard.default ?? "") : "")];
  });
  const child = spawn("/bin/sh", ["-e", "-c", String(step.run)], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      GITHUB_ACTION_PATH: join(folder, "action"),
      ...Object.fromEntries(env),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await once(child, "close");
  expect(stdout + stderr).not.toContain("s3cret");
  return {
    exitCode: child.exitCode,
    stdout,
    stderr: stderr.replace(/^tallyman: credentials go to .*\n/m, ""),
  };
}

const LOGIN = { username: "ci", password: "s3cret" };
const images = (...tags: readonly string[]): string =>
  tags.map((tag) => `${registry.url}/team/app:${tag}`).join("\n");

test("actionlint knows its inputs, and finds nothing in a workflow that uses it", () => {
  const workflow = (inputs: string): string => `on: push
permissions: {}
jobs:
  verify:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./.github/actions/verify-push
        with:
          ${inputs}
`;
  const lint = (inputs: string): string =>
    actionlint({
      ".github/workflows/verify.yml": workflow(inputs),
      ".github/actions/verify-push/action.yml": action["action.yml"],
      ".github/actions/verify-push/tallyman-verify.mjs": action["tallyman-verify.mjs"],
    });
  expect(lint("{ images: ghcr.io/example/app:1.0, recheck-after: 5m, anonymous: true }")).toBe("");
  expect(lint("{ images: ghcr.io/example/app:1.0, recheckafter: 5m }")).toContain(
    'input "recheckafter" is not defined',
  );
  expect(lint("{ anonymous: true }")).toContain('missing input "images"');
});

test("its script is sound shell, without an expression in it", () => {
  const tree = parseYaml(action["action.yml"]);
  const script = /run: \|\n(.*)$/s.exec(action["action.yml"])?.[1]?.replace(/^ {8}/gm, "") ?? "";
  expect(JSON.stringify(tree)).toContain("set -f");
  expect(script).not.toContain(`\${{`);
  expect(spawnSync("/bin/sh", ["-n"], { input: script }).status).toBe(0);
  const { stdout } = spawnSync(requireTool("shellcheck"), ["--shell=sh", "-"], {
    input: script,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

test("a whole push passes, a broken one and another digest do not", async () => {
  const inputs = { ...LOGIN, images: images("latest", "1.0"), platforms: "linux/amd64, linux/arm64" };
  const whole = await run({ ...inputs, digest: `${app.digest}`, "recheck-after": "300ms" });
  expect([whole.exitCode, whole.stderr]).toEqual([0, ""]);
  expect(whole.stdout).toContain("2 tags");
  expect((await run({ ...inputs, digest: `sha256:${"0".repeat(64)}` })).exitCode).toBe(1);
  registry.storage.unlinkManifest("team/app", firstChild(app).digest);
  const broken = await run(inputs);
  expect(broken.exitCode).toBe(1);
  expect(broken.stdout).toContain("index_child_missing");
});

test.each([
  ["username", { username: "" }],
  ["password", { password: "" }],
])("an empty %s fails before anything is asked", async (name, more) => {
  const { exitCode, stderr } = await run({ ...LOGIN, images: images("latest"), ...more });
  expect([exitCode, stderr]).toEqual([
    64,
    `verify-push: the input ${name} is empty: was its secret given to this event?\n`,
  ]);
  expect(registry.requests).toEqual([]);
});

test("anonymous asks without credentials, even where they are given", async () => {
  const { exitCode } = await run({ ...LOGIN, anonymous: "true", images: images("latest") });
  expect(exitCode).toBe(2);
  expect(new Set(registry.requests.map(({ authorization }) => authorization))).toEqual(new Set(["none"]));
});

test("no input is a pattern, an option or a script", async () => {
  const before = readdirSync(folder).sort();
  for (const word of [
    "$(touch owned)",
    "`touch owned`",
    "'; touch owned; '",
    "*",
    "--address=127.0.0.1:1",
    "-- -x",
  ]) {
    const names = ["images", "platforms", "digest", "blobs", "recheck-after"];
    const runs = await Promise.all(
      names.map((name) =>
        run({
          ...LOGIN,
          images: images("latest"),
          [name]: name === "images" ? `${images("latest")} ${word}` : word,
        }),
      ),
    );
    expect(runs.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(names.map(() => [64, ""]));
  }
  expect(readdirSync(folder).sort()).toEqual(before);
});

test("without its program there is no action", () => {
  expect(() => renderVerifyAction({ programFile: join(folder, "no-such") })).toThrow(
    "programFile must be the program",
  );
});
