import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Duration } from "../../../lib/core/duration";
import { NODE_IMAGE } from "../../../lib/core/versions";
import { MAX_ENVIRONMENT_STRING_BYTES } from "../../../lib/pipeline/verify-push/check-verify-program";
import { shellQuote } from "../../../lib/pipeline/verify-push/shell-quote";
import type { VerifyPushSpec } from "../../../lib/pipeline/verify-push/verify-push-spec";
import { verifyPushStep } from "../../../lib/pipeline/verify-push/verify-push-step";
import { escapeCiText } from "../../../lib/pipeline/woodpecker/ci-text";
import { requireTool } from "../../support/require-tool";
import { ciScript, type VerifyProgramFiles, writeVerifyProgram } from "./step-runner";

const ROOM_BYTES = 40 * 1024;

let folder: string;
let program: VerifyProgramFiles;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-verify-step-"));
  program = await writeVerifyProgram(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spec(more: Partial<VerifyPushSpec> = {}): VerifyPushSpec {
  return {
    images: [
      {
        name: "registry.example.com:5050/infra-ci",
        tags: ["latest", { variable: "CI_COMMIT_SHA", firstCharacters: 8 }],
      },
    ],
    credentials: {
      kind: "secrets",
      username: { secret: "registry_user" },
      password: { secret: "registry_password" },
    },
    program: { kind: "inline", file: program.compressed },
    ...more,
  };
}

const verifyWords = (step: { readonly commands: readonly string[] }): string =>
  (step.commands.at(-1) ?? "").replace(/^node -e '[^']*' -- /, "");

test("the estate's push: both tags, secrets by name alone, in the pinned image", () => {
  const step = verifyPushStep(spec({ platforms: ["linux/amd64"] }));
  expect(step.image).toBe(NODE_IMAGE);
  expect(step.environment).toEqual({
    TALLYMAN_USERNAME: { secret: "registry_user" },
    TALLYMAN_PASSWORD: { secret: "registry_password" },
    TALLYMAN_PROGRAM: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
  });
  expect(verifyWords(step)).toBe(
    "verify --expect-platform=linux/amd64 -- registry.example.com:5050/infra-ci:latest " +
      '"registry.example.com:5050/infra-ci:$(printf %.8s "$CI_COMMIT_SHA")"',
  );
  expect(step.commands.slice(0, -1).map((command) => command.split(" ||")[0])).toEqual([
    `[ -n "\${TALLYMAN_USERNAME:-}" ]`,
    `[ -n "\${TALLYMAN_PASSWORD:-}" ]`,
    `[ -n "\${CI_COMMIT_SHA:-}" ]`,
  ]);
  expect(step.commands.join("\n")).not.toMatch(/apk|apt-get|curl|wget/);
});

test("every option of the spec is a word of the program", () => {
  const step = verifyPushStep(
    spec({
      platforms: ["linux/amd64", "linux/arm/v7"],
      digest: { kind: "variable", variable: "DIGEST" },
      blobs: "full",
      recheckAfter: Duration.minutes(5),
      deadline: Duration.minutes(3),
      caFile: "ci/our ca.pem",
      address: "10.0.20.10:5050",
      image: "node:22.20.0-alpine",
    }),
  );
  expect(step.image).toBe("node:22.20.0-alpine");
  expect(verifyWords(step).split(" -- ")[0]).toBe(
    'verify "--expect-digest=$DIGEST" --expect-platform=linux/amd64 --expect-platform=linux/arm/v7 --blobs=full ' +
      "--recheck-after=5m --deadline=3m --ca='ci/our ca.pem' --address=10.0.20.10:5050",
  );
});

test("anonymous and a Docker config ask for no secret", () => {
  const anonymous = verifyPushStep(spec({ credentials: { kind: "anonymous" } }));
  const configured = verifyPushStep(spec({ credentials: { kind: "docker-config", path: "ci/config.json" } }));
  for (const step of [anonymous, configured]) {
    expect(Object.keys(step.environment)).toEqual(["TALLYMAN_PROGRAM"]);
    expect(step.commands.join()).not.toContain("TALLYMAN_PASSWORD");
  }
  expect(verifyWords(configured)).toContain("--docker-config=ci/config.json");
});

test("two images with one tag each of the same name are asked once", () => {
  const image = { name: "registry.example.com/app", tags: ["1.0"] };
  expect(verifyWords(verifyPushStep(spec({ images: [image, image] })))).toBe(
    "verify -- registry.example.com/app:1.0",
  );
});

test("the program and the script each fit into one string of the environment, with room", () => {
  const step = verifyPushStep(
    spec({ platforms: ["linux/amd64"], digest: { kind: "metadata-file", path: "m.json" } }),
  );
  const strings = [
    ...Object.entries(step.environment).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    `CI_SCRIPT=${ciScript(step.commands)}`,
  ];
  for (const text of strings) {
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_ENVIRONMENT_STRING_BYTES - ROOM_BYTES);
  }
  // Even where a pipeline puts the environment into the script, as some runners without containers do.
  const whole = Buffer.from(strings.join("\n")).toString("base64");
  expect(Buffer.byteLength(whole)).toBeLessThan(MAX_ENVIRONMENT_STRING_BYTES - ROOM_BYTES);
  // The limit is Linux's own.
  const run = (length: number) =>
    spawnSync("/bin/true", [], { env: { X: "x".repeat(length - "X=".length - 1) } }).error === undefined;
  expect([run(MAX_ENVIRONMENT_STRING_BYTES), run(MAX_ENVIRONMENT_STRING_BYTES + 1)]).toEqual([true, false]);
});

test("the same source gives the same step", async () => {
  const again = mkdtempSync(join(folder, "again-"));
  const { compressed } = await writeVerifyProgram(again);
  expect(verifyPushStep(spec({ program: { kind: "inline", file: compressed } }))).toEqual(
    verifyPushStep(spec()),
  );
  expect(statSync(compressed).size).toBeLessThan(statSync(program.plain).size / 2);
});

/** What Woodpecker makes of a file's text: only `$$` and `${…}` mean anything to it. */
function substitute(text: string): string {
  return text.replace(/\$\$|\$\{[^}]*\}/g, (match) => (match === "$$" ? "$" : "<substituted>"));
}

function syntaxError(shell: readonly string[], script: string): string {
  const [command = "sh", ...words] = shell;
  const { stderr, status } = spawnSync(command, [...words, "-n"], { input: script, encoding: "utf8" });
  return `${status} ${stderr}`;
}

describe("the shell in it is sound after every layer of escaping", () => {
  const variants: readonly (readonly [string, () => Partial<VerifyPushSpec>])[] = [
    ["plain", () => ({})],
    ["a digest in a file", () => ({ digest: { kind: "file", path: "it's a file.txt" } })],
    ["buildx's metadata", () => ({ digest: { kind: "metadata-file", path: "$HOME/`x`.json" } })],
    ["a list of images", () => ({ images: { variable: "IMAGES" } })],
    [
      "a program by its URL",
      () => ({
        program: { kind: "url", url: "https://example.com/it's$(x)?a=$b&c", sha256: "a".repeat(64) },
      }),
    ],
    [
      "odd secret names",
      () => ({
        credentials: { kind: "secrets", username: { variable: "WHO" }, password: { secret: "a.b-c" } },
      }),
    ],
  ];

  test.each(variants)("%s", (_name, more) => {
    const { commands } = verifyPushStep(spec(more()));
    for (const command of commands) expect(command).not.toMatch(/[\r\n]/);
    const raw = commands.join("\n");
    const read = substitute(escapeCiText(raw));
    expect(read).toBe(raw);
    const traced = Buffer.from(ciScript(commands), "base64").toString("utf8");
    for (const script of [raw, read, traced]) {
      expect(syntaxError(["/bin/sh"], script)).toBe("0 ");
      expect(syntaxError(["bash", "--posix"], script)).toBe("0 ");
    }
    const check = spawnSync(requireTool("shellcheck"), ["--shell=sh", "--exclude=SC2016", "-"], {
      input: `#!/bin/sh -e\n${raw}\n`,
      encoding: "utf8",
    });
    expect(`${check.status} ${check.stdout}`).toBe("0 ");
  });

  test("the check sees what it should: a quote left open, and a substitution that was not escaped", () => {
    expect(syntaxError(["/bin/sh"], "echo 'x")).not.toBe("0 ");
    expect(substitute(`[ -n "\${CI_COMMIT_SHA:-}" ]`)).toContain("<substituted>");
  });
});

test("a quoted word reaches a program as it was, whatever it holds", () => {
  const word = fc
    .string({ unit: "grapheme-composite", maxLength: 30 })
    .filter((text) => !text.includes("\0"));
  const awkward = fc.string({
    unit: fc.constantFrom("'", '"', "$", "`", "\\", "\n", " ", "*", "-", "a", "{", "}", "#"),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(word, awkward), { minLength: 1, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
      const { stdout } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
      expect(stdout.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 40 },
  );
});
