import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readSectionArguments } from "../../bench/section";

const ROOT = join(__dirname, "..", "..");
const RUN = join(ROOT, "bench", "run.js");
const { parseWords } = jest.requireActual<{
  readonly parseWords: (
    words: readonly string[],
    names?: readonly string[],
  ) => {
    readonly section: string | null;
    readonly words: readonly string[];
    readonly problem: string | null;
  };
}>("../../bench/run.js");

test.each<[readonly string[], string | null, readonly string[]]>([
  [[], null, []],
  [["--long"], null, ["--long"]],
  [["--long", "--rounds", "2"], null, ["--long", "--rounds", "2"]],
  [["walk"], "walk", []],
  [["scan", "--long", "--rounds", "2"], "scan", ["--long", "--rounds", "2"]],
])("npm run bench -- %j", (given, section, words) => {
  expect(parseWords(given, ["walk", "scan"])).toEqual({ section, words, problem: null });
});

test.each<[readonly string[], string]>([
  [["wlak"], "section must be one of walk, scan, got wlak. Write: npm run bench -- walk"],
  [
    ["--rounds", "many"],
    "the whole benchmark takes --long and --rounds n alone, got many. Write: npm run bench -- --long",
  ],
  [
    ["--long", "walk"],
    "the whole benchmark takes --long and --rounds n alone, got walk. Write: npm run bench -- --long",
  ],
])("npm run bench -- %j is refused", (given, problem) => {
  expect(parseWords(given, ["walk", "scan"]).problem).toBe(problem);
});

test.each([
  [[], { form: "quick", record: null, rounds: null }],
  [["--long", "--record", "a.json", "--rounds", "7"], { form: "long", record: "a.json", rounds: 7 }],
])("a section's %j", (words, expected) => {
  expect(readSectionArguments(words)).toMatchObject(expected);
});

test.each(["0", "-1", "1.5", "many", ""])("--rounds=%s is refused", (rounds) => {
  expect(() => readSectionArguments([`--rounds=${rounds}`])).toThrow(
    `--rounds must be a whole number above 0, got ${rounds}. Write: --rounds 3`,
  );
});

test("an unknown section ends with 64, a known one runs and prints what it found", () => {
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [RUN, ...words], { cwd: ROOT, encoding: "utf8" });
  expect(run("nothing")).toMatchObject({ status: 64, stdout: "" });
  const { status, stdout } = run("program", "--rounds", "1");
  expect(stdout).toMatch(/^`tallyman\.mjs` +[\d.,]+ +[\d.,]+ {2}runs in the cluster/m);
  expect(stdout).toMatch(/^`node -e 0` +[\d.,]+ +[\d.,]+ +1\.00/m);
  expect(status).toBe(0);
});
