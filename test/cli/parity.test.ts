import fc from "fast-check";
import type { RawArguments } from "../../lib/cli/arguments";
import { type CliEnvironment, processEnvironment } from "../../lib/cli/environment";
import { main } from "../../lib/cli/main";
import { type CommandSpec, PROBE_COMMAND, SERVE_COMMAND, VERIFY_COMMAND } from "../../lib/cli/option-table";
import { runProgram } from "../../lib/cli/run-program";

/** What reached a command, instead of the command. */
const mockReached: { command: string; raw: RawArguments }[] = [];

jest.mock("../../lib/cli/probe-command", () => ({
  readProbeOptions: (raw: RawArguments) => mockReached.push({ command: "probe", raw }),
  probe: async () => 0,
}));
jest.mock("../../lib/cli/serve-command", () => ({
  readServeOptions: (raw: RawArguments) => mockReached.push({ command: "serve", raw }),
  serve: async () => 0,
}));
jest.mock("../../lib/cli/verify-command", () => ({
  readVerifyOptions: (raw: RawArguments) => mockReached.push({ command: "verify", raw }),
  verify: async () => 0,
}));

type Parser = (words: readonly string[], environment: CliEnvironment) => Promise<number>;

async function outcome(parse: Parser, words: readonly string[]) {
  mockReached.length = 0;
  const ignore = () => undefined;
  const code = await parse(words, { ...processEnvironment(), env: {}, write: ignore, writeError: ignore });
  const [reached] = mockReached;
  if (reached === undefined) return { code };
  const given = Object.entries(reached.raw.values).filter(([, value]) => value !== undefined);
  return {
    code,
    command: reached.command,
    values: Object.fromEntries(given),
    positionals: [...reached.raw.positionals],
  };
}

async function expectParity(words: readonly string[]) {
  const ofProgram = await outcome(runProgram, words);
  expect(await outcome(main, words)).toEqual(ofProgram);
  return ofProgram;
}

test.each<[readonly string[], Record<string, unknown>, string[]]>([
  [["probe", "r"], {}, ["r"]],
  [["probe"], {}, []],
  [["probe", "r", "s"], {}, ["r", "s"]],
  [["probe", "--private", "r", "--exit-zero"], { private: true, "exit-zero": true }, ["r"]],
  [
    ["probe", "r", "--start-jitter", "60s", "--insecure-skip-tls-verify"],
    { "start-jitter": "60s", "insecure-skip-tls-verify": true },
    ["r"],
  ],
  [["probe", "r", "--rate=0", "--rate", "7"], { rate: "7" }, ["r"]],
  [["probe", "r", "--repository", "a", "--repository=b/c"], { repository: ["a", "b/c"] }, ["r"]],
  [["probe", "r", "--instance", ""], { instance: "" }, ["r"]],
  [["probe", "r", "--instance=-x"], { instance: "-x" }, ["r"]],
  [["probe", "r", "--instance=a=b"], { instance: "a=b" }, ["r"]],
  [["probe", "r", "--accept-file", "-"], { "accept-file": "-" }, ["r"]],
  [["probe", "--", "r", "--private"], {}, ["r", "--private"]],
  [
    ["verify", "a", "b", "--expect-platform", "linux/amd64", "c"],
    { "expect-platform": ["linux/amd64"] },
    ["a", "b", "c"],
  ],
  [
    ["verify", "a", "--verify-bytes", "all", "--token-host", "x"],
    { "verify-bytes": "all", "token-host": ["x"] },
    ["a"],
  ],
])("%j reach the command alike", async (words, values, positionals) => {
  expect(await expectParity(words)).toEqual({ code: 0, command: words[0], values, positionals });
});

test.each([
  [[]],
  [["prob", "r"]],
  [["probe", "r", "--nope"]],
  [["probe", "r", "-x"]],
  [["probe", "r", "--rate"]],
  [["probe", "r", "--rate", "-1"]],
  [["probe", "r", "--instance", "--private"]],
  [["probe", "r", "--repository", "a", "--repository", "-b"]],
  [["probe", "r", "--instance", "--private", "--instance", "b"]],
  [["probe", "r", "--private=yes"]],
  [["probe", "r", "--repo", "a"]],
  [["verify", "a", "--push", "http://b"]],
  [["--private", "probe"]],
])("%j are refused alike", async (words) => {
  expect(await expectParity(words)).toEqual({ code: 64 });
});

test.each([[["--help"]], [["probe", "--help"]], [["verify", "a", "--rate", "1", "--help"]], [["help"]]])(
  "%j help alike",
  async (words) => {
    expect(await expectParity(words)).toEqual({ code: 0 });
  },
);

test("any words of the table reach the command alike", async () => {
  const value = fc.constantFrom("a", "", "-", "-1", "--private", "--nope", "x=y", "1/2", "ä b");
  const wordsOf = (command: CommandSpec) => {
    const option = fc
      .tuple(fc.constantFrom(...command.options), value, fc.boolean())
      .map(([spec, text, isJoined]) => {
        const flag = `--${spec.name}`;
        if (spec.value === null) return [isJoined ? `${flag}=${text}` : flag];
        return isJoined ? [`${flag}=${text}`] : [flag, text];
      });
    const names = fc.constantFrom(["registry"], ["a/b:1"], ["-"], [""], ["--"]);
    return fc
      .array(fc.oneof(option, names), { maxLength: 5 })
      .map((parts) => [command.name, ...parts.flat()]);
  };
  const codes = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(wordsOf(PROBE_COMMAND), wordsOf(VERIFY_COMMAND), wordsOf(SERVE_COMMAND)),
      async (words) => {
        codes.add((await expectParity(words)).code);
      },
    ),
    { numRuns: 200 },
  );
  expect(codes).toEqual(new Set([0, 64]));
});
