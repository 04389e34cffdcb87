/** YAML with the line of every value, for those who point at them. https://yaml.org/spec/1.2.2/ */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
} from "yaml";

/** Lines count from 1. */
export type YamlNode = YamlScalar | YamlMap | YamlList;

export interface YamlScalar {
  readonly kind: "scalar";
  /** Of a block scalar: of its first line of content, below the `|`. */
  readonly line: number;
  /** As text, whatever its type: `true`, `0.1`; null is empty. A block scalar's lines are the file's own, one to one. */
  readonly text: string;
  /** Written by `|` or `>`. */
  readonly isBlock: boolean;
}

export interface YamlEntry {
  readonly key: string;
  /** Of the key. */
  readonly line: number;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: "map";
  readonly line: number;
  readonly entries: readonly YamlEntry[];
}

export interface YamlList {
  readonly kind: "list";
  readonly line: number;
  readonly items: readonly YamlNode[];
}

export interface YamlTrees {
  /** One per document that has a value. */
  readonly trees: readonly YamlNode[];
  /** The first error of syntax; what stands beside it is then not to be trusted. */
  readonly error: { readonly line: number; readonly text: string } | null;
}

/** What honest files stay far below; an alias within an alias grows without end. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;

/** Every document of a text; anchors and `<<` are resolved, tags are ignored. Never throws. */
export function parseYamlTrees(text: string): YamlTrees {
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      logLevel: "silent",
      prettyErrors: false,
      uniqueKeys: false,
    });
    if (!Array.isArray(documents)) return { trees: [], error: null };
    const [error] = documents.flatMap((document) => document.errors);
    const found = error === undefined ? null : { line: lineAt(lines, error.pos[0]), text: error.message };
    if (found !== null) return { trees: [], error: found };
    const reader = new TreeReader(text, lines);
    const trees = documents.map((document) => reader.document(document)).filter((tree) => tree !== null);
    return { trees, error: null };
  } catch (error) {
    return { trees: [], error: { line: 1, text: error instanceof Error ? error.message : String(error) } };
  }
}

/** The value of a key of a map, or null; of a key given twice the last. */
export function yamlGet(node: YamlNode | null, ...path: readonly string[]): YamlNode | null {
  let at = node;
  for (const key of path) {
    at = at?.kind === "map" ? (at.entries.filter((entry) => entry.key === key).at(-1)?.value ?? null) : null;
  }
  return at;
}

/** The text of a scalar, or null where there is none. */
export function yamlText(node: YamlNode | null): string | null {
  return node?.kind === "scalar" ? node.text : null;
}

class TreeReader {
  private nodes = 0;

  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
  ) {}

  document(document: Document.Parsed<ParsedNode>): YamlNode | null {
    return document.contents === null ? null : this.node(document.contents, document, 0);
  }

  private node(source: unknown, document: Document.Parsed<ParsedNode>, depth: number): YamlNode {
    this.nodes += 1;
    if (this.nodes > MAX_NODES || depth > MAX_DEPTH) throw new Error("too large or too deep a document");
    if (isAlias(source)) {
      const target = source.resolve(document);
      if (target === undefined) throw new Error(`an alias without its anchor: ${source.source}`);
      return this.node(target, document, depth + 1);
    }
    if (isMap(source)) {
      const entries = source.items.map((pair): YamlEntry => {
        const key = isScalar(pair.key) ? String(pair.key.value ?? "") : "";
        const line = lineAt(this.lines, startOf(pair.key) ?? startOf(source) ?? 0);
        const value: YamlNode =
          pair.value === null
            ? { kind: "scalar", line, text: "", isBlock: false }
            : this.node(pair.value, document, depth + 1);
        return { key, line, value };
      });
      return { kind: "map", line: lineAt(this.lines, startOf(source) ?? 0), entries: merged(entries) };
    }
    if (isSeq(source)) {
      const items = source.items.map((item) => this.node(item, document, depth + 1));
      return { kind: "list", line: lineAt(this.lines, startOf(source) ?? 0), items };
    }
    return this.scalar(source);
  }

  private scalar(source: unknown): YamlScalar {
    const start = startOf(source) ?? 0;
    const line = lineAt(this.lines, start);
    if (!isScalar(source)) return { kind: "scalar", line, text: "", isBlock: false };
    if (source.type !== "BLOCK_LITERAL" && source.type !== "BLOCK_FOLDED") {
      const text = source.source ?? (source.value === null ? "" : String(source.value));
      return { kind: "scalar", line, text, isBlock: false };
    }
    const raw = this.text.slice(start, source.range?.[1] ?? this.text.length);
    const [, ...content] = raw.split("\n");
    return { kind: "scalar", line: line + 1, text: dedent(content.join("\n")), isBlock: true };
  }
}

/** Without the indentation that all lines share; the lines stay as many. */
export function dedent(text: string): string {
  const lines = text.split("\n");
  const widths = lines
    .filter((line) => line.trim() !== "")
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const width = widths.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  return Number.isFinite(width) ? lines.map((line) => line.slice(width)).join("\n") : text;
}

function merged(entries: readonly YamlEntry[]): readonly YamlEntry[] {
  const own = entries.filter(({ key }) => key !== "<<");
  if (own.length === entries.length) return entries;
  const seen = new Set(own.map(({ key }) => key));
  const inherited = entries
    .filter(({ key }) => key === "<<")
    .flatMap(({ value }) => (value.kind === "list" ? value.items : [value]))
    .flatMap((value) => (value.kind === "map" ? value.entries : []))
    .filter(({ key }) => !seen.has(key) && seen.add(key));
  return [...own, ...inherited];
}

function startOf(node: unknown): number | null {
  const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : null;
  return range?.[0] ?? null;
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}
