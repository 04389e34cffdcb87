import { parseYamlTrees, type YamlNode, yamlGet } from "../../text/yaml-tree";
import type { CatalogPath } from "../catalog-services";
import type { CatalogProblem } from "./catalog-rule";

/**
 * The problems with the file and the line of what they speak of.
 *
 * @param file as the reader names it
 * @param json the catalogue's text, in which the lines are counted
 */
export function locateProblems(
  problems: readonly CatalogProblem[],
  file: string,
  json: string,
): readonly CatalogProblem[] {
  // JSON is YAML, whose parser knows the line of every value.
  const [tree = null] = problems.length === 0 ? [] : parseYamlTrees(json).trees;
  return problems.map((problem) => ({ ...problem, file, line: lineOf(tree, problem.where.path) }));
}

/** Of the deepest part of the path that is there; the first line for the whole. */
function lineOf(root: YamlNode | null, path: CatalogPath): number {
  let node = root;
  let line = 1;
  for (const key of path) {
    node =
      node?.kind === "list" && typeof key === "number"
        ? (node.items[key] ?? null)
        : yamlGet(node, String(key));
    if (node === null) break;
    line = node.line;
  }
  return line;
}
