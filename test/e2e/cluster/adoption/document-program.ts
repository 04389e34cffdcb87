import ts from "typescript";
import * as tallyman from "../../../../lib/index";

/**
 * Runs a TypeScript block as the program of a user's that it is, with `tallyman` being this library: it synthesizes to
 * `outdir`.
 */
export function runDocumentProgram(source: string, outdir: string): void {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const load = (name: string): unknown => (name === "tallyman" ? tallyman : require(name));
  const before = process.env.CDKTF_OUTDIR;
  process.env.CDKTF_OUTDIR = outdir;
  try {
    new Function("require", "exports", outputText)(load, {});
  } finally {
    if (before === undefined) delete process.env.CDKTF_OUTDIR;
    else process.env.CDKTF_OUTDIR = before;
  }
}
