import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import ts from "typescript";
import * as tallyman from "../../lib/index";
import { requireTerraform, terraformEnv } from "../support/require-terraform";

/** What docs/adopt.md shows is run as it stands there; only the program's place is this test's. */
const mockFolder = mkdtempSync(join(tmpdir(), "tallyman-adopt-"));
jest.mock("../../lib/monitoring/program-file", () => ({
  ...jest.requireActual<object>("../../lib/monitoring/program-file"),
  defaultProgramFile: () => join(mockFolder, "tallyman.mjs"),
}));

const document = readFileSync(join(__dirname, "../../docs/adopt.md"), "utf8");

beforeAll(() => {
  writeFileSync(join(mockFolder, "tallyman.mjs"), "console.log('the program');\n");
});

afterAll(() => {
  rmSync(mockFolder, { recursive: true, force: true });
});

function blocks(language: string): string[] {
  return [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}

/** Runs TypeScript as a program of a user's would run, with `tallyman` being this library. */
function runProgram(source: string, given: object = {}): void {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const load = (name: string): unknown =>
    name === "tallyman" ? tallyman : name === "given" ? given : require(name);
  const outdir = process.env.CDKTF_OUTDIR;
  process.env.CDKTF_OUTDIR = join(mockFolder, "out");
  try {
    new Function("require", "exports", outputText)(load, {});
  } finally {
    if (outdir === undefined) delete process.env.CDKTF_OUTDIR;
    else process.env.CDKTF_OUTDIR = outdir;
  }
}

test("the document's program takes over a CronJob of the old name", () => {
  const holding = (words: string) => blocks("ts").find((block) => block.includes(words)) ?? "";
  const [program, lifted, account] = ["replaceGroup", "addOverride", "serviceAccount"].map(holding);
  expect(lifted).toContain("required_providers");
  // What the others declare is there.
  const added = `${lifted}\n${account}`;
  runProgram(program?.replace("app.synth();", () => `${added}\napp.synth();`) ?? "");
  const file = join(mockFolder, "out/stacks/registry-monitoring/cdk.tf.json");
  const tree: unknown = JSON.parse(readFileSync(file, "utf8"));
  expect(tree).toMatchObject({
    import: [
      {
        id: "monitoring/registry-integrity-probe",
        to: expect.stringMatching(/^kubernetes_service_account_v1\./),
      },
      { id: "monitoring/registry-integrity-probe", to: expect.stringMatching(/^kubernetes_cron_job_v1\./) },
    ],
    terraform: {
      backend: { s3: { key: "registry-monitoring.tfstate" } },
      required_providers: { kubernetes: { version: ">= 2.38.0, < 4.0.0" } },
    },
  });
  const text = JSON.stringify(tree);
  expect(text).toContain('"name":"registry-integrity-probe","namespace":"monitoring"');
  expect(text).toContain('"spec[0].job_template[0].spec[0].completions"');
  // Terraform 1.11 refuses an import block that names a provider.
  expect(/"import":\[\{[^}]*"provider"/.test(text)).toBe(false);
});

test("the document's HCL is HCL as terraform formats it", () => {
  const terraform = requireTerraform("the HCL of docs/adopt.md");
  const all = blocks("hcl");
  expect(all).toHaveLength(2);
  if (terraform === null) return;
  for (const input of all) {
    expect(input).toContain("destroy = false");
    const result = spawnSync(terraform, ["fmt", "-check", "-diff", "-"], {
      input,
      encoding: "utf8",
      env: terraformEnv(),
      timeout: 30_000,
    });
    expect(result.stdout + result.stderr).toBe("");
    expect(result.status).toBe(0);
  }
});

test("a Markdown catalogue comes back as it was, by the document's program, and adds nothing to a plan", () => {
  const markdown = readFileSync(join(__dirname, "../catalog/fixtures/service-catalog.md"), "utf8");
  const imported = tallyman.importCatalog(markdown).catalog;
  const program = blocks("ts").find((block) => block.includes("ServiceCatalog")) ?? "";
  expect(program).toContain("declare const catalog");
  const app = new App({ outdir: join(mockFolder, "catalog") });
  const stack = new TerraformStack(app, "catalog");
  runProgram(`const { stack, catalog } = require("given");\n${program}`, { stack, catalog: imported });
  app.synth();
  const file = join(mockFolder, "catalog/artifacts/catalog/service-catalog.md");
  expect(readFileSync(file, "utf8")).toBe(markdown);
  const tree: unknown = JSON.parse(
    readFileSync(join(mockFolder, "catalog/stacks/catalog/cdk.tf.json"), "utf8"),
  );
  expect(tree).not.toHaveProperty("resource");
});
