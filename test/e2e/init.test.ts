import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(__dirname, "../..");
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-init-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every package of this checkout, and the library as the build left it: what `npm install` would bring. */
function linkPackages(project: string): void {
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  symlinkSync(ROOT, join(modules, "tallyman"));
}

test("a new repository passes its own tests, and synthesizes", async () => {
  const project = join(folder, "infra");
  await run(process.execPath, [
    join(ROOT, "dist/lib/cli/main.js"),
    "init",
    project,
    "--registry",
    "r.acme.test",
  ]);
  linkPackages(project);
  const npm = (...words: string[]) => {
    const { CI: _, ...env } = process.env;
    return run("npm", words, { cwd: project, env });
  };
  const { stderr } = await npm("test");
  expect(stderr).toMatch(/3 passed, 3 total/);
  expect(stderr).toContain("1 snapshot written");
  expect(stderr).not.toContain("ts-jest[");
  // The second run, as a pull request's, has something to compare with.
  await run("npm", ["test", "--", "--ci"], { cwd: project });
  await npm("run", "synth");
  const stack: unknown = JSON.parse(
    readFileSync(join(project, "cdktf.out/stacks/monitoring/cdk.tf.json"), "utf8"),
  );
  expect(stack).toMatchObject({ resource: { kubernetes_cron_job_v1: expect.anything() } });
  expect(existsSync(join(project, "cdktf.out/artifacts/monitoring/rules.yml"))).toBe(true);

  const snapshot = readFileSync(join(project, "test/__snapshots__/monitoring.test.ts.snap"), "utf8");
  expect(snapshot).toContain("RegistryManifestIntegrityFailure");
  // Small enough to be read: the program is not in it.
  expect(snapshot.length).toBeLessThan(40_000);
  expect(Math.max(...snapshot.split("\n").map((line) => line.length))).toBeLessThan(2_000);
}, 180_000);
