import { DEMO_COMMAND } from "../../lib/cli/demo/demo-spec";
import {
  formatHelp,
  type OptionSpec,
  PROBE_COMMAND,
  SERVE_COMMAND,
  VERIFY_COMMAND,
} from "../../lib/cli/option-table";

const COMMANDS = [PROBE_COMMAND, VERIFY_COMMAND, SERVE_COMMAND, DEMO_COMMAND];
const optionsOf = (name: string): readonly OptionSpec[] =>
  COMMANDS.find((command) => command.name === name)?.options ?? [];

test.each(COMMANDS)("$name: names are fit for both parsers and stand once", ({ options }) => {
  const names = options.map(({ name }) => name);
  expect(names.filter((name) => !/^[a-z]+(?:-[a-z]+)*$/.test(name))).toEqual([]);
  // `help` is both parsers' own, and `no-` means the opposite to commander.
  expect(names.filter((name) => name === "help" || name.startsWith("no-"))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test.each(COMMANDS)("$name: the help names each option once, on lines that fit", (command) => {
  const lines = formatHelp(command).split("\n");
  for (const { name, value, help } of command.options) {
    const own = lines.filter((line) => line.startsWith(`  --${name}${value === null ? " " : ` <${value}>`}`));
    expect(own).toEqual([expect.stringContaining(help)]);
  }
  expect(lines[0]).toMatch(new RegExp(`^Usage: tallyman ${command.name}(?: \\S.*\\S)?$`));
  expect(lines).toContain(command.summary);
  expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  expect(lines.some((line) => line === "Options:")).toBe(command.options.length > 0);
});

test("a repeatable option says so, and a default is shown", () => {
  const help = formatHelp(PROBE_COMMAND);
  expect(help).toMatch(/^ {2}--repository <name> .*\(repeatable\)$/m);
  expect(help).toMatch(/^ {2}--timeout <duration> .*\(default: 30s\)$/m);
});

test("no option carries a secret", () => {
  const all = COMMANDS.flatMap(({ options }) => options.map(({ name }) => name));
  expect(all.filter((name) => /user|pass|secret|token(?!-host)|credential/.test(name))).toEqual([]);
});

test("probe and verify share what connects and proves", () => {
  const shared = [
    "address",
    "ca",
    "insecure-skip-tls-verify",
    "docker-config",
    "token-host",
    "timeout",
    "deadline",
    "concurrency",
    "rate",
    "blobs",
    "verify-bytes",
    "format",
  ];
  for (const name of ["probe", "verify"])
    expect(optionsOf(name).map((option) => option.name)).toEqual(expect.arrayContaining(shared));
});
