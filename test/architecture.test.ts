import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileViolations } from "./support/file-rules";
import {
  cycles,
  isConstructPackage,
  isOutsideProgram,
  layerViolations,
  reachViolations,
} from "./support/import-rules";
import { parseSource, readSources, type SourceFile } from "./support/source-files";

const root = join(__dirname, "..");
const sources = readSources(root, ["lib", "stacks"]);
const tests = readSources(root, ["test"]);

describe("this repository", () => {
  test("imports follow the layers", () => {
    expect(layerViolations(sources)).toEqual([]);
  });

  test("one file alone knows the PromQL grammar", () => {
    const importing = sources.filter((file) =>
      file.imports.some(({ specifier }) => /^@(?:prometheus-io|lezer)\//.test(specifier)),
    );
    expect(importing.map(({ path }) => path)).toEqual(["lib/monitoring/alerts/check-promql.ts"]);
  });

  test("lib/text/markdown alone knows the Markdown packages", () => {
    const importing = sources.filter((file) =>
      file.imports.some(({ specifier }) =>
        /(?:^|\/)mdast-bundle|^(?:mdast|hast|micromark|github-slugger)/.test(specifier),
      ),
    );
    const outside = importing.filter(({ path }) => !path.startsWith("lib/text/markdown/"));
    expect(importing.length).toBeGreaterThan(0);
    expect(outside).toEqual([]);
  });

  test("no test imports a provider's index either", () => {
    expect(layerViolations(tests)).toEqual([]);
  });

  test("no file imports itself by way of others", () => {
    expect(cycles(sources)).toEqual([]);
  });

  test("every file is short, named in kebab case, without default exports, and leaves the surroundings to the edges", () => {
    expect(sources.flatMap(fileViolations)).toEqual([]);
  });

  test("no relative import leads nowhere", () => {
    // The build makes the bundle of the Markdown packages; its declaration stands where it will be.
    const paths = new Set([...sources.map((file) => file.path), "lib/text/markdown/mdast-bundle.ts"]);
    const lost = sources.flatMap((file) =>
      file.imports
        .filter((one) => one.file !== null && !paths.has(one.file))
        .map((one) => `${file.path}: ${one.specifier}`),
    );
    expect(lost).toEqual([]);
  });

  test("the bundled program and the command load neither CDKTF nor, the program, any package", () => {
    expect(reachViolations(sources, "lib/cli/program.ts", isOutsideProgram)).toEqual([]);
    for (const { path } of sources.filter((file) => file.path.startsWith("lib/cli/"))) {
      expect(reachViolations(sources, path, (one) => isConstructPackage(one.specifier))).toEqual([]);
    }
  });

  test("the diff loads the capabilities' pure files alone", () => {
    for (const { path } of sources.filter((file) => file.path.startsWith("lib/diff/"))) {
      expect(reachViolations(sources, path, (one) => isConstructPackage(one.specifier))).toEqual([]);
    }
  });

  test("the files that the rules speak of are there", () => {
    const paths = sources.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining(["lib/core/problem.ts", "lib/integrity/contract.ts", "lib/text/yaml.ts"]),
    );
  });

  test("what the library imports at run time is a dependency or a peer", () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const declared = new Set([...keysOf(manifest, "dependencies"), ...keysOf(manifest, "peerDependencies")]);
    const used = sources
      .filter((file) => file.path.startsWith("lib/"))
      .flatMap((file) => file.imports)
      .filter((one) => one.file === null && !one.specifier.startsWith("node:"))
      .map((one) =>
        one.specifier
          .split("/")
          .slice(0, one.specifier.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    expect([...new Set(used)].filter((name) => !declared.has(name))).toEqual([]);
  });
});

function keysOf(manifest: unknown, field: string): readonly string[] {
  if (typeof manifest !== "object" || manifest === null) return [];
  const value = Object.entries(manifest).find(([key]) => key === field)?.[1];
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

describe("the rules themselves", () => {
  const construct = "export class A extends Construct {}";
  test.each([
    ["lib/core/a.ts", 'import "node:fs";', "core does not touch that module"],
    ["lib/core/a.ts", 'import { x } from "../oci/digest";', "core may import nothing alone"],
    ["lib/core/a.ts", 'import type { x } from "../oci/digest";', "core may import nothing alone"],
    ["lib/oci/a.ts", 'import { y } from "yaml";', "oci does not use that package"],
    ["lib/oci/a.ts", 'const fs = require("fs");', "oci does not use that package"],
    ["lib/integrity/a.ts", 'import { y } from "../text/yaml";', "integrity may import core"],
    ["lib/integrity/a.ts", 'const c = await import("cdktf");', "integrity never loads CDKTF"],
    ["lib/monitoring/a.ts", 'export { x } from "../catalog/model";', "monitoring may import core"],
    ["lib/monitoring/a.ts", 'import { x } from "../integrity/walk";', "monitoring may import core"],
    [
      "lib/text/a.ts",
      'import { parser } from "@prometheus-io/lezer-promql";',
      "text does not use that package",
    ],
    ["lib/monitoring/a.ts", 'import { Construct } from "constructs";', "only a construct's file"],
    [
      "lib/monitoring/a.ts",
      `import { Manifest } from "@cdktf/provider-kubernetes"; ${construct}`,
      "a provider's index",
    ],
    ["lib/cli/a.ts", 'import type { App } from "cdktf";', "cli never loads CDKTF"],
    ["lib/core/a.ts", 'import { x } from "../../stacks/main";', "core may import nothing alone"],
    ["lib/new/a.ts", 'import "node:fs";', "new is no layer"],
    ["lib/index.ts", 'export { parse } from "yaml";', "the index only exports from lib"],
    ["stacks/estate/a.ts", 'import { App } from "cdktf";', "an estate is data alone"],
    ["stacks/main.ts", 'import * as k from "@cdktf/provider-kubernetes";', "a provider's index"],
    ["test/a.test.ts", 'import * as k from "@cdktf/provider-helm";', "a provider's index"],
  ])("%s: %s", (path, text, why) => {
    expect(layerViolations([parseSource(path, text)])).toEqual([expect.stringContaining(`: ${why}`)]);
  });

  test.each([
    ["lib/monitoring/a.ts", `import { Construct } from "constructs"; ${construct}`],
    [
      "lib/monitoring/a.ts",
      'import { type CronJobV1Config } from "@cdktf/provider-kubernetes/lib/cron-job-v1";',
    ],
    ["lib/monitoring/a.ts", 'import { METRICS } from "../integrity/contract";'],
    ["lib/terraform/a.ts", 'import { Token } from "cdktf";'],
    ["lib/cli/a.ts", 'import { Command } from "commander";'],
    ["lib/index.ts", 'export { Duration } from "./core/duration";'],
    ["stacks/estate/a.ts", 'import { Duration } from "../../lib/core/duration";'],
  ])("allowed, %s: %s", (path, text) => {
    expect(layerViolations([parseSource(path, text)])).toEqual([]);
  });

  test.each([
    ["export default 1;", "has a default export"],
    ["export default class A {}", "has a default export"],
    ["const a = 1; export { a as default };", "has a default export"],
    ["export = 1;", "has a default export"],
    ['export * from "./b";', "exports a whole module"],
    ["const a = process.env.HOME;", "touches process.env"],
    ['const a = process?.env["HOME"];', "touches process.env"],
    ["const a = Date.now();", "touches Date.now"],
    ["const f = (now = Date.now) => now();", "touches Date.now"],
    ["const a = new Date();", "reads the clock"],
    ["const a = Math.random();", "touches Math.random"],
    ["console.log(1);", "touches console"],
    ["globalThis.console.log(1);", "touches console"],
    ["log(console);", "touches console"],
    ['import { randomUUID } from "node:crypto";', "touches randomUUID"],
  ])("%s", (text, why) => {
    expect(fileViolations(parseSource("lib/core/a.ts", text))).toEqual([expect.stringContaining(why)]);
    const isAmbient = !why.includes("export");
    if (isAmbient) expect(fileViolations(parseSource("lib/cli/a.ts", text))).toEqual([]);
  });

  test.each(["const a = new Date(0);", "interface A { readonly console: string }", "const a = b.console;"])(
    "allowed: %s",
    (text) => {
      expect(fileViolations(parseSource("lib/core/a.ts", text))).toEqual([]);
    },
  );

  test("a long file and a file in camel case", () => {
    expect(fileViolations(parseSource("lib/core/aB.ts", "//\n".repeat(251)))).toEqual([
      "lib/core/aB.ts has 251 lines: split it at 250",
      "lib/core/aB.ts is not named in kebab case",
    ]);
    expect(fileViolations(parseSource("lib/core/a.ts", "//\n".repeat(250)))).toEqual([]);
  });

  const chain: readonly SourceFile[] = [
    parseSource(
      "lib/cli/program.ts",
      'import { b } from "../core/b"; import type { t } from "../text/yaml";',
    ),
    parseSource("lib/core/b.ts", 'import { c } from "../text/yaml";'),
    parseSource("lib/text/yaml.ts", 'import { p } from "cdktf"; import { b } from "../core/b";'),
  ];

  test("a chain of imports is followed to its end, past types", () => {
    expect(reachViolations(chain, "lib/cli/program.ts", (one) => isConstructPackage(one.specifier))).toEqual([
      "lib/cli/program.ts > lib/core/b.ts > lib/text/yaml.ts > cdktf",
    ]);
    expect(reachViolations(chain, "lib/cli/program.ts", isOutsideProgram)).toHaveLength(2);
  });

  test("a cycle is told once", () => {
    expect(cycles(chain)).toEqual(["lib/core/b.ts > lib/text/yaml.ts > lib/core/b.ts"]);
  });
});
