import { parseCommandLine } from "../../../lib/cli/arguments";
import { RETAIN_COMMAND } from "../../../lib/cli/retain/retain-command";
import { readRetainOptions } from "../../../lib/cli/retain/retain-options";

const read = (...words: string[]) => readRetainOptions(parseCommandLine(RETAIN_COMMAND, words));

test("the defaults: a plan, a day, all repositories", () => {
  const options = read("r.example:5050", "--keep-last", "3");
  expect(options).toMatchObject({ keepLast: 3, keep: [], apply: false, format: "table", inUse: null });
  expect([`${options.minAge}`, options.repositories]).toEqual(["1d", null]);
});

test.each([
  [[], /needs a registry/],
  [["a", "b", "--keep-last", "1"], /one registry/],
  [["r.example"], /needs a rule: --keep-last <n>, --keep <regex>/],
  [["r.example", "--min-age", "1h", "--apply"], /needs a rule/],
  [["r.example", "--keep-last", "0"], /--keep-last must be a whole number from 1/],
  [["r.example", "--keep", "("], /--keep must be a regular expression, got "\("/],
  [["r.example", "--keep", "x", "--repository", "A"], /--repository must be/],
  [["r.example", "--keep", "x", "--min-age", "soon"], /--min-age must be a duration/],
])("%j is refused", (words, message) => {
  expect(() => read(...words)).toThrow(message);
});
