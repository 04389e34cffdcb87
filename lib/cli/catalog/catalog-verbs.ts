import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CatalogContextFile, parseCatalogContext } from "../../catalog/catalog-context-json";
import { documentAnchors, readDocuments } from "../../catalog/catalog-document";
import { formatCatalog, parseCatalog } from "../../catalog/catalog-json";
import { catalogContext } from "../../catalog/checks/catalog-rule";
import { checkCatalog } from "../../catalog/checks/check-catalog";
import { locateProblems } from "../../catalog/checks/locate-problems";
import { importCatalog } from "../../catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../catalog/markdown/render-markdown";
import { printable } from "../../core/printable";
import { ConfigurationError, formatProblem } from "../../core/problem";
import { quoted, UsageError } from "../arguments";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";
import { EXIT_DAMAGE } from "../exit-codes";
import type { CheckOptions, ImportOptions, RenderOptions } from "./catalog-options";
import { renderProblems } from "./render-problems";
import { renderCatalogTypescript } from "./render-typescript";

/** The context's file beside the catalogue's, as a synthesis writes both. */
const CONTEXT_FILE = "context.json";
const RUNBOOKS_FOLDER = "docs/runbooks";

export function importMarkdown({ file, format }: ImportOptions, environment: CliEnvironment): number {
  const { catalog, problems } = importCatalog(read(file, "Give a catalogue in Markdown"));
  if (catalog === null) {
    for (const { line, column, message, fix } of problems) {
      environment.writeError(`${printable(file)}:${line}:${column}: ${printable(message)}. ${fix}\n`);
    }
    return EXIT_DAMAGE;
  }
  if (format === "json") {
    environment.write(formatCatalog(catalog));
    return 0;
  }
  const { text, lost } = renderCatalogTypescript(catalog);
  for (const what of lost) environment.writeError(`${printable(file)}: ${what}\n`);
  if (lost.length > 0) return EXIT_DAMAGE;
  environment.write(text);
  return 0;
}

export function renderMarkdown({ file }: RenderOptions, environment: CliEnvironment): number {
  const catalog = parse(file, read(file, WITHOUT_SYNTHESIS), parseCatalog);
  environment.write(renderCatalogMarkdown(catalog));
  return 0;
}

export function checkCatalogFile(options: CheckOptions, environment: CliEnvironment): number {
  const { file, format } = options;
  const json = read(file, WITHOUT_SYNTHESIS);
  const known = readContext(options);
  const context = catalogContext(parse(file, json, parseCatalog), {
    ...known,
    runbooks: readRunbooks(options),
  });
  const problems = locateProblems(checkCatalog(context, { rules: known?.rules ?? {} }), file, json);
  environment.write(renderProblems(problems, context.services.length, format));
  return problems.some(({ severity }) => severity === "error") ? EXIT_DAMAGE : 0;
}

const WITHOUT_SYNTHESIS = "Synthesize first, or give the catalogue's JSON";

function readContext({ file, context }: CheckOptions): CatalogContextFile | null {
  const beside = join(dirname(file), CONTEXT_FILE);
  if (context === null && !existsSync(beside)) return null;
  const path = context ?? beside;
  return parse(path, read(path, "Give the file that a synthesis writes"), parseCatalogContext);
}

function readRunbooks({ runbooks }: CheckOptions): ReadonlyMap<string, ReadonlySet<string>> | null {
  if (runbooks === null) return null;
  const folder = join(runbooks, RUNBOOKS_FOLDER);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(
      `--runbooks must be a repository with ${RUNBOOKS_FOLDER} in it, got ${quoted(runbooks)}`,
    );
  }
  return documentAnchors(readDocuments(runbooks, RUNBOOKS_FOLDER));
}

function read(file: string, fix: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${quoted(file)} cannot be read: ${errorCode(error)}. ${fix}`);
  }
}

/** What is wrong with a file is told with its name, and of much of it the first alone: one line. */
function parse<T>(file: string, text: string, parser: (text: string) => T): T {
  try {
    return parser(text);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [first, ...more] = error.problems;
    const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
    throw new UsageError(
      `${quoted(file)}: ${first === undefined ? "" : printable(formatProblem(first), 500)}${rest}`,
    );
  }
}
