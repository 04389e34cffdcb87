import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import ts from "typescript";
import { parseCommandLine, UsageError } from "../lib/cli/arguments";
import { CATALOG_COMMAND, readCatalogOptions } from "../lib/cli/catalog/catalog-options";
import { readDiffOptions } from "../lib/cli/diff/diff-options";
import { DIFF_COMMAND } from "../lib/cli/diff/diff-spec";
import { readInitOptions } from "../lib/cli/init/init-options";
import { INIT_COMMAND } from "../lib/cli/init/init-spec";
import { COMMANDS } from "../lib/cli/main";
import { PROBE_COMMAND, SERVE_COMMAND, VERIFY_COMMAND } from "../lib/cli/option-table";
import { PIN_COMMAND, readPinOptions } from "../lib/cli/pin/pin-options";
import { readProbeOptions } from "../lib/cli/probe-command";
import { REPAIR_COMMAND, readRepairOptions } from "../lib/cli/repair/repair-options";
import { readRetainOptions } from "../lib/cli/retain/retain-options";
import { RETAIN_COMMAND } from "../lib/cli/retain/retain-spec";
import { readScanOptions, SCAN_COMMAND } from "../lib/cli/scan/scan-options";
import { readServeOptions } from "../lib/cli/serve-command";
import { readVerifyOptions } from "../lib/cli/verify-command";
import { parseAcceptFile } from "../lib/integrity/accept";
import { METRICS } from "../lib/integrity/contract";

const ROOT = join(__dirname, "..");

interface Markdown {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** What stands between two fences, without the indentation of the list that it stands in. */
interface Block {
  readonly path: string;
  /** Of its first line in the document, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

function readDocument(path: string): Markdown {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

const inDocs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => posix.join("docs", name.split("\\").join("/")))
  .sort();
const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", ...inDocs].map(
  readDocument,
);
const readme = readDocument("README.md");

function blocksOf({ path, text }: Markdown): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, indent, fence, language = ""] = /^( *)(`{3,})(\w*)/.exec(lines[at] ?? "") ?? [];
    if (indent === undefined || fence === undefined) continue;
    const end = lines.findIndex((line, i) => i > at && line.trim() === fence);
    if (end < 0) throw new Error(`${path}:${at + 1} opens a fence that nothing closes`);
    const inside = lines.slice(at + 1, end).map((line) => line.replace(indent, ""));
    blocks.push({ path, line: at + 2, language, text: `${inside.join("\n")}\n` });
    at = end;
  }
  return blocks;
}

/** Prose alone, line by line as in the document: what is fenced or indented as code is blank. */
function proseOf({ text }: Markdown): string[] {
  let isFenced = false;
  return text.split("\n").map((line) => {
    const isFence = /^ *`{3}/.test(line);
    if (isFence) isFenced = !isFenced;
    return isFence || isFenced || /^ {4}/.test(line) ? "" : line;
  });
}

const blocks = documents.flatMap(blocksOf);

describe("TypeScript", () => {
  const wrong = {
    path: "wrong.md",
    text: [
      "```ts",
      'import { Duration, Registry } from "tallyman";',
      "",
      'export const registry = Registry.at("a", { newest: "5" });',
      "```",
      "",
      "1. In a list:",
      "",
      "   ```ts",
      "   const one: number = 1",
      '   registry.host; import { nothing } from "tallyman";',
      "   ```",
    ].join("\n"),
  };
  let errors: string[] = [];
  beforeAll(() => {
    errors = typeErrors([...blocks, ...blocksOf(wrong)]);
  });
  const isOfWrong = (error: string) => error.startsWith("wrong.md");

  test("every block compiles against the sources, as a strict user's program", () => {
    expect(blocks.filter(isTypeScript).length).toBeGreaterThanOrEqual(3);
    expect(errors.filter((error) => !isOfWrong(error))).toEqual([]);
  });

  test("what is wrong is told with its line, and no block sees another's names", () => {
    expect(errors.filter(isOfWrong)).toEqual([
      expect.stringContaining("wrong.md:2 'Duration' is declared but its value is never read."),
      expect.stringContaining("wrong.md:4 Type 'string' is not assignable to type 'number'."),
      expect.stringContaining("wrong.md:10 'one' is declared but its value is never read."),
      expect.stringContaining("wrong.md:11 Cannot find name 'registry'."),
      expect.stringContaining("wrong.md:11 'nothing' is declared but its value is never read."),
      expect.stringContaining("wrong.md:11 Module '\"tallyman\"' has no exported member 'nothing'."),
    ]);
  });
});

function isTypeScript({ language }: Block): boolean {
  return /^(?:ts|typescript)$/.test(language);
}

/** One line for each error of the TypeScript blocks, in one program, each a module that stands on no disk. */
function typeErrors(all: readonly Block[]): string[] {
  const config: unknown = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config
    .compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(config, ROOT);
  const ofUsers: ts.CompilerOptions = {
    ...options,
    types: ["node"],
    moduleDetection: ts.ModuleDetectionKind.Force,
    baseUrl: ROOT,
    // As package.json's `exports` have them.
    paths: {
      tallyman: ["lib/index.ts"],
      "tallyman/probe": ["lib/integrity/index.ts"],
      "tallyman/testing": ["lib/testing/index.ts"],
      "tallyman/diff": ["lib/diff/index.ts"],
    },
  };
  const files = new Map(all.filter(isTypeScript).map((block, i) => [join(ROOT, `block-${i}.ts`), block]));
  const host = ts.createCompilerHost(ofUsers);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...more) => {
    const block = files.get(name);
    if (block === undefined) return getSourceFile(name, version, ...more);
    return ts.createSourceFile(name, block.text, version);
  };
  const program = ts.createProgram([...files.keys()], ofUsers, host);
  return [...files].flatMap(([name, block]) => {
    const source = program.getSourceFile(name);
    if (source === undefined) throw new Error(`${block.path}:${block.line} was not compiled`);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found
      .map(({ start = 0, messageText }) => ({
        line: block.line + source.getLineAndCharacterOfPosition(start).line,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }))
      .sort((a, b) => a.line - b.line)
      .map(({ line, message }) => `${block.path}:${line} ${message}`);
  });
}

describe("links and paths", () => {
  test("each leads to a file of the repository", () => {
    expect(documents.flatMap(lostPaths)).toEqual([]);
  });

  test("one that leads nowhere is told", () => {
    const text =
      "[a](../README.md#state) [b](nowhere.md) [c](https://a.example)\n\n[d]: ../../outside.md\n`lib/no.ts`\n";
    expect(lostPaths({ path: "docs/wrong.md", text })).toEqual([
      "docs/wrong.md:1 nowhere.md",
      "docs/wrong.md:3 ../../outside.md",
      "docs/wrong.md:4 lib/no.ts",
    ]);
  });
});

/** Relative links, from the document; and paths in backticks, from the root. */
function lostPaths(document: Markdown): string[] {
  const exists = (path: string) => !path.startsWith("..") && existsSync(join(ROOT, path));
  return proseOf(document).flatMap((line, at) => {
    const withoutCode = line.replace(/`[^`]*`/g, "");
    const links = [...withoutCode.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: +(\S+)/g)]
      .map((match) => (match[1] ?? match[2] ?? "").replace(/#.*$/, ""))
      .filter((link) => link !== "" && !/^[a-z]+:/.test(link))
      .filter((link) => !exists(posix.join(posix.dirname(document.path), link)));
    const paths = [...line.matchAll(/`((?:bench|docs|lib|scripts|stacks|test)\/[\w./-]*)`/g)]
      .map((match) => match[1] ?? "")
      .filter((path) => !exists(path));
    return [...links, ...paths].map((path) => `${document.path}:${at + 1} ${path}`);
  });
}

/** Storages of registries, as those of the documents are on other machines. */
let storage = "";
beforeAll(() => {
  storage = mkdtempSync(join(tmpdir(), "tallyman-documents-"));
  for (const role of ["private", "ghcr"])
    mkdirSync(join(storage, role, "docker/registry/v2"), { recursive: true });
});
afterAll(() => rmSync(storage, { recursive: true, force: true }));

function standIn(folder: string): string {
  return posix.basename(folder) === "private" ? join(storage, "private") : storage;
}

describe("command lines", () => {
  test("every one is taken by the program's own parser", () => {
    // The titles of tests that a run wrote down are no commands.
    const written = documents.filter(({ path }) => path !== "docs/tested-with.md");
    expect(written.flatMap(commandLines).length).toBeGreaterThanOrEqual(10);
    expect(written.flatMap(commandErrors)).toEqual([]);
  });

  test.each([
    ["    npx tallyman probe a.example --blob head", "Unknown option '--blob'"],
    ["    $ tallyman verify a.example/b:1 \\\n      --expect-tag 1", "Unknown option '--expect-tag'"],
    ["```\ntallyman probe a.example --newest 0\n```", "--newest must be"],
    ["Say `npx tallyman prove a.example`.", "unknown command"],
    ["Say `tallyman probe <registry> --rate`.", "argument missing"],
    ["    npx tallyman repair a.example --allow-retag", "--allow-retag needs --apply"],
    ["    npx tallyman retain a.example", "retain needs a rule"],
    ["    npx tallyman scan /data --textfile a.txt", "--textfile must end in .prom"],
    ["    npx tallyman catalog render a.json --format json", "--format does not belong to catalog render"],
    ["    npx tallyman pin --lock", "argument missing"],
    ["    npx tallyman pin a b --nothing", "Unknown option '--nothing'"],
    ["    npx tallyman diff a b --fail-on none", "--fail-on must be one of"],
    ["    npx tallyman init infra --ci gitlab", "--ci must be one of"],
  ])("%j is told", (text, message) => {
    expect(commandErrors({ path: "wrong.md", text })).toEqual([expect.stringContaining(message)]);
  });

  test("every option that a document names is there", () => {
    expect(documents.flatMap(optionsOf).length).toBeGreaterThan(40);
    expect(documents.flatMap(lostOptions)).toEqual([]);
  });

  test("an option that is not there is told, another program's is not", () => {
    const text =
      "Say `--blob head`.\nor `--blobs` and `docker build --pull`\n`garbage-collect --delete-untagged`\n\n    cat --none\n";
    expect(lostOptions({ path: "docs/wrong.md", text })).toEqual(["docs/wrong.md:1 --blob"]);
  });
});

/** Those of other programs, where prose names one without its program. */
const FOREIGN_OPTIONS = ["delete-untagged"];

function optionsOf({ path, text }: Markdown) {
  return proseOf({ path, text }).flatMap((line, at) => {
    const code = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    const ours = code.filter((one) => /^(?:(?:npx )?tallyman )?(?:[a-z]+ )?--/.test(one));
    const names = ours.flatMap((one) => [...one.matchAll(/(?<= |^)--([a-z-]+)/g)].map((match) => match[1]));
    return names.map((name = "") => ({ place: `${path}:${at + 1}`, name }));
  });
}

function lostOptions(document: Markdown): string[] {
  const known = COMMANDS.flatMap(({ spec }) => spec.options).map(({ name }) => name);
  return optionsOf(document)
    .filter(({ name }) => ![...known, ...FOREIGN_OPTIONS, "help", "version"].includes(name))
    .map(({ place, name }) => `${place} --${name}`);
}

interface CommandLine {
  readonly line: number;
  /** What follows `tallyman`. */
  readonly text: string;
}

function commandLines(document: Markdown): CommandLine[] {
  const prose = proseOf(document);
  return document.text.split("\n").flatMap((raw, at, all) => {
    const inline = [...(prose[at] ?? "").matchAll(/`(?:npx )?tallyman ([^`]+)`/g)].map(
      (match) => match[1] ?? "",
    );
    let [, code] = (prose[at] === "" && /^ *(?:\$ )?(?:npx )?tallyman (.+)$/.exec(raw)) || [];
    for (let next = at + 1; code?.endsWith("\\"); next++) code = code.slice(0, -1) + (all[next] ?? "");
    return [...inline, ...(code === undefined ? [] : [code])].map((text) => ({ line: at + 1, text }));
  });
}

function commandErrors(document: Markdown): string[] {
  return commandLines(document).flatMap(({ line, text }) => {
    const [name, ...words] = text
      .replace(/ +(?:#|\||&&|>).*$/, "")
      .trim()
      .split(/\s+/);
    const spec = COMMANDS.find((one) => one.spec.name === name)?.spec;
    if (spec === undefined) return [`${document.path}:${line} unknown command ${name}`];
    try {
      const raw = parseCommandLine(spec, words);
      // A placeholder has no value that could be read, and a command alone is its name.
      if (/[<…]/.test(text) || words.length === 0 || raw.values.help === true) return [];
      if (spec === PROBE_COMMAND) readProbeOptions(raw, 0);
      if (spec === VERIFY_COMMAND) readVerifyOptions(raw, 0);
      if (spec === SERVE_COMMAND) readServeOptions(raw, 0);
      if (spec === REPAIR_COMMAND) readRepairOptions(raw, 0);
      if (spec === RETAIN_COMMAND) readRetainOptions(raw);
      if (spec === SCAN_COMMAND) readScanOptions({ ...raw, positionals: raw.positionals.map(standIn) }, 0);
      if (spec === PIN_COMMAND) readPinOptions(raw);
      if (spec === DIFF_COMMAND) readDiffOptions(raw);
      if (spec === INIT_COMMAND) readInitOptions(raw);
      // A verb alone is its name, too.
      if (spec === CATALOG_COMMAND && words.length > 1) readCatalogOptions(raw);
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return [`${document.path}:${line} ${error.message}`];
    }
  });
}

describe("data", () => {
  const json = blocks.filter(({ language }) => language === "json");

  test.each(json.map((block) => [`${block.path}:${block.line}`, block.text]))(
    "%s is JSON",
    (_place, text) => {
      expect(() => JSON.parse(text)).not.toThrow();
    },
  );

  test("the README's accept file is one", () => {
    const examples = json.filter(({ path, text }) => path === "README.md" && text.includes('"accept"'));
    expect(examples.map(({ text }) => parseAcceptFile(text).length)).toEqual([1]);
  });

  test("the README lists every metric, and no other", () => {
    const [, section = ""] = /^## Metrics\n([\s\S]*?)^A run/m.exec(readme.text) ?? [];
    const listed = [...section.matchAll(/`([a-z_]+)(?:\{[a-z,]+\})?`/g)].map((match) => match[1]);
    const labels = ["registry_manifest_integrity_", "instance"];
    expect(listed.filter((name) => name !== undefined && !labels.includes(name)).sort()).toEqual(
      Object.keys(METRICS).sort(),
    );
  });
});
