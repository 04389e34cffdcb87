// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import fc from "fast-check";
import { parseEmbedded } from "../../../lib/diff/normalise/embedded-document";
import { parseYamlDocuments } from "../../../lib/diff/normalise/yaml-documents";
import { renderYaml, type YamlValue } from "../../../lib/text/yaml";

describe("what is a document", () => {
  test.each<[string, string, unknown]>([
    ['{"a":1}', "", { a: 1 }],
    [' [1,{"b":null}]\n', "", [1, { b: null }]],
    ["{}", "", {}],
    ["a: 1\nb: two\n", "", { a: 1, b: "two" }],
    ["# about\n\na: 1\nb: two\n", "", { a: 1, b: "two" }],
    ["a: 1", "values.yml", { a: 1 }],
    ["- a\n- b", "list.yaml", ["a", "b"]],
    ["- name: a\n- name: b\n", "", [{ name: "a" }, { name: "b" }]],
    ["---\na: 1\n---\nb: 2\n", "", [{ a: 1 }, { b: 2 }]],
    ["---\n# empty\n---\na: 1\n...\n", "x.yml", { a: 1 }],
    ["%YAML 1.2\n---\na: 1\nb: 2\n", "x.yml", { a: 1, b: 2 }],
    ["\ufeffa: 1\nb: 2\n", "x.yml", { a: 1, b: 2 }],
    ["a: |\n  ---x\n  b: 1\nc: 2\n", "", { a: "---x\nb: 1\n", c: 2 }],
    ["password: ${terraform:var.p}\nuser: a\n", "", { password: "${terraform:var.p}", user: "a" }],
  ])("%j under %j", (text, name, value) => {
    expect(parseEmbedded(text, name)).toEqual(value);
  });

  test.each([
    ["", "x.yml"],
    ["a: 1", ""],
    ["Note: this is a sentence", "description"],
    ["a text\nof two lines", ""],
    ["- milk\n- bread\n", "description"],
    ["# Shopping\n- milk\n- bread\n", ""],
    ["a: 1\nb: 2\n", "README.md"],
    ["#cloud-config\npackages: [a]\nusers: []\n", "user_data"],
    ["#!/bin/sh\nset -eu\ncurl -w '%{http_code}' \"${1:-}\"\n", ""],
    ["[Unit]\nDescription=x\n[Timer]\nOnCalendar=Sun *-*-* 03:00:00\n", ""],
    ["SHELL=/bin/sh\n0 3 * * * root /bin/true\n", "crontab"],
    ["user nginx;\nhttp {\n  server { listen 80; }\n}\n", "nginx.conf"],
    ["sum by (a) (rate(b[5m]))\n  > 0\nor\nabsent(b)\n", "expr"],
    ["{{ range .Alerts }}\n{{ .Labels.a }}: x\n{{ end }}", ""],
    ["a: 1\na: 2\n", "x.yml"],
    ["a: [1\n", "x.yml"],
    ["a: *lost\nb: 1\n", "x.yml"],
    ['{"a":1', ""],
    ["{ ${terraform:var.x} }", ""],
  ])("%j under %j is text", (text, name) => {
    expect(parseEmbedded(text, name)).toBeNull();
  });
});

test("neither key order, nor quoting, indentation and comments matter; the order of lists does", () => {
  const one = parseEmbedded("b:\n    - x\n    - 'y'\na: \"1\"\n", "");
  expect(parseEmbedded('# said\na: "1"\nb: [x, y] # more\n', "")).toEqual(one);
  expect(parseEmbedded('a: "1"\nb: [y, x]\n', "")).not.toEqual(one);
  expect(parseEmbedded("a: 1\nb: [x, y]\n", "")).not.toEqual(one);
});

test("numbers that readers differ about stay as they were written", () => {
  expect(parseYamlDocuments("mode: 0444\nplain: 444\nid: 12345678901234567890\nlist: [0755, 1.5]\n")).toEqual(
    [{ mode: "0444", plain: 444, id: "12345678901234567890", list: ["0755", 1.5] }],
  );
});

test("what would be large or deep beyond measure is text", () => {
  const bomb = [
    "a: &a [x, x]",
    ...[..."bcdefghijklm"].map(
      (key, at) => `${key}: &${key} [*${"abcdefghijkl"[at]}, *${"abcdefghijkl"[at]}]`,
    ),
  ];
  expect(parseEmbedded(bomb.join("\n"), "x.yml")).toBeNull();
  expect(parseEmbedded(`${"[".repeat(5000)}${"]".repeat(5000)}`, "")).toBeNull();
  expect(parseEmbedded(`{"a":${"[".repeat(300)}${"]".repeat(300)}}`, "")).toBeNull();
});

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { value: anything } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie("value"), { maxKeys: 3 }),
  ),
}));

test("any document that is written as YAML or JSON is read as what it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 5 }), anything, { minKeys: 1, maxKeys: 3 }), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      expect(parseEmbedded(renderYaml(value), "x.yml")).toEqual(json);
      expect(parseEmbedded(JSON.stringify(value), "")).toEqual(json);
    }),
  );
});

test("no text makes it throw", () => {
  const unit = fc.constantFrom(
    "a",
    ":",
    " ",
    "-",
    "\n",
    "{",
    "}",
    "[",
    "]",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "#",
    "?",
  );
  fc.assert(
    fc.property(fc.string({ unit }), fc.constantFrom("", "a.yml", "a.json"), (text, name) => {
      parseEmbedded(text, name);
    }),
  );
});
