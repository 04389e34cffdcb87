import { ConfigurationError, formatProblem } from "../../../lib/core/problem";
import { checkWoodpecker, scriptVariableBytes } from "../../../lib/pipeline/woodpecker/check-woodpecker";
import { CiText } from "../../../lib/pipeline/woodpecker/ci-text";
import type { StepCondition, WorkflowCondition } from "../../../lib/pipeline/woodpecker/condition";
import { renderWoodpecker } from "../../../lib/pipeline/woodpecker/render-woodpecker";
import type {
  CommandStep,
  Step,
  WoodpeckerWorkflow,
} from "../../../lib/pipeline/woodpecker/woodpecker-workflow";
import { scriptOf } from "./woodpecker-server";
import { brokenRules } from "./workflow-rules";

const STEP: CommandStep = { name: "work", image: "node:22.20.0", commands: ["true"] };

function problems(change: Partial<WoodpeckerWorkflow>): readonly string[] {
  return checkWoodpecker({ when: [{ event: "push" }], steps: [STEP], ...change }).map(formatProblem);
}

function step(change: Partial<CommandStep>, name = "work"): readonly string[] {
  return problems({ steps: [{ ...STEP, ...change, name }] });
}

test("nothing is wrong with the least of all workflows", () => {
  expect(problems({})).toEqual([]);
});

test.each<[string, readonly string[], string]>([
  ["no step", problems({ steps: [] }), "steps must not be empty, got []. Write at least one step."],
  ["no condition", problems({ when: [] }), "when must not be empty"],
  ["a floating image", step({ image: "node:22" }), "steps[0].image must be pinned: its tag moves"],
  ["an image without tag", step({ image: "node" }), "steps[0].image must be pinned"],
  ["no command", step({ commands: [] }), "steps[0].commands must not be empty"],
  ["an empty command", step({ commands: ["true", " "] }), "steps[0].commands[1] must not be empty"],
  ["a bad name", step({}, "a/b"), 'steps[0].name must be a step\'s name, got "a/b"'],
  ["a name twice", problems({ steps: [STEP, STEP] }), "steps[1].name must be unique"],
  [
    "a bad variable",
    step({ environment: { "A-B": "" } }),
    "steps[0].environment.A-B must be a variable's name",
  ],
  [
    "a nameless secret",
    step({ environment: { A: { secret: "" } } }),
    "steps[0].environment.A must name a secret",
  ],
  [
    "a nameless secret in settings",
    problems({ steps: [{ name: "p", image: "a:1.2.3", settings: { a: [{ b: { secret: "$x" } }] } }] }),
    "steps[0].settings.a.0.b must name a secret",
  ],
  [
    "a variable that is too long",
    step({ environment: { A: "x".repeat(131_070) } }),
    'steps[0].environment.A must fit into 131072 bytes, got "131073 bytes"',
  ],
  [
    "a floating service",
    problems({ services: [{ name: "db", image: "postgres:latest" }] }),
    "services[0].image must be pinned",
  ],
  [
    "a service that is no host",
    problems({ services: [{ name: "My_DB", image: "postgres:17.1.0" }] }),
    "services[0].name must be a host name",
  ],
  [
    "a floating clone",
    problems({ clone: { image: "woodpeckerci/plugin-git" } }),
    "clone.image must be pinned",
  ],
  [
    "a step that would start at once",
    problems({ steps: [STEP, { ...STEP, name: "next", dependsOn: ["work"] }] }),
    "steps[0].dependsOn must be given, as another step has it",
  ],
  [
    "a dependency that is not there",
    problems({ steps: [{ ...STEP, dependsOn: ["gone"] }] }),
    'steps[0].dependsOn must name steps of the workflow, got "gone". They are work.',
  ],
  [
    "steps that wait for one another",
    problems({
      steps: [
        { ...STEP, name: "a", dependsOn: ["b"] },
        { ...STEP, name: "b", dependsOn: ["c"] },
        { ...STEP, name: "c", dependsOn: ["b"] },
      ],
    }),
    "steps[1].dependsOn must not lead back to its own step",
  ],
])("%s", (_, found, expected) => {
  expect(found).toEqual([expect.stringContaining(expected)]);
});

test("a graph without a circle is right, and everything that is wrong is told at once", () => {
  const graph: readonly Step[] = [
    { ...STEP, name: "a", dependsOn: [] },
    { ...STEP, name: "b", dependsOn: ["a"] },
    { ...STEP, name: "c", dependsOn: ["a", "b"] },
  ];
  expect(problems({ steps: graph })).toEqual([]);
  const wrong = { when: [], steps: [{ ...STEP, image: "node", commands: [] }] };
  expect(() => renderWoodpecker(wrong)).toThrow(ConfigurationError);
  expect(checkWoodpecker(wrong)).toHaveLength(3);
});

describe("conditions", () => {
  const bad: readonly (readonly [string, object, string])[] = [
    [
      "a path for manual",
      { event: "manual", path: ["a"] },
      "path must stand with push and pull request events",
    ],
    ["a path for push and manual", { event: ["push", "manual"], path: ["a"] }, 'got ["push","manual"]'],
    ["a path for a tag", { event: "tag", path: ["a"] }, "path must stand with push"],
    ["a path for cron", { event: "cron", path: ["a"] }, "path must stand with push"],
    ["a path for any event", { path: ["a"] }, "path must stand with push"],
    ["a branch for a tag", { event: "tag", branch: "main" }, "branch must not stand with the event tag"],
    ["nothing", {}, "must say something"],
    ["an empty branch", { event: "push", branch: "" }, "branch must have a name or a pattern"],
    ["no branch", { event: "push", branch: [] }, "branch must have a name or a pattern"],
    ["no cron", { event: "cron", cron: {} }, "cron must have a name or a pattern"],
    ["no path", { event: "push", path: [] }, "path must name a file"],
    [
      "an absolute path",
      { event: "push", path: { exclude: ["/a"] } },
      "path must be relative to the repository",
    ],
    ["a path with a dot", { event: "push", path: ["./a"] }, "path must be relative to the repository"],
  ];
  test.each(bad)("%s", (_, condition, expected) => {
    // As JavaScript would: TypeScript refuses most of these already.
    const when: readonly StepCondition[] = JSON.parse(JSON.stringify([condition]));
    expect(problems({ steps: [{ ...STEP, when }] })).toEqual([expect.stringContaining(expected)]);
  });

  test("the compiler refuses what Woodpecker would pass over", () => {
    // @ts-expect-error no files changed on a manual run
    const manual: WorkflowCondition = { event: "manual", path: ["ci/**"] };
    // @ts-expect-error one condition for both would hold on every manual run, and never look at its path
    const both: WorkflowCondition = { event: ["push", "manual"], path: ["ci/**"] };
    // @ts-expect-error a tag is on no branch
    const tag: WorkflowCondition = { event: "tag", branch: "main" };
    // @ts-expect-error cron jobs have names, pushes have none
    const push: WorkflowCondition = { event: "push", cron: "nightly" };
    // @ts-expect-error a workflow names its events
    const any: WorkflowCondition = { branch: "main" };
    // @ts-expect-error a plugin with commands is none
    const plugin: Step = { name: "a", image: "a:1.2.3", settings: {}, commands: ["true"] };
    expect([manual, both, tag, push, any, plugin]).toHaveLength(6);
  });
});

describe("the script as an environment variable", () => {
  test.each(["true", "it's 'quoted'", "é".repeat(99), "x".repeat(40_000)])(
    "is at least as long as %.20s makes it",
    (one) => {
      const commands = [one, one];
      const bytes = Buffer.from(scriptOf(commands)).toString("base64").length;
      expect(scriptVariableBytes(commands)).toBeGreaterThanOrEqual(bytes);
      expect(scriptVariableBytes(commands)).toBeLessThan(bytes + 1_000);
    },
  );

  test("a program that no process could be given is refused", () => {
    expect(step({ commands: ["x".repeat(48_000)] })).toEqual([]);
    expect(step({ commands: ["x".repeat(49_000)] })).toEqual([
      expect.stringContaining("steps[0].commands must fit into 131072 bytes as the variable CI_SCRIPT"),
    ]);
  });
});

describe("CiText", () => {
  test("does not become a plain text by mistake", () => {
    expect(() => `${CiText.variable("CI_REPO")}`).toThrow("join it with others by CiText.of");
  });

  test.each([0, -1, 1.5, Number.NaN])("has no length of %d", (length) => {
    expect(() => CiText.variable("CI_COMMIT_SHA", { length })).toThrow(
      "length must be a whole number from 1 on",
    );
  });

  test("has no variable in which somebody writes freely", () => {
    // @ts-expect-error whoever commits writes it
    expect(() => CiText.variable("CI_COMMIT_MESSAGE")).toThrow(
      "variable must be one whose value is safe in YAML",
    );
  });
});

describe("the rules by which files are judged here", () => {
  const sound = { when: [{ event: "push" }], steps: [{ name: "a", image: "a", commands: ["true"] }] };

  test("take a sound file", () => {
    expect(brokenRules(sound)).toEqual([]);
  });

  test.each([
    ["an unknown key", { ...sound, pipeline: [] }],
    ["no steps", { when: sound.when }],
    ["empty steps", { ...sound, steps: [] }],
    ["an unknown key of a step", { ...sound, steps: [{ ...sound.steps[0], env: {} }] }],
    ["commands and settings", { ...sound, steps: [{ ...sound.steps[0], settings: {} }] }],
    ["a step without image", { ...sound, steps: [{ name: "a", commands: ["true"] }] }],
    ["an unknown event", { ...sound, when: [{ event: "merge" }] }],
    ["an unknown condition", { ...sound, when: [{ event: "push", files: ["a"] }] }],
    ["a path for manual", { ...sound, when: [{ event: ["push", "manual"], path: ["a"] }] }],
    ["a workflow for every event", { ...sound, when: [{ branch: "main" }] }],
    [
      "a secret beside a value",
      { ...sound, steps: [{ name: "a", image: "a", settings: { a: { from_secret: "b", c: 1 } } }] },
    ],
  ])("refuse %s", (_, file) => {
    expect(brokenRules(file)).not.toEqual([]);
  });
});
