import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOutput } from "../../lib/diff/read-output";
import { findSecretValues } from "../../lib/diff/secret-values";

const ROOT = join(__dirname, "../..");
/** What a synthesis of the estate reads. */
const NEEDED = ["dist", "docs", "images.lock.json", "package.json"];

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-same-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A checkout of its own, with its state elsewhere, synthesized at another hour of the day. */
function synthesize(name: string, zone: string): string {
  const checkout = join(folder, name);
  mkdirSync(checkout, { recursive: true });
  for (const path of NEEDED) cpSync(join(ROOT, path), join(checkout, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, "dist/stacks/main.js")], {
    cwd: checkout,
    env: { TZ: zone, TALLYMAN_STATE_DIR: `${checkout}-state` },
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`no synthesis in ${checkout}: ${stderr}`);
  return join(checkout, "cdktf.out");
}

test("the estate synthesized in two checkouts and two time zones is one output, without a secret", () => {
  const one = synthesize("a", "Pacific/Kiritimati");
  const other = synthesize("another/and-deeper", "America/Los_Angeles");
  const raw = (out: string) => readFileSync(join(out, "stacks/monitoring/cdk.tf.json"), "utf8");
  // Else the test would prove nothing of the normalising.
  expect(raw(one)).not.toBe(raw(other));
  const output = readOutput(one);
  expect(readOutput(other)).toEqual(output);
  expect(output.stacks.size).toBeGreaterThanOrEqual(4);
  expect([...output.stacks.values()].every(({ resources }) => resources.size > 0)).toBe(true);
  expect(findSecretValues(output)).toEqual([]);
});
