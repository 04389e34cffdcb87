import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const { pruneBuild } = jest.requireActual<{
  readonly pruneBuild: (source: string, output: string, kept: readonly string[]) => void;
}>("../../scripts/prune-build.js");

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-prune-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
}

const left = () => readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" }).sort();

test("what has a source stays, and so does what the build wrote besides", () => {
  write("lib/core/a.ts", "dist/core/a.js", "dist/core/a.d.ts", "dist/cli/program.mjs");
  pruneBuild(join(folder, "lib"), join(folder, "dist"), [join(folder, "dist/cli/program.mjs")]);
  expect(left()).toEqual(["cli", "cli/program.mjs", "core", "core/a.d.ts", "core/a.js"]);
});

test("what a source left that is gone or has moved goes, with its folder", () => {
  write(
    "lib/core/a.ts",
    "dist/core/a.js",
    "dist/a.js",
    "dist/a.d.ts",
    "dist/old/deep/b.js",
    "dist/cli/old.mjs",
  );
  pruneBuild(join(folder, "lib"), join(folder, "dist"), []);
  expect(left()).toEqual(["core", "core/a.js"]);
});

test("a file is no folder of that name, and a build that is not there is none", () => {
  write("lib/core/a.ts", "dist/core.js");
  pruneBuild(join(folder, "lib"), join(folder, "dist"), []);
  expect(left()).toEqual([]);
  expect(() => pruneBuild(join(folder, "lib"), join(folder, "nowhere"), [])).not.toThrow();
});
