import type { Json } from "../json";
import { toJson } from "./to-json";
import { parseYamlDocuments } from "./yaml-documents";

/** Above it a text is a text, whatever it holds: YAML takes a hundred times its bytes of memory. */
export const MAX_DATA_BYTES = 4 * 1024 * 1024;

const OF_YAML = /\.ya?ml$/i;
const OF_JSON = /\.json$/i;
const OTHER_FILE = /[^.]\.[A-Za-z][A-Za-z0-9]{0,7}$/;
/** `#!/bin/sh` and `#cloud-config` are read by programs: dropped as a comment, a change of them would not be seen. */
const MEANINGFUL_COMMENT = /^#\S/;
/** How a map or a list begins, in block style or in flow style. */
const BEGINNING = /^(?:---|-(?:\s|$)|[{[]|["'?]|[^\s#][^\n]*?:(?:\s|$))/;

/**
 * The JSON object or array, or the YAML, that a text is; null where it is a text. Of a text without a file's name YAML
 * must show by several lines and by more than a list of sentences.
 *
 * @param name the key under which the text stands, or the file's name
 */
export function parseEmbedded(text: string, name: string): Json | null {
  if (text.length > MAX_DATA_BYTES) return null;
  const trimmed = text.trim();
  // A template of Go, which YAML would take for a map with a map as its key.
  if (trimmed === "" || trimmed.startsWith("{{")) return null;
  const json = parseJsonDocument(trimmed);
  if (json !== null) return json;
  const isNamed = OF_YAML.test(name) || OF_JSON.test(name);
  if (!isNamed && (OTHER_FILE.test(name) || !mayBeYaml(trimmed))) return null;
  const documents = parseYamlDocuments(text);
  if (documents === null || documents.length === 0 || !documents.every(isCompound)) return null;
  const [first] = documents;
  if (documents.length > 1) return documents;
  return first === undefined || (!isNamed && isListOfScalars(first)) ? null : first;
}

function parseJsonDocument(text: string): Json | null {
  const [first, last] = [text.at(0), text.at(-1)];
  if (!(first === "{" && last === "}") && !(first === "[" && last === "]")) return null;
  try {
    return toJson(JSON.parse(text));
  } catch {
    return null;
  }
}

function mayBeYaml(trimmed: string): boolean {
  if (!trimmed.includes("\n") || MEANINGFUL_COMMENT.test(trimmed)) return false;
  const first = trimmed.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#"));
  return first !== undefined && BEGINNING.test(first);
}

function isCompound(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

/** As Markdown has them, below a heading that YAML would take for a comment. */
function isListOfScalars(value: Json): boolean {
  return Array.isArray(value) && !value.some(isCompound);
}
