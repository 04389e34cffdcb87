/** The pipelines' files themselves: rendered, read as their servers read them, and what a step then is run for real. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderActionsWorkflow } from "../../lib/pipeline/github-actions/render-actions-workflow";
import { actionsShellStep } from "../../lib/pipeline/github-actions/verify-workflow";
import type { StepScript, StepValue } from "../../lib/pipeline/step-script";
import { verifyPushStep } from "../../lib/pipeline/verify-push/verify-push-step";
import { renderWoodpecker } from "../../lib/pipeline/woodpecker/render-woodpecker";
import { scriptStep } from "../../lib/pipeline/woodpecker/script-step";
import { parseYaml } from "../../lib/text/yaml";
import { runStep, writeVerifyProgram } from "../pipeline/verify-push/step-runner";
import { asObject, serve, stepsOf } from "../pipeline/woodpecker/woodpecker-server";
import { Distribution } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import { skopeoCopy } from "../support/skopeo";
import { twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";

/** Characters that mean something to a shell, to YAML, to Woodpecker and to GitHub. */
const USER = { username: "ci", password: "cargo 'n' $manifest %{x} {{y}}" };
const SECRETS = { registry_user: USER.username, registry_password: USER.password };
const COMMIT = "1234e567aa1122334455";
const TAGS = ["latest", COMMIT.slice(0, 8)];
const index = twoPlatforms("verify-push-files");

let folder: string;
let program: string;
let registry: Distribution;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-verify-files-"));
  program = (await writeVerifyProgram(folder)).compressed;
  writeFileSync(join(folder, "htpasswd"), `${htpasswdLine(USER.username, USER.password)}\n`);
  writeFileSync(join(folder, "digest.txt"), `${index.digest}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  registry = await Distribution.start({ htpasswdFile: join(folder, "htpasswd") });
  for (const tag of TAGS) writeImage(registry.root, "team/ci", tag, index);
});

afterEach(() => registry?.stop());

function step(variable: string): StepScript {
  return verifyPushStep({
    images: [{ name: `${registry.url}/team/ci`, tags: ["latest", { variable, firstCharacters: 8 }] }],
    credentials: {
      kind: "secrets",
      username: { secret: "registry_user" },
      password: { secret: "registry_password" },
    },
    platforms: ["linux/amd64", "linux/arm64"],
    digest: { kind: "file", path: "digest.txt" },
    program: { kind: "inline", file: program },
  });
}

/** A file's step, as its server makes it of the file's text. */
interface Served {
  readonly environment: Readonly<Record<string, StepValue>>;
  readonly commands: readonly string[];
}

function byWoodpecker(): Served {
  const steps = [scriptStep("verify-integrity", step("CI_COMMIT_SHA"))];
  const file = renderWoodpecker({ when: [{ event: "manual" }], steps });
  const [served] = stepsOf(serve(file, { CI_COMMIT_SHA: COMMIT }));
  const environment = Object.entries(served?.environment ?? {}).map(([name, value]): [string, StepValue] => [
    name,
    typeof value === "string" ? value : { secret: String(asObject(value).from_secret) },
  ]);
  return { environment: Object.fromEntries(environment), commands: served?.commands ?? [] };
}

function byGitHub(): Served {
  const file = renderActionsWorkflow({
    name: "build",
    on: { push: { branches: ["main"] } },
    jobs: {
      verify: {
        name: "Verify",
        runsOn: "ubuntu-24.04",
        permissions: {},
        timeoutMinutes: 5,
        steps: [actionsShellStep("Prove every tag whole", step("GITHUB_SHA"))],
      },
    },
  });
  const { steps } = asObject(asObject(asObject(parseYaml(file)).jobs).verify);
  const [served] = Array.isArray(steps) ? steps.map(asObject) : [];
  const environment = Object.entries(asObject(served?.env)).map(([name, value]): [string, StepValue] => {
    const [, secret] = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(String(value)) ?? [];
    return [name, secret === undefined ? String(value) : { secret }];
  });
  return { environment: Object.fromEntries(environment), commands: [String(served?.run)] };
}

describe.each([
  ["Woodpecker", byWoodpecker, "CI_COMMIT_SHA"],
  ["GitHub", byGitHub, "GITHUB_SHA"],
] as const)("the file for %s", (_name, serveStep, variable) => {
  async function run(secrets: Readonly<Record<string, string>> = SECRETS) {
    const served = { image: "", ...serveStep() };
    const result = await runStep(served, { cwd: folder, environment: { [variable]: COMMIT }, secrets });
    expect(result.stdout + result.stderr).not.toContain(USER.password);
    return result;
  }

  test("a whole push passes; the incident, and a push after it without a restart, fail the step", async () => {
    const copy = `dir:${join(folder, `copy-${variable}`)}`;
    const image = `docker://${registry.host}/team/ci`;
    expect(await skopeoCopy(`${image}:latest`, copy, { credentials: USER })).toMatchObject({ ok: true });
    const whole = await run();
    expect(whole.exitCode).toBe(0);
    expect(whole.stdout).toContain("2 tags");

    await registry.garbageCollect({ deleteUntagged: true });
    const broken = await run();
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toContain("index_child_missing");

    for (const tag of TAGS) {
      expect(await skopeoCopy(copy, `${image}:${tag}`, { credentials: USER })).toMatchObject({ ok: true });
    }
    const seeming = await run();
    expect(seeming.exitCode).toBe(1);
    expect(seeming.stdout).toMatch(/layer_missing|truncated|size_mismatch/);
  });

  test("a secret that did not arrive fails it, with what to do", async () => {
    const { exitCode, stderr } = await run({ registry_user: "ci" });
    expect(exitCode).toBe(64);
    expect(stderr).toBe(
      "verify-push: TALLYMAN_PASSWORD is empty: of the secret registry_password, which has to exist and to be given " +
        "to this event (Woodpecker gives none to a manual start by default)\n",
    );
  });
});
