import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runDiff } from "../cli/diff/run-diff";

const ROOT = join(__dirname, "../..");

/** Synthesizes the reference estate, as it was built, in a checkout of another path. @returns its output */
function synthesize(folder: string, env: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const one of ["dist", "docs", "images.lock.json", "package.json", "cdktf.json"]) {
    cpSync(join(ROOT, one), join(folder, one), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const all = { PATH: process.env.PATH, ...env };
  execFileSync(process.execPath, ["dist/stacks/main.js"], { cwd: folder, env: all, stdio: "pipe" });
  return join(folder, "cdktf.out");
}

test("the estate synthesized twice, in other folders, homes, zones and languages, has no diff", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-diff-estate-"));
  try {
    const one = synthesize(join(folder, "a"), { HOME: folder, TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8" });
    const other = synthesize(join(folder, "deeper in/there"), {
      HOME: "/",
      TZ: "America/Anchorage",
      LANG: "C",
    });
    const run = await runDiff([one, other, "--fail-on", "info"]);
    expect(run).toEqual({ code: 0, stdout: "no change\n", stderr: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
