import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/** The bundle of this checkout's source, as a file of its own. */
export interface SoakedProgram {
  readonly file: string;
  remove(): void;
}

export async function buildProgram(): Promise<SoakedProgram> {
  const { bundleOptions } = jest.requireActual<{ readonly bundleOptions: Parameters<typeof build>[0] }>(
    "../../scripts/bundle.js",
  );
  const [bundle] = (await build({ ...bundleOptions, write: false })).outputFiles ?? [];
  if (bundle === undefined) throw new Error("esbuild made no file");
  const folder = mkdtempSync(join(tmpdir(), "tallyman-soak-"));
  const file = join(folder, "tallyman.mjs");
  writeFileSync(file, bundle.contents);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
