/**
 * YAML 1.2, written so that readers of 1.1 (Prometheus, Kubernetes, Compose) see the same values.
 * https://yaml.org/spec/1.2.2/
 */
import { Document, LineCounter, parseDocument, Scalar, visit } from "yaml";
import { ConfigurationError } from "../core/problem";
import { writeYaml, type YamlValue } from "./write-yaml";

export type { YamlValue } from "./write-yaml";

/** In a block scalar the spaces of a text of spaces and line breaks alone are lost, and a leading tab stops go-yaml. */
const LOST_IN_A_BLOCK = /(?:^|\n)\t|^ *\n[ \n]*$/;

/**
 * Block style, keys in the order given, long lines unfolded, no anchors, one line break at the end.
 *
 * @param comment lines to stand above the document, without `#`; default none
 */
export function renderYaml(value: YamlValue, comment?: string): string {
  const body = writeYaml(value, writeScalars) ?? writeDocument(value);
  // A byte order mark that begins the first key would be taken for the document's own.
  if (comment === undefined) return body.startsWith("\ufeff") ? `---\n${body}` : body;
  const lines = comment.split("\n").map((line) => `# ${line}`.trimEnd());
  return `${lines.join("\n")}\n${body}`;
}

/** As renderYaml writes what is not plain: by the library alone. */
export function writeDocument(value: YamlValue): string {
  const options = { aliasDuplicateObjects: false, version: "1.2", compat: "yaml-1.1" } as const;
  const document = new Document(value, options);
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && LOST_IN_A_BLOCK.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** As items of one list, which stand on a line each. */
function writeScalars(scalars: readonly (string | number)[]): readonly string[] {
  if (scalars.length === 0) return [];
  const lines = writeDocument(scalars).split("\n");
  return lines.slice(0, -1).map((line) => line.slice(2));
}

/**
 * The one document of a text, as plain values; an empty text is null.
 *
 * @param source what the error calls the text, as its file's name
 * @throws ConfigurationError for a syntax error, a key given twice, or several documents
 */
export function parseYaml(text: string, source = "YAML"): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    logLevel: "error",
    prettyErrors: false,
    version: "1.2",
    // A tag such as !!binary would give bytes, !!timestamp a date: both are texts here.
    resolveKnownTags: false,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw notYaml(source, `line ${line}, column ${col}: ${error.message}`);
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value;
  } catch (cause) {
    // An alias without its anchor, or more of them than any honest file has.
    throw notYaml(source, cause instanceof Error ? cause.message : String(cause));
  }
}

function notYaml(source: string, value: string): ConfigurationError {
  return new ConfigurationError([
    { path: source, rule: "be one YAML document", value, fix: "Mend what it says." },
  ]);
}
