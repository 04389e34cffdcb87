/** The rendered step, run by a real shell against the real registry, with the program out of its environment. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration } from "../../lib/core/duration";
import type { VerifyPushSpec } from "../../lib/pipeline/verify-push/verify-push-spec";
import { verifyPushStep } from "../../lib/pipeline/verify-push/verify-push-step";
import {
  type RunOptions,
  runStep,
  type StepRun,
  writeVerifyProgram,
} from "../pipeline/verify-push/step-runner";
import { Distribution } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import { skopeoCopy } from "../support/skopeo";
import { flipOneByte } from "../support/storage-damage";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";

const USER = { username: "ci", password: "cargo 'n' $manifest" };
/** What the program says of a registry without TLS, as that of the tests is. */
const PLAIN_HTTP = /^tallyman: credentials go to [0-9.:]+ over plain http\n/m;
const COMMIT = "8f3c21d0aa1122334455";
const index = twoPlatforms("verify-push", 20_000);
const other = twoPlatforms("verify-push/other");

let folder: string;
let program: string;
let registry: Distribution;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-verify-push-"));
  program = (await writeVerifyProgram(folder)).compressed;
  writeFileSync(join(folder, "htpasswd"), `${htpasswdLine(USER.username, USER.password)}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  registry = await Distribution.start({ htpasswdFile: join(folder, "htpasswd") });
  writeImage(registry.root, "team/ci", "latest", index);
  writeImage(registry.root, "team/ci", COMMIT.slice(0, 8), index);
});

afterEach(() => registry?.stop());

function spec(more: Partial<VerifyPushSpec> = {}): VerifyPushSpec {
  return {
    images: [
      {
        name: `${registry.url}/team/ci`,
        tags: ["latest", { variable: "CI_COMMIT_SHA", firstCharacters: 8 }],
      },
    ],
    credentials: {
      kind: "secrets",
      username: { secret: "registry_user" },
      password: { secret: "registry_password" },
    },
    platforms: ["linux/amd64", "linux/arm64"],
    program: { kind: "inline", file: program },
    ...more,
  };
}

const SECRETS = { registry_user: USER.username, registry_password: USER.password };

async function run(more: Partial<VerifyPushSpec> = {}, options: Partial<RunOptions> = {}): Promise<StepRun> {
  const result = await runStep(verifyPushStep(spec(more)), {
    cwd: folder,
    environment: { CI_COMMIT_SHA: COMMIT },
    secrets: SECRETS,
    ...options,
  });
  const output = result.stdout + result.stderr;
  for (const secret of [USER.password, Buffer.from(`${USER.username}:${USER.password}`).toString("base64")]) {
    expect(output).not.toContain(secret);
  }
  expect(output).not.toMatch(/\n {4}at /);
  return { ...result, stderr: result.stderr.replace(PLAIN_HTTP, "") };
}

test("a whole push passes: every tag, both platforms, the digest that was built, looked at twice", async () => {
  writeFileSync(join(folder, "digest.txt"), `${index.digest}\n`);
  const { exitCode, stdout, stderr } = await run({
    digest: { kind: "file", path: "digest.txt" },
    recheckAfter: Duration.milliseconds(300),
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("2 tags");
});

test("the incident fails it: gc -m has left an index without its children", async () => {
  expect((await run()).exitCode).toBe(0);
  await registry.garbageCollect({ deleteUntagged: true });
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(1);
  expect(stdout).toContain("index_child_missing");
  expect(stdout).toContain(firstChild(index).digest.hex.slice(0, 12));
});

test("F6b fails it: the push after gc -m ended with success, and the layers were never sent", async () => {
  const copy = join(folder, "copy");
  const image = `docker://${registry.host}/team/ci`;
  const credentials = { credentials: USER };
  expect((await skopeoCopy(`${image}:latest`, `dir:${copy}`, credentials)).ok).toBe(true);
  expect((await run()).exitCode).toBe(0);
  await registry.garbageCollect({ deleteUntagged: true });
  for (const tag of ["latest", COMMIT.slice(0, 8)]) {
    expect((await skopeoCopy(`dir:${copy}`, `${image}:${tag}`, credentials)).ok).toBe(true);
  }
  const seeming = await run();
  expect(seeming.exitCode).toBe(1);
  expect(seeming.stdout).toMatch(/layer_missing|truncated|size_mismatch/);
  await registry.restart();
  for (const tag of ["latest", COMMIT.slice(0, 8)]) {
    expect((await skopeoCopy(`dir:${copy}`, `${image}:${tag}`, credentials)).ok).toBe(true);
  }
  expect((await run()).exitCode).toBe(0);
});

test("a turned byte is found by full bytes alone", async () => {
  flipOneByte(registry.root, firstLayer(index).digest);
  expect((await run()).exitCode).toBe(0);
  const full = await run({ blobs: "full" });
  expect(full.exitCode).toBe(1);
  expect(full.stdout).toContain("digest_mismatch");
});

test("the second look sees what went wrong after the push", async () => {
  const running = run({ recheckAfter: Duration.seconds(3) });
  await new Promise((resolve) => setTimeout(resolve, 1_800));
  await registry.garbageCollect({ deleteUntagged: true });
  const { exitCode, stdout } = await running;
  expect(exitCode).toBe(1);
  expect(stdout).toContain("index_child_missing");
});

describe("what was pushed is not what was meant", () => {
  test("an absent tag", async () => {
    const { exitCode, stdout } = await run({}, { environment: { CI_COMMIT_SHA: "00000000ffff" } });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/manifest_missing {2}team\/ci\n.*\n *tags +00000000\n/);
  });

  test("another digest than the build's, by a file, buildx's metadata and a variable", async () => {
    writeFileSync(join(folder, "digest.txt"), `${other.digest}\n`);
    writeFileSync(
      join(folder, "metadata.json"),
      JSON.stringify({ "containerimage.digest": `${other.digest}`, "image.name": "team/ci" }),
    );
    const environment = { CI_COMMIT_SHA: COMMIT, DIGEST: `${other.digest}` };
    for (const digest of [
      { kind: "file", path: "digest.txt" },
      { kind: "metadata-file", path: "metadata.json" },
      { kind: "variable", variable: "DIGEST" },
    ] as const) {
      const { exitCode, stdout } = await run({ digest }, { environment });
      expect(exitCode).toBe(1);
      expect(stdout).toContain(other.digest.hex.slice(0, 12));
    }
  });

  test("a platform that the build forgot", async () => {
    const { exitCode, stdout } = await run({ platforms: ["linux/amd64", "linux/s390x"] });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("linux/s390x");
  });
});

describe("what did not arrive is said in one line, and nothing is asked", () => {
  test.each(["registry_user", "registry_password"] as const)("the secret %s", async (name) => {
    const { exitCode, stdout, stderr } = await run({}, { secrets: { ...SECRETS, [name]: "" } });
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(
      new RegExp(`^verify-push: TALLYMAN_[A-Z]+ is empty: of the secret ${name}, [^\\n]+\\n$`),
    );
    expect(stdout).not.toContain("tags");
  });

  test("the commit, and the digest's file", async () => {
    const commit = await run({}, { environment: {} });
    expect([commit.exitCode, commit.stderr]).toEqual([
      64,
      "verify-push: CI_COMMIT_SHA is empty: it is the tag that was pushed\n",
    ]);
    const digest = await run({ digest: { kind: "metadata-file", path: "no-such.json" } });
    expect(digest.exitCode).toBe(64);
    expect(digest.stderr).toMatch(/^verify-push: no-such\.json holds no digest[^\n]+\n$/);
  });

  test("the program, cut short on its way", async () => {
    const step = verifyPushStep(spec());
    const cut = {
      ...step.environment,
      TALLYMAN_PROGRAM: `${step.environment.TALLYMAN_PROGRAM}`.slice(0, 9_000),
    };
    const { exitCode, stderr } = await runStep(
      { ...step, environment: cut },
      { cwd: folder, environment: { CI_COMMIT_SHA: COMMIT }, secrets: SECRETS },
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^verify-push: the program did not start: [^\n]+\n$/),
    ]);
  });
});

test("wrong credentials are no verdict: 2", async () => {
  expect((await run({}, { secrets: { ...SECRETS, registry_password: "guessed" } })).exitCode).toBe(2);
});

describe("a list of references in a variable", () => {
  const images = { variable: "IMAGES" };

  test("separated by commas, spaces or line breaks; no word is a pattern or an option", async () => {
    const name = `${registry.url}/team/ci`;
    const IMAGES = `${name}:latest,\n${name}:${COMMIT.slice(0, 8)}`;
    const whole = await run({ images }, { environment: { IMAGES } });
    expect([whole.exitCode, whole.stderr]).toEqual([0, ""]);
    expect(whole.stdout).toContain("2 tags");
    for (const word of ["--insecure-skip-tls-verify", "*", "$(touch owned)"]) {
      const odd = await run({ images }, { environment: { IMAGES: `${name}:latest ${word}` } });
      expect([odd.exitCode, odd.stderr]).toEqual([64, expect.stringContaining("is no image")]);
    }
    expect((await run({ images }, { environment: { IMAGES: "" } })).exitCode).toBe(64);
  });
});

test("the user's name may be a variable of the pipeline", async () => {
  const credentials = {
    kind: "secrets",
    username: { variable: "CI_COMMIT_AUTHOR" },
    password: { secret: "registry_password" },
  } as const;
  const environment = { CI_COMMIT_SHA: COMMIT, CI_COMMIT_AUTHOR: USER.username };
  expect((await run({ credentials }, { environment })).exitCode).toBe(0);
});
