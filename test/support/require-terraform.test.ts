import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTerraform } from "./require-terraform";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-require-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function tool(name: string, mode: number): string {
  writeFileSync(join(folder, name), "", { mode });
  return join(folder, name);
}

test("terraform is preferred to tofu, and what is a folder or cannot be run is passed over", () => {
  mkdirSync(join(folder, "terraform"));
  const tofu = tool("tofu", 0o755);
  expect(requireTerraform("x", { PATH: folder })).toBe(tofu);
  rmSync(join(folder, "terraform"), { recursive: true });
  tool("terraform", 0o644);
  expect(requireTerraform("x", { PATH: folder })).toBe(tofu);
  rmSync(join(folder, "terraform"));
  expect(requireTerraform("x", { PATH: `/nowhere:${folder}` })).toBe(tofu);
  expect(requireTerraform("x", { PATH: `/nowhere:${folder}:` })).toBe(tofu);
  const terraform = tool("terraform", 0o755);
  expect(requireTerraform("x", { PATH: folder })).toBe(terraform);
});

test("where it is demanded its absence is an error", () => {
  const env = { PATH: folder, TALLYMAN_REQUIRE_TERRAFORM: "1", TALLYMAN_MISSING_TOOLS_FOLDER: folder };
  expect(() => requireTerraform("escaping", env)).toThrow(/^"escaping" needs terraform or tofu on PATH/);
});

test("else the test is recorded for the end of the run", () => {
  const env = { PATH: folder, TALLYMAN_MISSING_TOOLS_FOLDER: folder };
  expect(requireTerraform("escaping", env)).toBeNull();
  expect(requireTerraform("validation", env)).toBeNull();
  expect(readFileSync(join(folder, "list"), "utf8")).toBe(
    "terraform (or tofu)\tescaping\nterraform (or tofu)\tvalidation\n",
  );
});

/** A run of the reporter in a process of its own, in which the statements stand for the tests. */
function reported(statements: string): string {
  const script = `
    const Reporter = require(${JSON.stringify(join(__dirname, "missing-tools-reporter.js"))});
    const { appendFileSync, existsSync } = require("node:fs");
    process.stderr.write = (text) => process.stdout.write(text);
    const reporter = new Reporter();
    reporter.onRunStart();
    const folder = process.env.TALLYMAN_MISSING_TOOLS_FOLDER;
    const record = (line) => appendFileSync(folder + "/list", line + "\\n");
    ${statements}
    reporter.onRunComplete();
    console.log(existsSync(folder) ? "left behind" : "clean");`;
  return execFileSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: folder },
  });
}

test("the reporter names each tool in one line, each test once, and cleans up", () => {
  const statements =
    'record("terraform\\tb"); record("terraform\\ta"); record("terraform\\tb"); record("skopeo\\tc");';
  expect(reported(statements)).toBe(
    "Not run for want of terraform: a, b\nNot run for want of skopeo: c\nclean\n",
  );
});

test("the reporter is silent when nothing is missing", () => {
  expect(reported("")).toBe("clean\n");
});
