import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
function runProgram(source: string): void {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const load = (name: string): unknown => (name === "tallyman" ? tallyman : require(name));
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
  const [program = "", lifted = ""] = blocks("ts");
  runProgram(program.replace("app.synth();", `${lifted}\napp.synth();`));
  const file = join(mockFolder, "out/stacks/registry-monitoring/cdk.tf.json");
  const tree: unknown = JSON.parse(readFileSync(file, "utf8"));
  expect(tree).toMatchObject({
    import: [
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
  expect(all).toHaveLength(1);
  expect(all[0]).toContain("destroy = false");
  if (terraform === null) return;
  for (const input of all) {
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
