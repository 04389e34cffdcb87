import { parseYaml } from "../../text/yaml";
import { parseYamlTrees, type YamlNode } from "../../text/yaml-tree";
import { isJsonObject, type Json } from "../json";
import { toJson } from "./to-json";

/** A document's own mark stands at the start of a line, inside of block scalars too: https://yaml.org/spec/1.2.2/#912-document-markers */
const MARK = /^(?=---(?:[ \t\r]|$))/m;
const WITHOUT_CONTENT = /^(?:---|\.\.\.)?\s*(?:#.*|%.*)?$/;
/** `0444`, which is 444 to YAML 1.2 and 292 to 1.1, and integers that a double cannot hold. */
const UNSURE_NUMBER = /(?:^|[\s,[{:-])[-+]?(?:0[0-9]+|[0-9]{16,})(?=[\s,\]}]|$)/m;
const UNSURE_TEXT = /^[-+]?(?:0[0-9]+|[0-9]{16,})$/;

/**
 * The documents of a text that have content, empty where there is none; null where it is not YAML. A number that
 * readers of YAML 1.1 and 1.2 take for different ones is kept as it was written.
 */
export function parseYamlDocuments(text: string): readonly Json[] | null {
  const parts = text
    .replace(/^\ufeff/, "")
    .split(MARK)
    .filter((part) => !isWithoutContent(part));
  try {
    return parts.map((part) => {
      const value = toJson(parseYaml(part));
      return UNSURE_NUMBER.test(part) ? asWritten(value, parseYamlTrees(part).trees[0]) : value;
    });
  } catch {
    // Syntax, a key given twice, too many aliases, too deep: whatever it is, it is compared as text.
    return null;
  }
}

function isWithoutContent(part: string): boolean {
  return part.split("\n").every((line) => WITHOUT_CONTENT.test(line));
}

function asWritten(value: Json, node: YamlNode | undefined): Json {
  if (node === undefined) return value;
  if (node.kind === "scalar") {
    return typeof value === "number" && UNSURE_TEXT.test(node.text) ? node.text : value;
  }
  if (node.kind === "list") {
    return Array.isArray(value) ? value.map((item: Json, at) => asWritten(item, node.items[at])) : value;
  }
  if (!isJsonObject(value)) return value;
  const nodes = new Map(node.entries.map((entry) => [entry.key, entry.value]));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, asWritten(item, nodes.get(key))]),
  );
}
