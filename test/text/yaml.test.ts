import fc from "fast-check";
import { parse } from "yaml";
import { parseYaml, renderYaml, writeDocument, type YamlValue } from "../../lib/text/yaml";

test("keys stay in the order given, lines unfolded, shared objects written out, undefined left out", () => {
  const labels = { severity: "critical" };
  const long = `${"word ".repeat(60)}end`;
  const text = renderYaml({
    z: 1,
    a: [labels, labels],
    long,
    none: undefined,
    empty: {},
    block: "one\ntwo\n",
  });
  expect(text).toBe(
    `z: 1\na:\n  - severity: critical\n  - severity: critical\nlong: ${long}\nempty: {}\nblock: |\n  one\n  two\n`,
  );
});

test("a comment stands above the document, line by line", () => {
  expect(renderYaml({ a: 1 }, "Made by Tallyman.\n\nDo not edit.")).toBe(
    "# Made by Tallyman.\n#\n# Do not edit.\na: 1\n",
  );
});

/** Texts that some reader of YAML takes for something else. */
const tricky = fc.constantFrom(
  " \n",
  "\n \n",
  "\ta\nb\n",
  "a\n\tb\n",
  ..."yes no on off y n ~ null true 1e3 0x1f 010 0o17 22:22 1_000 2024-01-01 .inf .5 - ? : # @ % & * ! | > <<".split(
    " ",
  ),
  "",
  " a",
  "a ",
  "a: b",
  "a #b",
  "- a",
  "\t",
  "a\n",
  "\n",
  "{{ $value }}",
  "{}",
  "[]",
  "---",
  "...",
  "\u2028",
  "\u0007",
  "\ufeff",
);
const scalar = fc.oneof(
  tricky,
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(tricky, fc.string()), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test("what is written is read back the same, by a reader of 1.2 and by one of 1.1", () => {
  fc.assert(
    fc.property(value, (given) => {
      const text = renderYaml(given);
      expect(parseYaml(text)).toEqual(given);
      expect(parse(text, { version: "1.1", logLevel: "error" })).toEqual(given);
    }),
    { numRuns: 1_000 },
  );
});

test("the order of keys survives both ways", () => {
  const text = "b: 1\na: 2\nc: 3\n";
  expect(Object.keys(parseYaml(text) as object)).toEqual(["b", "a", "c"]);
});

test.each([
  ["a: 1\na: 2\n", "line 2, column 1"],
  ["a: [1\n", "line 2, column 1"],
  ["a: 1\n---\nb: 2\n", "line 2, column 1"],
  ["a: *gone\n", "Unresolved alias"],
])("%j is refused with its place", (text, place) => {
  expect(() => parseYaml(text, "values.yml")).toThrow(
    new RegExp(`^values.yml must be one YAML document, got "${place}.*: .*Mend what it says.$`),
  );
});

test("tags of other types leave plain texts", () => {
  expect(parseYaml("a: !!binary aGk=\nb: !!timestamp 2026-01-01\nc: !!set {x: null}\n")).toEqual({
    a: "aGk=",
    b: "2026-01-01",
    c: { x: null },
  });
});

test("an empty text is null", () => {
  expect(parseYaml("")).toBeNull();
  expect(parseYaml("# only a comment\n")).toBeNull();
});

test("a bomb of aliases is refused", () => {
  const bomb = Array.from({ length: 10 }, (_, at) =>
    at === 0
      ? "a0: &a0 [x, x]"
      : `a${at}: &a${at} [${Array(9)
          .fill(`*a${at - 1}`)
          .join(", ")}]`,
  ).join("\n");
  expect(() => parseYaml(bomb)).toThrow(/alias/i);
});

test.each([
  ["short, and long once it is quoted", "\u001b[31m".repeat(190)],
  ["longer still once it is quoted", "\u0001".repeat(300)],
  ["plain", "k".repeat(1_100)],
])("a key that is %s can be read again", (_, key) => {
  for (const value of [{ [key]: "v" }, { outer: { [key]: ["v"] } }])
    expect(parseYaml(renderYaml(value))).toEqual(value);
});

test("a line that begins with a tab never stands in a block: go-yaml takes it for indentation", () => {
  expect(renderYaml({ script: "\tif true\nfi\n", makefile: "all:\n\techo\n" })).toBe(
    'script: "\\tif true\\nfi\\n"\nmakefile: "all:\\n\\techo\\n"\n',
  );
});

/** What stands in rules and manifests: names, sentences, expressions, now and then something odd. */
const usual = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[A-Za-z][ -~]{0,20}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("Yes", "NULL", "True", "On", "y:", "a b-", "x: y", "a #b", "a# b", "-1", "~"),
  },
  {
    weight: 1,
    arbitrary: fc.stringMatching(/^[!-~][ -~]{0,3}(?:\n{1,3} {0,2}[!-~][ -~]{0,4}){0,3}\n{0,2}$/),
  },
  { weight: 1, arbitrary: scalar },
  { weight: 1, arbitrary: fc.double() },
);
const { document } = fc.letrec<{ document: YamlValue }>((tie) => ({
  document: fc.oneof(
    { depthSize: "medium" },
    usual,
    fc.array(tie("document"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z_]{1,9}$/), tricky, fc.string()), tie("document"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.record({ left: fc.constant(undefined), given: tie("document") }),
  ),
}));

test("the writer of plain documents gives the library's own bytes", () => {
  fc.assert(
    fc.property(document, (given) => {
      expect(renderYaml(given)).toBe(
        writeDocument(given).startsWith("\ufeff") ? `---\n${writeDocument(given)}` : writeDocument(given),
      );
    }),
    { numRuns: 2_000 },
  );
});
