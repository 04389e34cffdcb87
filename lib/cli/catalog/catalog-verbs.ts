import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type CatalogContextFile, parseCatalogContext } from "../../catalog/catalog-context-json";
import { type CatalogDocument, documentAnchors, readDocuments } from "../../catalog/catalog-document";
import { formatCatalog, parseCatalog } from "../../catalog/catalog-json";
import { catalogContext } from "../../catalog/checks/catalog-rule";
import { checkCatalog } from "../../catalog/checks/check-catalog";
import { locateProblems } from "../../catalog/checks/locate-problems";
import { uncheckedRules } from "../../catalog/checks/unchecked-rules";
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
/** Beside the folder of the catalogue. */
const SYNTHESIZED_RUNBOOKS = "runbooks";

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
  const runbooks = readRunbooks(options);
  const context = catalogContext(parse(file, json, parseCatalog), {
    ...known,
    runbooks: runbooks === null ? null : documentAnchors(runbooks.documents),
  });
  const rules = known?.rules ?? {};
  const problems = locateProblems(checkCatalog(context, { rules }), file, json);
  const report = {
    problems,
    services: context.services.length,
    runbookFolder: runbooks?.folder ?? null,
    notChecked: uncheckedRules(context, { rules }),
  };
  environment.write(renderProblems(report, format));
  return problems.some(({ severity }) => severity === "error") ? EXIT_DAMAGE : 0;
}

const WITHOUT_SYNTHESIS = "Synthesize first, or give the catalogue's JSON";

function readContext({ file, context }: CheckOptions): CatalogContextFile | null {
  const beside = join(dirname(file), CONTEXT_FILE);
  if (context === null && !existsSync(beside)) return null;
  const path = context ?? beside;
  return parse(path, read(path, "Give the file that a synthesis writes"), parseCatalogContext);
}

interface ReadRunbooks {
  /** As it was given or found. */
  readonly folder: string;
  readonly documents: readonly CatalogDocument[];
}

function readRunbooks({ file, runbooks }: CheckOptions): ReadRunbooks | null {
  if (runbooks !== null) {
    const folder = join(runbooks, RUNBOOKS_FOLDER);
    if (!isFolder(folder)) {
      throw new UsageError(
        `--runbooks must be a repository with ${RUNBOOKS_FOLDER} in it, got ${quoted(runbooks)}`,
      );
    }
    return { folder, documents: readDocuments(runbooks, RUNBOOKS_FOLDER) };
  }
  const beside = join(dirname(file), "..", SYNTHESIZED_RUNBOOKS);
  if (isFolder(beside)) {
    const documents = readDocuments(join(dirname(file), ".."), SYNTHESIZED_RUNBOOKS);
    // Links name them by their place in the repository.
    const inRepository = (path: string): string => `${RUNBOOKS_FOLDER}/${basename(path)}`;
    return { folder: beside, documents: documents.map((one) => ({ ...one, file: inRepository(one.file) })) };
  }
  return isFolder(RUNBOOKS_FOLDER)
    ? { folder: RUNBOOKS_FOLDER, documents: readDocuments(".", RUNBOOKS_FOLDER) }
    : null;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
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
