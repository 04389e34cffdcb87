import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { type Catalog, TIERS } from "../../../lib/catalog/catalog";
import { formatCatalogContext } from "../../../lib/catalog/catalog-context-json";
import { CATALOG_CONTEXT } from "../../../lib/catalog/catalog-files";

import { formatCatalog } from "../../../lib/catalog/catalog-json";
import { defineCatalog } from "../../../lib/catalog/define-catalog";
import { importCatalog } from "../../../lib/catalog/markdown/import-markdown";
import { renderCatalogTypescript } from "../../../lib/cli/catalog/render-typescript";
import { processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";

const ROOT = join(__dirname, "../../..");
const SEED = join(ROOT, "test/catalog/fixtures/service-catalog.md");

async function run(...words: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const code = await main(["catalog", ...words], {
    ...processEnvironment(),
    env: {},
    isTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-catalog-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KNOWN = { alerts: [], stacks: ["blog"], tiers: ["aux"], externalRunbooks: [], rules: {} };

/** Its root, with an empty folder of runbooks. */
function emptyRepository(name: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "docs/runbooks"), { recursive: true });
  return root;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What a module of `--format ts` exports. */
function evaluate(source: string): unknown {
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exported: Record<string, unknown> = {};
  new Function("exports", "require", outputText)(exported, () => ({ defineCatalog }));
  return exported.catalog;
}

describe("import", () => {
  test("--format json, and render of it, give the text back", async () => {
    const { code, stdout, stderr } = await run("import", SEED, "--format", "json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const json = file("catalog.json", stdout);
    const back = await run("render", json);
    expect(back).toEqual({ code: 0, stdout: ts.sys.readFile(SEED), stderr: "" });
  });

  test("the TypeScript defines the same catalogue, and is formatted already", async () => {
    const { code, stdout } = await run("import", SEED);
    expect(code).toBe(0);
    const { catalog } = importCatalog(ts.sys.readFile(SEED) ?? "");
    const { alertRefs: _, ...defined } = evaluate(stdout) as ReturnType<typeof defineCatalog>;
    expect(defined).toEqual(catalog);
    const biome = join(ROOT, "node_modules/.bin/biome");
    const formatted = execFileSync(biome, ["format", "--stdin-file-path=catalog-data.ts"], {
      cwd: ROOT,
      input: stdout,
      encoding: "utf8",
    });
    expect(stdout).toBe(formatted);
  });

  test("what is wrong stands with its line and column; nothing is written", async () => {
    const path = file(
      "wrong.md",
      "## A (Tier: core)\n| Service | Description | Stack |\n|-|-|-|\n| a | b |\n",
    );
    expect(await run("import", path)).toEqual({
      code: 1,
      stdout: "",
      stderr: `${path}:4:1: this row has 2 cells. Write 3, as | Service | Description | Stack |; a | inside a cell is \\|, and text below a table needs a blank line before it.\n`,
    });
  });

  test("names that a record would lose or move are told", () => {
    const { catalog } = importCatalog(
      "## A\n| Service | Description | Stack |\n|-|-|-|\n| b | | b |\n| 1 | | — |\n| b | | c |\n| \\_\\_proto\\_\\_ | | d |\n",
    );
    const { lost, text } = renderCatalogTypescript(catalog as Catalog);
    expect(lost).toEqual([
      expect.stringContaining('"b" is there twice in the group "A"'),
      expect.stringContaining('"1" would change its place'),
    ]);
    expect(text).toContain('["__proto__"]: { stack: "d" }');
  });
});

describe("check", () => {
  const sound = defineCatalog({
    groups: [
      { title: "A", tier: "aux", services: { blog: { stack: "blog", domains: { proxied: ["blog"] } } } },
    ],
    sections: [],
  });

  test("the estate's own catalogue has warnings and no error", async () => {
    const json = file("seed.json", (await run("import", SEED, "--format", "json")).stdout);
    const hosts = ["proxmox-host", "nfs-prerequisites", "pfsense-unbound", "mailserver-pfsense-haproxy"];
    const externalRunbooks = [...hosts, "technitium-apply"].map((name) => `docs/runbooks/${name}.md`);
    const context = formatCatalogContext({ ...KNOWN, tiers: TIERS, stacks: null, externalRunbooks });
    const words = ["--context", file("seed-context.json", context), "--runbooks", ROOT];
    const { code, stdout, stderr } = await run("check", json, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("WARNING (");
    expect(stdout).not.toContain("ERROR");
    expect(stdout).toMatch(/\nno error, \d+ warnings\n$/);
  });

  test("a sound one, of which all is known", async () => {
    const root = emptyRepository("known");
    const json = file("sound.json", formatCatalog(sound));
    const context = file("known.json", formatCatalogContext(KNOWN));
    expect(await run("check", json, "--runbooks", root, "--context", context)).toEqual({
      code: 0,
      stdout: `1 service, runbooks of ${root}/docs/runbooks\n\nSOUND: nothing found\n`,
      stderr: "",
    });
  });

  test("what was not looked at is told in every format", async () => {
    const json = file("open.json", formatCatalog(sound));
    const open = ["--context", file("open-context.json", formatCatalogContext({ ...KNOWN, alerts: null }))];
    const root = emptyRepository("open");
    const table = await run("check", json, "--runbooks", root, ...open);
    expect(table.stdout.split("\n\n")[1]).toBe(
      "not checked: unknown-alert, alert-without-runbook (the alerts are not known: give --context with alerts)\n" +
        "nothing found in what was checked\n",
    );
    const github = await run("check", json, "--runbooks", root, ...open, "--format", "github");
    expect(github.stdout).toBe(
      "::notice title=tallyman catalog::Not checked: unknown-alert, alert-without-runbook (the alerts are not known: give --context with alerts)\n",
    );
    const report = JSON.parse(
      (await run("check", json, "--runbooks", root, ...open, "--format", "json")).stdout,
    );
    expect(report).toMatchObject({
      runbookFolder: join(root, "docs/runbooks"),
      notChecked: [{ unknown: "alerts", rules: ["unknown-alert", "alert-without-runbook"] }],
    });
  });

  test("without --runbooks: those beside the catalogue, else those of the working directory, else none", async () => {
    const linked = formatCatalog({
      ...sound,
      surfaces: [{ surface: "VM", title: "vm", href: "docs/runbooks/x.md" }],
    });
    const own = join(folder, "artifacts");
    mkdirSync(join(own, "catalog"), { recursive: true });
    mkdirSync(join(own, "runbooks"));
    writeFileSync(join(own, "runbooks/x.md"), "# X\n");
    writeFileSync(join(own, "catalog/catalog.json"), linked);
    const beside = await run("check", join(own, "catalog/catalog.json"));
    expect(beside.stdout).toMatch(
      /^1 service, runbooks of .*artifacts\/runbooks\n\nnot checked: unknown-alert/,
    );
    expect(beside.stdout).toContain("nothing found in what was checked");
    const here = process.cwd();
    try {
      process.chdir(emptyRepository("here"));
      expect((await run("check", file("x.json", linked))).stdout).toMatch(
        /^1 service, runbooks of docs\/runbooks\n[\s\S]*unknown-runbook\n/,
      );
      process.chdir(own);
      expect((await run("check", file("x.json", linked))).stdout).toMatch(
        /^1 service\n\nnot checked: unknown-runbook, /,
      );
    } finally {
      process.chdir(here);
    }
  });

  test("errors exit 1, with file and line, in every format", async () => {
    const json = file("twice.json", formatCatalog({ ...sound, groups: [...sound.groups, ...sound.groups] }));
    const lines = formatCatalog({ ...sound, groups: [...sound.groups, ...sound.groups] }).split("\n");
    const second = lines.lastIndexOf('          "name": "blog",') + 1;
    expect(second).toBeGreaterThan(1);
    const table = await run("check", json);
    expect(table.code).toBe(1);
    expect(table.stdout).toContain(`${json}:${second}  duplicate-name\n`);
    const github = await run("check", json, "--format", "github");
    expect(github.code).toBe(1);
    expect(github.stdout).toContain(
      `::error file=${json},line=${second},title=tallyman duplicate-name::The service blog is there twice`,
    );
    const report = JSON.parse((await run("check", json, "--format", "json")).stdout);
    expect(report).toMatchObject({ schema: "tallyman.catalog-check/1", services: 2, errors: 3 });
    expect(report.problems[0]).toMatchObject({ rule: "duplicate-name", service: "blog", line: second });
  });

  test("--runbooks holds the links against the files and their headings", async () => {
    const linked = (href: string) =>
      formatCatalog({ ...sound, surfaces: [{ surface: "VM", title: "vm", href }] });
    const root = join(folder, "repository");
    mkdirSync(join(root, "docs/runbooks"), { recursive: true });
    writeFileSync(join(root, "docs/runbooks/vm.md"), "# VM\n\n## Mitigation\n");
    const good = file("good.json", linked("../../docs/runbooks/vm.md#mitigation"));
    expect((await run("check", good, "--runbooks", root)).code).toBe(0);
    const anchor = await run(
      "check",
      file("anchor.json", linked("docs/runbooks/vm.md#x")),
      "--runbooks",
      root,
    );
    expect({ code: anchor.code, text: anchor.stdout }).toEqual({
      code: 1,
      text: expect.stringContaining("unknown-anchor"),
    });
    const absent = file("absent.json", linked("docs/runbooks/no.md"));
    expect((await run("check", absent, "--runbooks", root)).stdout).toContain("unknown-runbook");
  });

  test("what the estate knows stands beside the catalogue", async () => {
    const own = join(folder, "estate");
    mkdirSync(own);
    copyFileSync(file("plain.json", formatCatalog(sound)), join(own, "catalog.json"));
    const context = { alerts: null, tiers: ["aux"], externalRunbooks: [], rules: {} };
    writeFileSync(join(own, CATALOG_CONTEXT), formatCatalogContext({ ...context, stacks: ["other"] }));
    const { code, stdout } = await run("check", join(own, "catalog.json"));
    expect(code).toBe(1);
    expect(stdout).toContain("unknown-stack");
    const off = file(
      "off.json",
      formatCatalogContext({ ...context, stacks: [], rules: { "unknown-stack": "off" } }),
    );
    expect((await run("check", join(own, "catalog.json"), "--context", off)).code).toBe(0);
  });
});

test.each([
  [[], "catalog needs import, render or check, as `tallyman catalog import service-catalog.md`"],
  [["rendr"], '`tallyman catalog import service-catalog.md`, got "rendr"; did you mean "render"?'],
  [["import"], "catalog import needs a file"],
  [["import", "a", "b"], 'catalog import takes one file, got also "b"'],
  [["import", "a", "--format", "yaml"], '--format must be one of ts, json, got "yaml"'],
  [["import", "/nonexistent.md"], '"/nonexistent.md" cannot be read: ENOENT. Give a catalogue in Markdown'],
  [["render", "--format", "ts"], "--format does not belong to catalog render"],
  [["render", "/nonexistent.json"], '"/nonexistent.json" cannot be read: ENOENT. Synthesize first'],
  [["render", __filename], "the catalogue must be JSON"],
  [["check", "a", "--format", "ts"], '--format must be one of table, json, github, got "ts"'],
  [["check", SEED], "the catalogue must be JSON"],
])("catalog %j exits 64 with one line", async (words, message) => {
  const { code, stdout, stderr } = await run(...words);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("JSON of the wrong shape and a folder without runbooks are told in one line too", async () => {
  const json = file("shape.json", '{"schema": "tallyman.catalog/1", "groups": 1}');
  const { code, stderr } = await run("check", json);
  expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 64, lines: 1 });
  expect(stderr).toContain("domains must be there, got nothing. Write null or [] for none. (and 3 more)");
  const good = file("again.json", formatCatalog(defineCatalog({ a: {} })));
  const none = await run("check", good, "--runbooks", join(folder, "none"));
  expect(none.stderr).toContain("--runbooks must be a repository with docs/runbooks in it");
});
