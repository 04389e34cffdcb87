import { readComposeServices } from "../../../lib/registry-host/documents/compose-document";
import { isCrontab, parseCronLine } from "../../../lib/registry-host/documents/cron-line";
import { hclStrings } from "../../../lib/registry-host/documents/hcl-strings";
import { isRegistryImage, readImageName } from "../../../lib/registry-host/documents/image-name";
import { parseShell } from "../../../lib/registry-host/documents/shell-commands";
import { parseYamlTrees } from "../../../lib/text/yaml-tree";

function services(text: string) {
  const [tree] = parseYamlTrees(text).trees;
  return tree === undefined ? null : readComposeServices(tree);
}

describe("ports of a Compose file", () => {
  it.each<[string, [number | null, number, boolean][]]>([
    ['"5000:5001"', [[5000, 5001, false]]],
    ['"127.0.0.1:5000:5001/tcp"', [[5000, 5001, true]]],
    ['"[::1]:5000:5001"', [[5000, 5001, true]]],
    ['"0.0.0.0:5000:5001"', [[5000, 5001, false]]],
    [
      '"5000-5001:6000-6001"',
      [
        [5000, 6000, false],
        [5001, 6001, false],
      ],
    ],
    ["5000", [[null, 5000, false]]],
    ["{ target: 80, published: 8080 }", [[8080, 80, false]]],
    ["{ target: 80, published: 8080, host_ip: 127.0.0.1 }", [[8080, 80, true]]],
    [`"\${PORT:-81}:80"`, [[81, 80, false]]],
    [`"\${PORT}:80"`, []],
  ])("%s", (port, expected) => {
    const [service] = services(`services:\n  a:\n    image: x\n    ports:\n      - ${port}\n`) ?? [];
    expect(service?.ports.map((each) => [each.published, each.target, each.isLoopback])).toEqual(expected);
    for (const { line } of service?.ports ?? []) expect(line).toBe(5);
  });
});

it("reads a service through anchors and merge keys", () => {
  const [, service] =
    services(
      "x: &x\n  image: registry:2\nservices:\n  a: { <<: *x }\n  b:\n    <<: *x\n    volumes: [./a.yml:/a.yml:ro, data:/d]\n",
    ) ?? [];
  expect(service?.image?.tag).toBe("2");
  expect(service?.mounts).toEqual([{ source: "./a.yml", target: "/a.yml", line: 7 }]);
});

it.each([
  ["registry", true],
  ["docker.io/library/registry:2", true],
  ["localhost:5000/registry:2", true],
  ["example.com/team/registry:2", false],
  ["registry.example.com/app:1", false],
])("%s is a registry: %s", (text, expected) => {
  const image = readImageName(text);
  expect(image !== null && isRegistryImage(image)).toBe(expected);
});

it.each([
  ["0 3 * * 0 root docker x", "root docker x"],
  ["*/5 1-3,7 * jan Mon-Fri /x", "/x"],
  ["@daily /x", "/x"],
  ["1 2 3 apples", null],
  ["the quick brown fox jumps over", null],
])("cron line %j", (line, command) => {
  expect(parseCronLine(line)?.command ?? null).toBe(command);
});

it("takes a text for a crontab only where every line is one's", () => {
  expect(isCrontab("# x\nPATH=/bin\n0 3 * * * x\n")).toBe(true);
  expect(isCrontab("0 3 * * * x\nprose\n")).toBe(false);
  expect(isCrontab("PATH=/bin\n")).toBe(false);
});

it("finds Terraform's strings with attribute, blocks and line", () => {
  const text = `# "no"\nresource "a" "b" {\n  image = "x:\${var.v["k"]}"\n  inline = [\n    "one", # "no"\n    "two",\n  ]\n  content = <<-EOT\n    first\n  EOT\n  last = "z"\n}\n`;
  const found = hclStrings(text).filter(({ attribute }) => attribute !== null);
  expect(found.map(({ text: value, attribute, line, blocks }) => [value, attribute, line, blocks])).toEqual([
    [`x:\${var.v["k"]}`, "image", 3, ['resource "a" "b"']],
    ["one", "inline", 5, ['resource "a" "b"']],
    ["two", "inline", 6, ['resource "a" "b"']],
    ["    first", "content", 9, ['resource "a" "b"']],
    ["z", "last", 11, ['resource "a" "b"']],
  ]);
});

it("reads a script's commands with continued lines, comments and variables", () => {
  const text = "A='x y' # c\nrun $A \\\n  more # c\ncat > f <<'E'\nbody # kept\nE\necho '#'";
  const { commands, heredocs } = parseShell(text);
  expect(commands).toEqual(
    [
      { text: "A='x y'", line: 1 },
      { text: "run x y more ", line: 2 },
      { text: "cat > f <<'E'", line: 4 },
      { text: "echo '#'", line: 7 },
    ].map((each) => ({ ...each, text: each.text.trim() })),
  );
  expect(heredocs).toEqual([{ command: "cat > f <<'E'", text: "body # kept", line: 5 }]);
});

test("variables that are filled in again and again do not multiply a script", () => {
  const text = `a=${"x".repeat(19_000)}\n${"echo $a b\n".repeat(5_000)}`;
  const { commands } = parseShell(text);
  expect(commands).toHaveLength(5_001);
  expect(commands[1]?.text).toBe(`echo ${"x".repeat(19_000)} b`);
  expect(commands.reduce((sum, one) => sum + one.text.length, 0)).toBeLessThan(2_200_000);
  expect(commands.at(-1)?.text).toBe("echo $a b");
});

test("a here-document ends at the first line of its word behind it", () => {
  const { commands, heredocs } = parseShell("EOF\ncat <<EOF\na\nEOF\ncat <<EOF\nb\nEOF\ncat <<GONE\nEOF\n");
  expect(heredocs.map(({ text, line }) => [text, line])).toEqual([
    ["a", 3],
    ["b", 6],
  ]);
  expect(commands.map(({ text }) => text)).toEqual(["EOF", "cat <<EOF", "cat <<EOF", "cat <<GONE", "EOF"]);
});
