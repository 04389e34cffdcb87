import ts from "typescript";
import { type SourceFile, walk } from "./source-files";

export const MAX_LINES = 250;

/** What only the edges of the program touch: the environment, the clock, randomness, the console. */
const AMBIENT =
  /^(?:process\.(?:env|stdout|stderr|stdin|argv|exit|exitCode|hrtime|cwd)|Date\.now|performance\.now|Math\.random|console|(?:crypto\.)?random(?:Bytes|UUID|Int))$/;
const EDGES = ["lib/cli/", "lib/testing/", "stacks/"];

/** One line for each rule of form that the file breaks. */
export function fileViolations(file: SourceFile): string[] {
  const lines = file.text.replace(/\n$/, "").split("\n").length;
  const found: string[] = [];
  if (lines > MAX_LINES) found.push(`${file.path} has ${lines} lines: split it at ${MAX_LINES}`);
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(name)) found.push(`${file.path} is not named in kebab case`);
  const isEdge = EDGES.some((folder) => file.path.startsWith(folder));
  walk(file.tree, (node) => {
    const line = file.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const why = exportRule(node) ?? (isEdge ? null : ambientRule(node));
    if (why !== null) found.push(`${file.path}:${line} ${why}`);
  });
  return found;
}

function exportRule(node: ts.Node): string | null {
  if (ts.isExportAssignment(node)) return "has a default export";
  if (ts.isExportSpecifier(node) && node.name.text === "default") return "has a default export";
  if (ts.isExportDeclaration(node) && node.exportClause === undefined) return "exports a whole module";
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    ? "has a default export"
    : null;
}

function ambientRule(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) {
    return "reads the clock by new Date(): take `now` as an argument";
  }
  if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return null;
  // A property or a declared name that happens to be called so is not the global.
  if (ts.isIdentifier(node) && !isGlobalUse(node)) return null;
  const text = node
    .getText()
    .replace(/\?\./g, ".")
    .replace(/^globalThis\./, "");
  return AMBIENT.test(text) ? `touches ${text}: take it as an argument, or move to cli or stacks` : null;
}

function isGlobalUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isImportSpecifier(parent)) return true;
  if (ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent)) return parent.initializer === node;
  return !ts.isPropertySignature(parent) && !ts.isParameter(parent) && !ts.isPropertyDeclaration(parent);
}
