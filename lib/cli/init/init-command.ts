import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { printable } from "../../core/printable";
import { shellQuote } from "../../pipeline/verify-push/shell-quote";
import { quoted, type RawArguments, UsageError } from "../arguments";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";
import { EXIT_INCOMPLETE } from "../exit-codes";
import { type OwnPackage, ownPackage } from "../own-package";
import { readInitOptions } from "./init-options";
import { scaffold } from "./scaffold";

/**
 * Writes every file of a new repository, or none: a file that is there already is never touched.
 *
 * @returns the exit code. @throws UsageError
 */
export async function init(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const { folder, library, ...options } = readInitOptions(raw);
  const own = ownPackage();
  const files = scaffold({
    ...options,
    name: projectName(resolve(folder)),
    library: ownSpec(library, folder, own),
    runbooks: readRunbooks(own.folder),
    pullRequests: readFileSync(join(own.folder, "docs/pull-requests.md"), "utf8"),
  });
  const taken = [...files.keys()].filter((path) => exists(join(folder, path)));
  if (taken.length > 0) {
    const more = taken.length > 1 ? ` (and ${taken.length - 1} more of its files)` : "";
    throw new UsageError(
      `init writes over nothing: ${quoted(join(folder, taken[0] as string))} is there already${more}. Give a new folder`,
    );
  }
  const made: string[] = [];
  try {
    for (const [path, text] of files) made.push(...writeWhole(join(folder, path), text));
  } catch (error) {
    for (const path of made.reverse()) rmSync(path, { force: true, recursive: true });
    environment.writeError(`tallyman: ${quoted(folder)} cannot be written (${errorCode(error)})\n`);
    return EXIT_INCOMPLETE;
  }
  for (const path of files.keys()) environment.write(`${printable(join(folder, path))}\n`);
  const steps = [
    ...(folder === "." ? [] : [`cd ${shellQuote(folder)}`]),
    "npm install",
    "npm test",
    "npm run synth",
  ];
  environment.writeError(`tallyman: ${files.size} files. Next: ${printable(steps.join(" && "))}\n`);
  return 0;
}

/** A checkout is named by its path from the new folder: one that both are moved with stays right. */
function ownSpec(given: string | null, folder: string, own: OwnPackage): string {
  if (given !== null) return given;
  const isInstalled = own.folder.split(/[\\/]/).includes("node_modules");
  return isInstalled ? own.version : `file:${relative(resolve(folder), own.folder).split("\\").join("/")}`;
}

function readRunbooks(packageFolder: string): ReadonlyMap<string, string> {
  const folder = join(packageFolder, "docs/runbooks");
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** As npm allows it: lower case letters, digits and dashes. */
function projectName(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "infra" : name.slice(0, 100);
}

/** A link that leads nowhere counts, as it would be written through. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A file stands where its folder has to be: the writing says so.
    return false;
  }
}

/** @returns what was made: the outermost new folder, the file */
function writeWhole(path: string, text: string): readonly string[] {
  const outermost = mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.partial`;
  writeFileSync(beside, text, { flag: "wx" });
  renameSync(beside, path);
  return outermost === undefined ? [path] : [outermost, path];
}
