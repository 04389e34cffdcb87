import { type CliEnvironment, processEnvironment } from "../../lib/cli/environment";
import { COMMANDS, main } from "../../lib/cli/main";
import { type CommandSpec, formatHelp } from "../../lib/cli/option-table";

async function run(words: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const environment: CliEnvironment = {
    ...processEnvironment(),
    env: {},
    isTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  };
  const code = await main(words, environment);
  return { code, stdout, stderr };
}

const SPECS: readonly (readonly [string, CommandSpec])[] = COMMANDS.map(({ spec }) => [spec.name, spec]);

/** Of the options alone: summary and usage may name one, too. */
function optionLines(help: string): readonly string[] {
  const [, options = ""] = help.split("\nOptions:\n");
  return options.trimEnd().split("\n").filter(Boolean);
}

test("every command stands in the help of the program, once, with its summary", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) +(\S.*)$/gm)].map(([, name, summary]) => [name, summary]);
  expect(listed).toEqual(COMMANDS.map(({ spec }) => [spec.name, spec.summary]));
});

describe.each(SPECS)("%s", (name, spec) => {
  test("--help says everything that the command takes, and nothing else", async () => {
    const { code, stdout, stderr } = await run([name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(formatHelp(spec));
    expect(stdout).toContain(`Usage: tallyman ${name}`);
    expect(stdout).toContain(spec.argument);
    expect(stdout).toContain(`\n\n${spec.summary}\n`);
    const lines = optionLines(stdout);
    expect(lines.map((line) => /^ {2}--([a-z-]+)/.exec(line)?.[1])).toEqual(
      spec.options.map((option) => option.name),
    );
    spec.options.forEach((option, at) => {
      expect(lines[at]).toContain(option.help);
      if (option.value !== null) expect(lines[at]).toContain(`--${option.name} <${option.value}>`);
      if (option.default !== undefined) expect(lines[at]).toContain(`(default: ${option.default})`);
      expect(lines[at]?.includes("(repeatable)")).toBe(option.repeatable === true);
    });
  });

  test("help reads as sentences do: a summary ends, an option's help does not", () => {
    expect(spec.summary).toMatch(/^[A-Z].*[.)]$/);
    for (const { help } of spec.options) expect(help).toMatch(/[^.\s]$/);
  });

  test("`help` before it says the same", async () => {
    expect(await run(["help", name])).toMatchObject({ code: 0, stdout: formatHelp(spec) });
  });

  test("an option that is not there is refused in one line, with the one that was meant", async () => {
    for (const { name: option } of spec.options) {
      const wrong = `--${option}x`;
      const { code, stdout, stderr } = await run([name, wrong]);
      expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
      expect(stderr).toBe(
        `tallyman: unknown option '${wrong}'; did you mean --${option}? \`tallyman --help\` lists what there is\n`,
      );
    }
  });
});

test.each<[string[], string]>([
  [["hots"], "unknown command 'hots'; did you mean host? "],
  [["scna"], "unknown command 'scna'; did you mean scan? "],
  [["zzzzzzzz"], "unknown command 'zzzzzzzz'. `tallyman --help`"],
  [["--versoin"], "unknown option '--versoin'; did you mean --version? "],
  [["demo", "x"], "too many arguments for 'demo'. Expected 0 arguments but got 1. `tallyman"],
  [["zz\u001b[31m\nzz"], "unknown command 'zz\\u001b[31m\\u000azz'. "],
  [
    ["host", "chek"],
    'host check [<folder>] --ssh root@registry.example.com`, got "chek"; did you mean "check"?',
  ],
  [["host", "zzzzzz"], 'got "zzzzzz"'],
  [["catalog", "rendr", "a.json"], 'got "rendr"; did you mean "render"?'],
  [["catalog", "import", "a.md", "--format", "jsno"], 'got "jsno"; did you mean "json"?'],
  [["diff", "a", "b", "--fail-on", "dangr"], 'got "dangr"; did you mean "danger"?'],
  [["init", "--ci", "githb"], 'got "githb"; did you mean "github"?'],
])("%j exits 64 and says in one line what was meant", async (words, message) => {
  const { code, stdout, stderr } = await run(words);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^tallyman: .+\n$/);
});
