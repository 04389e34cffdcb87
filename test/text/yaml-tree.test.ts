import * as fc from "fast-check";
import { parseYamlTrees, yamlGet, yamlText } from "../../lib/text/yaml-tree";

it("keeps the lines of keys, items and block scalars", () => {
  const text = "# c\na:\n  - x\n  - |\n    one\n\n    two\nb: &b { c: 0.1 }\nd: *b\n";
  const [tree = null] = parseYamlTrees(text).trees;
  const list = yamlGet(tree, "a");
  const items = list?.kind === "list" ? list.items : [];
  expect(items.map(({ line }) => line)).toEqual([3, 5]);
  expect(yamlText(items[1] ?? null)).toBe("one\n\ntwo\n");
  expect(yamlText(yamlGet(tree, "d", "c"))).toBe("0.1");
  expect(tree?.kind === "map" ? tree.entries.map(({ line }) => line) : []).toEqual([2, 8, 9]);
});

it("reads several documents, and says where one is broken", () => {
  expect(parseYamlTrees("a: 1\n---\nb: 2\n").trees).toHaveLength(2);
  expect(parseYamlTrees("a: 1\nb: [\n").error?.line).toBeGreaterThanOrEqual(2);
  expect(parseYamlTrees("a: *none\n").error).not.toBeNull();
});

it("ends on aliases that grow without end", () => {
  const lines = ["a0: &a0 [x, x]"];
  for (let n = 1; n < 30; n += 1) lines.push(`a${n}: &a${n} [*a${n - 1}, *a${n - 1}]`);
  expect(parseYamlTrees(lines.join("\n")).error?.text).toContain("too large");
});

it("never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => parseYamlTrees(text).trees.length >= 0));
});
