import { OptionReader, parseCommandLine, quoted, UsageError } from "../../lib/cli/arguments";
import { PROBE_COMMAND, VERIFY_COMMAND } from "../../lib/cli/option-table";
import { Duration } from "../../lib/core/duration";

function read(...words: string[]) {
  return parseCommandLine(PROBE_COMMAND, words);
}

test("values, switches, repeated options and names, in any order", () => {
  const words = ["--repository", "a", "registry", "--private", "--repository=b", "--rate=5"];
  const { values, positionals } = read(...words);
  expect({ ...values }).toEqual({ repository: ["a", "b"], private: true, rate: "5" });
  expect(positionals).toEqual(["registry"]);
});

test("of a single option the last counts; behind -- all are names", () => {
  expect({ ...read("--rate", "1", "--rate", "2").values }).toEqual({ rate: "2" });
  expect(read("--", "--rate", "x").positionals).toEqual(["--rate", "x"]);
});

test.each([
  [["--nope"], "Unknown option '--nope'"],
  [["-x"], "Unknown option '-x'"],
  [["--repo", "a"], "Unknown option '--repo'"],
  [["--rate"], "Option '--rate <value>' argument missing"],
  [["--rate", "-1"], "Option '--rate' argument is ambiguous. `"],
  [["--instance", "--private"], "Option '--instance' argument is ambiguous. `"],
  [["--private=yes"], "Option '--private' does not take an argument"],
])("%j: %s", (words, message) => {
  expect(() => read(...words)).toThrow(UsageError);
  expect(() => read(...words)).toThrow(`${message}`);
  expect(() => read(...words)).toThrow("`tallyman probe --help` lists the options");
});

test("an option of one command is none of another", () => {
  expect(() => parseCommandLine(VERIFY_COMMAND, ["--push", "http://a"])).toThrow("Unknown option '--push'");
});

const reading = (name: string, value: string) => new OptionReader({ [name]: value });

test.each<[string, string, (reader: OptionReader) => unknown, string]>([
  [
    "timeout",
    "30",
    (r) => r.duration("timeout", Duration.seconds(1)),
    '--timeout must be a duration as 30s, 10m or 1h30m, got "30"',
  ],
  [
    "timeout",
    "",
    (r) => r.duration("timeout", Duration.seconds(1)),
    '--timeout must be a duration as 30s, 10m or 1h30m, got ""',
  ],
  [
    "deadline",
    "25d",
    (r) => r.duration("deadline", Duration.seconds(1)),
    '--deadline must be a duration of at most 24d, got "25d"',
  ],
  ["rate", "fast", (r) => r.number("rate", "0 to 9", 0, 9), '--rate must be 0 to 9, got "fast"'],
  ["rate", "-1", (r) => r.number("rate", "0 to 9", 0, 9), '--rate must be 0 to 9, got "-1"'],
  ["rate", "9.01", (r) => r.number("rate", "0 to 9", 0, 9), '--rate must be 0 to 9, got "9.01"'],
  ["rate", "1e0", (r) => r.number("rate", "0 to 9", 0, 9), '--rate must be 0 to 9, got "1e0"'],
  ["rate", "NaN", (r) => r.number("rate", "0 to 9", 0, 9), '--rate must be 0 to 9, got "NaN"'],
  [
    "newest",
    "1.5",
    (r) => r.integer("newest", 1, 9),
    '--newest must be a whole number from 1 to 9, got "1.5"',
  ],
  ["newest", "0", (r) => r.integer("newest", 1, 9), '--newest must be a whole number from 1 to 9, got "0"'],
  [
    "newest",
    "9".repeat(400),
    (r) => r.integer("newest", 1, 9),
    "--newest must be a whole number from 1 to 9, got",
  ],
  [
    "format",
    "yaml",
    (r) => r.choice("format", ["table", "json"], "table"),
    '--format must be one of table, json, got "yaml"',
  ],
  [
    "format",
    "toString",
    (r) => r.choice("format", ["table", "json"], "table"),
    '--format must be one of table, json, got "toString"',
  ],
  [
    "address",
    "10.0.20.10",
    (r) => r.address("address"),
    '--address must be host:port as 10.0.20.10:5050, got "10.0.20.10"',
  ],
  [
    "address",
    "a:0",
    (r) => r.address("address"),
    '--address must be host:port as 10.0.20.10:5050, got "a:0"',
  ],
  [
    "address",
    "a:70000",
    (r) => r.address("address"),
    '--address must be host:port as 10.0.20.10:5050, got "a:70000"',
  ],
  [
    "address",
    "fd00::7:443",
    (r) => r.address("address"),
    '--address must be host:port as 10.0.20.10:5050, got "fd00::7:443"',
  ],
  [
    "address",
    "http://a:1",
    (r) => r.address("address"),
    '--address must be host:port as 10.0.20.10:5050, got "http://a:1"',
  ],
  [
    "push",
    "pushgateway",
    (r) => r.url("push"),
    '--push must be a URL as http://pushgateway.monitoring:9091, got "pushgateway"',
  ],
  ["push", "gateway:9091", (r) => r.url("push"), '--push must be an http or https URL, got "gateway:9091"'],
  [
    "push",
    "file:///etc/passwd",
    (r) => r.url("push"),
    '--push must be an http or https URL, got "file:///etc/passwd"',
  ],
])("--%s %s is refused with its form", (name, value, work, message) => {
  expect(() => work(reading(name, value))).toThrow(UsageError);
  expect(() => work(reading(name, value))).toThrow(message);
});

test("what is well formed is read", () => {
  expect(reading("timeout", "1m30s").duration("timeout", Duration.seconds(1)).toSeconds()).toBe(90);
  expect(reading("timeout", "24d").duration("timeout", Duration.seconds(1)).toMilliseconds()).toBeLessThan(
    2 ** 31,
  );
  expect(reading("rate", "0.5").number("rate", "", 0, 9)).toBe(0.5);
  expect(reading("newest", "9").integer("newest", 1, 9)).toBe(9);
  expect(reading("format", "json").choice("format", ["table", "json"], "table")).toBe("json");
  expect(reading("address", "10.0.20.10:5050").address("address")).toEqual({
    host: "10.0.20.10",
    port: 5050,
  });
  expect(reading("address", "[fd00::7]:443").address("address")).toEqual({ host: "fd00::7", port: 443 });
  expect(reading("push", "https://a:9091/push").url("push")?.href).toBe("https://a:9091/push");
  expect(reading("token-host", "a").list("token-host")).toEqual(["a"]);
});

test("without the option the default holds", () => {
  const reader = new OptionReader({});
  expect(reader.duration("timeout", Duration.seconds(30)).toSeconds()).toBe(30);
  expect(reader.choice("format", ["table", "json"], "table")).toBe("table");
  const others = [
    reader.number("rate", "", 0, 1),
    reader.integer("newest", 0, 1),
    reader.address("address"),
    reader.url("push"),
    reader.text("ca"),
  ];
  expect(others).toEqual([null, null, null, null, null]);
  expect([reader.list("repository"), reader.flag("private")]).toEqual([[], false]);
});

test.each([
  ["push", "http://me:hunter2@gateway:9091", (r: OptionReader) => r.url("push")],
  ["push", "http://hunter2@gateway:9091", (r: OptionReader) => r.url("push")],
  ["push", "me:hunter2@gateway:9091", (r: OptionReader) => r.url("push")],
  ["push", "http://me:hunter2@", (r: OptionReader) => r.url("push")],
  ["address", "me:hunter2@gateway:9091", (r: OptionReader) => r.address("address")],
])("credentials in --%s are refused and not echoed", (name, value, work) => {
  const message = caught(() => work(reading(name, value)));
  expect(message).toContain(`--${name} must`);
  expect(message).not.toContain("hunter2");
});

test.each([
  ["plain", '"plain"'],
  ["app@sha256:abc", '"app@sha256:abc"'],
  ["me:hunter2@host/app@sha256:abc", '"…@sha256:abc"'],
  ["https://me:hunter2@host", '"https://…@host"'],
  ["me:a/b@c@host", '"…@host"'],
  ["a\u001b[31m\u202eb\n", '"a\\u001b[31m\\u202eb\\n"'],
])("%j is quoted as %s", (text, expected) => {
  expect(quoted(text)).toBe(expected);
});

function caught(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("no error");
}
