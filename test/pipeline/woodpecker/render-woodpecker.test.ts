import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { shellQuote } from "../../../lib/pipeline/verify-push/shell-quote";
import { CiText } from "../../../lib/pipeline/woodpecker/ci-text";
import { renderWoodpecker } from "../../../lib/pipeline/woodpecker/render-woodpecker";
import type { CommandStep, WoodpeckerWorkflow } from "../../../lib/pipeline/woodpecker/woodpecker-workflow";
import { scriptOf, serve, stepsOf, substitute } from "./woodpecker-server";
import { brokenRules } from "./workflow-rules";

const SHA = "0123456789abcdef0123456789abcdef01234567";
const COMMIT = CiText.variable("CI_COMMIT_SHA", { length: 8 });
const STEP: CommandStep = { name: "work", image: "node:22.20.0", commands: ["true"] };

function workflow(step: Partial<CommandStep> = {}): WoodpeckerWorkflow {
  return { when: [{ event: "push" }], steps: [{ ...STEP, ...step }] };
}

/** Everything that the model has. */
const WHOLE: WoodpeckerWorkflow = {
  when: [
    { event: ["push", "pull_request"], branch: "main", path: ["ci/**"] },
    { event: "push", path: { include: ["a"], exclude: ["*.md"], onEmpty: false, ignoreMessage: "[ALL]" } },
    { event: "tag", ref: "refs/tags/v*" },
    { event: "cron", cron: "nightly", branch: { include: ["main"], exclude: ["old/*"] } },
    { event: ["manual", "deployment"], repo: ["a/b"], platform: "linux/amd64", instance: "ci.example.com" },
    { event: "release", evaluate: 'CI_COMMIT_TAG != "x"' },
  ],
  dependsOn: ["lint"],
  labels: { size: "large" },
  matrix: { NODE: ["20", "22"] },
  skipClone: false,
  clone: { image: "woodpeckerci/plugin-git:2.10.0", settings: { depth: 1, tags: true } },
  services: [
    {
      name: "db",
      image: "postgres:17.1.0",
      environment: { POSTGRES_PASSWORD: { secret: "db" } },
      ports: [5432],
    },
  ],
  steps: [
    {
      name: "build",
      image: "node:22.20.0",
      dependsOn: [],
      when: [{ status: ["success", "failure"], matrix: { NODE: "22" } }],
      failure: "cancel",
      detach: true,
      directory: "sub",
      pull: true,
      privileged: false,
      environment: { TOKEN: { secret: "token" }, PLAIN: "$HOME", COMMIT },
      commands: ["npm ci", `echo "$PLAIN \${TOKEN:-none}"`],
      backendOptions: {
        docker: { user: "1000:1000" },
        kubernetes: {
          serviceAccountName: "ci",
          resources: { requests: { memory: "64Mi" }, limits: { cpu: "1" } },
          nodeSelector: { "kubernetes.io/arch": "amd64" },
          tolerations: [{ key: "ci", operator: "Exists", effect: "NoSchedule" }],
          secrets: [{ name: "aws", key: "id", target: { env: "AWS_ID" } }],
        },
      },
    },
    {
      name: "publish",
      image: "plugins/any:1.2.3",
      dependsOn: ["build"],
      failure: "ignore",
      settings: { list: ["a", { secret: "b" }], map: { deep: { secret: "c" }, $key: "$v" }, on: true, n: 3 },
    },
  ],
};

describe("the file as the server reads it", () => {
  test("every part of the model, in Woodpecker's words", () => {
    const served = serve(renderWoodpecker(WHOLE), { CI_COMMIT_SHA: SHA });
    expect(brokenRules(served)).toEqual([]);
    expect(served).toEqual({
      when: [
        { event: ["push", "pull_request"], branch: "main", path: ["ci/**"] },
        {
          event: "push",
          path: { include: ["a"], exclude: ["*.md"], on_empty: false, ignore_message: "[ALL]" },
        },
        { event: "tag", ref: "refs/tags/v*" },
        { event: "cron", cron: "nightly", branch: { include: ["main"], exclude: ["old/*"] } },
        {
          event: ["manual", "deployment"],
          repo: ["a/b"],
          platform: "linux/amd64",
          instance: "ci.example.com",
        },
        { event: "release", evaluate: 'CI_COMMIT_TAG != "x"' },
      ],
      depends_on: ["lint"],
      labels: { size: "large" },
      matrix: { NODE: ["20", "22"] },
      skip_clone: false,
      clone: { git: { image: "woodpeckerci/plugin-git:2.10.0", settings: { depth: 1, tags: true } } },
      services: [
        {
          name: "db",
          image: "postgres:17.1.0",
          environment: { POSTGRES_PASSWORD: { from_secret: "db" } },
          ports: [5432],
        },
      ],
      steps: [
        {
          name: "build",
          image: "node:22.20.0",
          when: [{ status: ["success", "failure"], matrix: { NODE: "22" } }],
          depends_on: [],
          failure: "cancel",
          pull: true,
          privileged: false,
          directory: "sub",
          backend_options: WHOLE.steps[0]?.backendOptions,
          detach: true,
          environment: { TOKEN: { from_secret: "token" }, PLAIN: "$HOME", COMMIT: "01234567" },
          commands: ["npm ci", `echo "$PLAIN \${TOKEN:-none}"`],
        },
        {
          name: "publish",
          image: "plugins/any:1.2.3",
          depends_on: ["build"],
          failure: "ignore",
          settings: {
            list: ["a", { from_secret: "b" }],
            map: { deep: { from_secret: "c" }, $key: "$v" },
            on: true,
            n: 3,
          },
        },
      ],
    });
  });

  test.each(["12345678", "1234e567", "00000000", "0x123456", ""])("a commit of %j stays a text", (commit) => {
    const text = renderWoodpecker(workflow({ environment: { COMMIT, IN: CiText.of("a: ", COMMIT) } }));
    const [step] = stepsOf(serve(text, { CI_COMMIT_SHA: commit }));
    expect(step?.environment).toEqual({ COMMIT: commit, IN: `a: ${commit}` });
  });

  test("a text that looks like a place for a substitution is none", () => {
    const texts = { A: " #substitution:0#", B: " #substitution-:0#", COMMIT };
    const text = renderWoodpecker(workflow({ environment: texts }));
    const [step] = stepsOf(serve(text, { CI_COMMIT_SHA: SHA }));
    expect(step?.environment).toEqual({ A: texts.A, B: texts.B, COMMIT: "01234567" });
  });

  test("a comment is not substituted either", () => {
    const text = renderWoodpecker(workflow(), `costs \${CI_COMMIT_SHA} and $$5\nnever \${ends`);
    expect(substitute(text, { CI_COMMIT_SHA: "x\nsteps: []" }).split("\n").slice(0, 2)).toEqual([
      `# costs \${CI_COMMIT_SHA} and $$5`,
      `# never \${ends`,
    ]);
  });
});

/** Rich in what means something to a substitution, a shell or YAML. */
const piece = fc.oneof(
  fc.constantFrom(
    "$",
    "$$",
    "${",
    "}",
    `\${CI_COMMIT_SHA:0:8}`,
    "$(",
    "`",
    "'",
    '"',
    "\\",
    "%",
    "#",
    " #",
    ": ",
  ),
  fc.constantFrom(
    "\n",
    "\t",
    " ",
    "- ",
    "|",
    ">",
    "&a",
    "*a",
    "!",
    "{{",
    "😀",
    "é",
    "\u2028",
    "null",
    "0x1f",
    "~",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const anyText = fc.array(piece, { maxLength: 8 }).map((all) => all.join(""));

describe("escaping", () => {
  test("every text arrives as it was meant, with a substitution beside it too", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (before, after, key) => {
        const mixed = CiText.of(before, COMMIT, after);
        const file = renderWoodpecker({
          when: [{ event: "push" }],
          steps: [
            { ...STEP, environment: { BEFORE: before, MIXED: mixed } },
            { name: "plugin", image: "a:1.2.3", settings: { [`k${key}`]: [after, mixed] } },
          ],
        });
        const [step, plugin] = stepsOf(serve(file, { CI_COMMIT_SHA: SHA }));
        // With an escape that a later server might no longer take away it would mean something else there.
        expect(file).not.toMatch(/\\[\\/]/);
        const expected = `${before}01234567${after}`;
        expect(step?.environment).toEqual({ BEFORE: before, MIXED: expected });
        expect(plugin?.settings).toEqual({ [`k${key}`]: [after, expected] });
      }),
      { numRuns: 300 },
    );
  });

  test("a substitution at the beginning of a line within quotes is whole", () => {
    const mixed = CiText.of("\t\u{10000}${\n\n", COMMIT, " after");
    const file = renderWoodpecker({
      when: [{ event: "push" }],
      steps: [{ ...STEP, environment: { MIXED: mixed } }],
    });
    const [step] = stepsOf(serve(file, { CI_COMMIT_SHA: SHA }));
    expect(step?.environment).toEqual({ MIXED: "\t\u{10000}${\n\n01234567 after" });
  });

  test("commands are what the shell runs: each of many texts is printed by sh as it was meant", () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-woodpecker-"));
    const out = join(folder, "out");
    try {
      fc.assert(
        fc.property(fc.array(anyText, { minLength: 20, maxLength: 60 }), (texts) => {
          // In the order of a real step: quoted in a command, and by a variable of its environment.
          const commands = texts.flatMap((one, index) => [
            `printf '%s\\0' ${shellQuote(one)} >&3`,
            `printf '%s\\0' "$TEXT_${index}" >&3`,
          ]);
          const environment = Object.fromEntries(texts.map((one, index) => [`TEXT_${index}`, one]));
          const [step] = stepsOf(serve(renderWoodpecker(workflow({ commands, environment }))));
          const script = `exec 3>${shellQuote(out)}\n${scriptOf(step?.commands ?? [])}`;
          expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0 });
          const given = Object.entries(step?.environment ?? {}).map(([name, text]) => [name, String(text)]);
          const env = { PATH: process.env.PATH, ...Object.fromEntries(given) };
          const run = spawnSync("sh", ["-e"], { input: script, env, encoding: "utf8" });
          expect(run).toMatchObject({ status: 0, stderr: "" });
          expect(readFileSync(out, "utf8")).toBe(texts.map((one) => `${one}\0${one}\0`).join(""));
        }),
        { numRuns: 12 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
