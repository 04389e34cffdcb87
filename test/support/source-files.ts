import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

export interface Import {
  readonly specifier: string;
  /** A path as the files have it, or null where the specifier names a package or a built-in module. */
  readonly file: string | null;
  /** Erased by the compiler. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  /** From the repository's root, with / between its parts. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly tree: ts.SourceFile;
  /** Whether it wires constructs: a class that extends one, or a function that takes the scope to put them in. */
  readonly isConstruct: boolean;
}

/** @param isFolder tells whether a path is a folder, whose index.ts an import of it means; default: none is */
export function parseSource(path: string, text: string, isFolder = (_path: string) => false): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  let isConstruct = false;
  walk(tree, (node) => {
    const found = importOf(node);
    if (found !== null) imports.push({ ...found, file: resolve(path, found.specifier, isFolder) });
    isConstruct ||= isScopeParameter(node) || (ts.isClassDeclaration(node) && extendsConstruct(node));
  });
  return { path, text, imports, tree, isConstruct };
}

/** Every .ts file below the folders. */
export function readSources(root: string, folders: readonly string[]): readonly SourceFile[] {
  const isFolder = (path: string) => existsSync(join(root, path, "index.ts"));
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name.split("\\").join("/")))
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
      .sort()
      .map((path) => parseSource(path, readFileSync(join(root, path), "utf8"), isFolder)),
  );
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function importOf(node: ts.Node): { specifier: string; isTypeOnly: boolean } | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: isTypeOnlyClause(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: node.isTypeOnly };
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { specifier: node.argument.literal.text, isTypeOnly: true };
  }
  if (!ts.isCallExpression(node)) return null;
  const isImport =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    ["require", "require.resolve"].includes(node.expression.getText());
  const [argument] = node.arguments;
  return isImport && argument && ts.isStringLiteralLike(argument)
    ? { specifier: argument.text, isTypeOnly: false }
    : null;
}

function isTypeOnlyClause(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function isScopeParameter(node: ts.Node): boolean {
  return ts.isParameter(node) && isScopeType(node.type?.getText() ?? "");
}

function isScopeType(name: string): boolean {
  return name === "Construct" || name === "TerraformStack";
}

function extendsConstruct(node: ts.ClassDeclaration): boolean {
  return (node.heritageClauses ?? [])
    .filter((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
    .some((clause) => clause.types.some((type) => isScopeType(type.expression.getText())));
}

function resolve(from: string, specifier: string, isFolder: (path: string) => boolean): string | null {
  if (!specifier.startsWith(".")) return null;
  const path = posix.join(posix.dirname(from), specifier);
  return isFolder(path) ? `${path}/index.ts` : `${path}.ts`;
}
