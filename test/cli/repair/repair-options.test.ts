import { parseCommandLine, UsageError } from "../../../lib/cli/arguments";
import { formatHelp } from "../../../lib/cli/option-table";
import { REPAIR_COMMAND, readRepairOptions } from "../../../lib/cli/repair/repair-options";

const read = (...words: string[]) => readRepairOptions(parseCommandLine(REPAIR_COMMAND, words), 0);

test("a bare registry: a plan of the whole catalogue, without a source", () => {
  expect(read("registry.example.com:5050")).toMatchObject({
    url: new URL("https://registry.example.com:5050"),
    repositories: null,
    disks: [],
    layouts: [],
    registries: [],
    catalogFile: null,
    apply: false,
    allowRetag: false,
    format: "table",
  });
});

test.each([
  ["mirror:5000", "https://mirror:5000/", ""],
  ["mirror:5000/", "https://mirror:5000/", ""],
  ["http://mirror:5000", "http://mirror:5000/", ""],
  ["http://mirror:5000/backup/a", "http://mirror:5000/", "backup/a"],
  ["mirror.example.com/backup/", "https://mirror.example.com/", "backup"],
])("--from %s", (text, url, prefix) => {
  expect(read("r", "--from", text).registries).toEqual([{ url: new URL(url), prefix }]);
});

test("every source may be given more than once, a repository twice is one", () => {
  const options = read(
    ...["r", "--from-disk", "a", "--from-disk", "b", "--from-layout", "c", "--from-layout", "d"],
    ...["--from", "e", "--from", "f", "--repository", "x", "--repository", "x", "--apply", "--allow-retag"],
  );
  expect([options.disks, options.layouts, options.registries.length]).toEqual([["a", "b"], ["c", "d"], 2]);
  expect([options.repositories, options.apply, options.allowRetag]).toEqual([["x"], true, true]);
});

test.each<[string[], RegExp]>([
  [[], /repair needs a registry/],
  [["r", "s"], /takes one registry, got also "s"/],
  [["r", "--repository", "UPPER"], /--repository must be a repository name/],
  [["r", "--allow-retag"], /--allow-retag needs --apply/],
  [["r", "--from", "mirror/Not A Name"], /--from must be a registry/],
  [["r", "--from", "https://u:p4ss@mirror"], /must not carry credentials/],
  [["r", "--from", "https://u:p4ss@mirror/UP"], /--from must be a registry/],
  [["r", "--from", ""], /is no registry/],
  [["r", "--format", "prometheus"], /--format must be one of table, json/],
  [["r", "--force"], /--force/],
])("%j is refused", (words, message) => {
  expect(() => read(...words)).toThrow(UsageError);
  expect(() => read(...words)).toThrow(message);
  expect(() => read(...words)).not.toThrow(/p4ss/);
});

test("the help names every option once", () => {
  const help = formatHelp(REPAIR_COMMAND);
  for (const { name } of REPAIR_COMMAND.options) {
    expect(help.match(new RegExp(`^ {2}--${name}[ <]`, "gm"))).toHaveLength(1);
  }
  for (const name of ["from-disk", "from-layout", "from"]) {
    expect(help).toMatch(new RegExp(`--${name} <.*repeatable`));
  }
});
