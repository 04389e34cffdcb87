import { join, relative } from "node:path";
import ts from "typescript";
import { ROOT } from "./tarball";

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
const DECLARATIONS = join(ROOT, "dist/lib");

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules/@types")],
};

/** @param entries below dist/lib, as `integrity/index.d.ts`; @returns their records in that order */
export function apiRecords(entries: readonly string[]): readonly string[] {
  const files = entries.map((entry) => join(DECLARATIONS, entry));
  const program = ts.createProgram(files, OPTIONS);
  const checker = program.getTypeChecker();
  return files.map((file) => {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined)
      throw new Error(`${relative(ROOT, file)} is no module: run \`npm run build\` first`);
    return apiRecord(module, checker);
  });
}

/**
 * What a module exports, as text: each declaration without its comments and without what is private, by name; then
 * the types that these speak of and that nobody can import by name.
 */
function apiRecord(module: ts.Symbol, checker: ts.TypeChecker): string {
  const named = new Map<ts.Symbol, string>();
  for (const one of checker.getExportsOfModule(module)) named.set(targetOf(one, checker), one.name);
  const exported = [...named].sort(([, a], [, b]) => compare(a, b));
  const unnamed = new Set<ts.Symbol>();
  const reach = (symbol: ts.Symbol): void => {
    for (const next of spokenOf(symbol, checker)) {
      if (named.has(next) || unnamed.has(next)) continue;
      unnamed.add(next);
      reach(next);
    }
  };
  for (const [symbol] of exported) reach(symbol);
  const rest = [...unnamed].map((symbol) => textOf(symbol, symbol.name)).sort(compare);
  return [
    ...exported.map(([symbol, name]) => textOf(symbol, name)),
    "// Not exported, and part of a signature above:",
    ...rest,
    "",
  ].join("\n\n");
}

function targetOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** The library's own symbols that the public part of a declaration names. */
function spokenOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (isHidden(node)) return;
    if (ts.isIdentifier(node)) {
      const spoken = checker.getSymbolAtLocation(node);
      if (spoken !== undefined) {
        const target = targetOf(spoken, checker);
        if (isOwn(target)) found.push(target);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(declaration);
  return found;
}

/** Declared at the top of one of our files. */
function isOwn(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => {
    const statement = statementOf(declaration);
    return (
      declaration.getSourceFile().fileName.startsWith(DECLARATIONS.split("\\").join("/")) &&
      ts.isSourceFile(statement.parent) &&
      !ts.isImportDeclaration(statement)
    );
  });
}

/** A variable is declared within its statement. */
function statementOf(declaration: ts.Declaration): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function textOf(symbol: ts.Symbol, name: string): string {
  const texts = (symbol.declarations ?? []).map((declaration) => {
    const statement = statementOf(declaration);
    const shown = ts.isClassDeclaration(statement) ? withoutHidden(statement) : statement;
    return printer
      .printNode(ts.EmitHint.Unspecified, shown, declaration.getSourceFile())
      .replace(/^export (?=declare|interface|type)/, "")
      .replace(/^declare /, "");
  });
  const text = [...new Set(texts)].join("\n");
  return name === symbol.name ? text : `// as ${name}\n${text}`;
}

function withoutHidden(declaration: ts.ClassDeclaration): ts.ClassDeclaration {
  return ts.factory.updateClassDeclaration(
    declaration,
    declaration.modifiers,
    declaration.name,
    declaration.typeParameters,
    declaration.heritageClauses,
    declaration.members.filter((member) => !isHidden(member) || ts.isConstructorDeclaration(member)),
  );
}

/** A private member, whose type no declaration tells anyway; that a constructor is private is part of the API. */
function isHidden(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
