/** `tallyman probe --accept-file`: known damage is silent until a date, never unseen. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedRegistry } from "../../lib/testing";
import { brief, damageOf, reportOf, tallyman } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";

const app = twoPlatforms("accept/app");
const child = `${firstChild(app).digest}`;
let registry: EmbeddedRegistry;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-accept-"));
  registry = await EmbeddedRegistry.start();
  registry.put("app", "1", app);
  registry.storage.unlinkManifest("app", child);
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await registry.close();
});

function file(content: unknown): string {
  const path = join(folder, "accept.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const entry = { repository: "app", digest: child, until: "2026-12-31", reason: "rebuild planned" };
const at = (time: string) => {
  const offsetMs = Date.parse(time) - Date.now();
  return { now: () => Date.now() + offsetMs };
};

test("accepted damage is listed and counted apart, until its date has passed", async () => {
  const words = ["probe", registry.url, "--accept-file", file({ accept: [entry] })];
  const silenced = await reportOf(words, at("2026-12-31T23:59:00Z"));
  expect(silenced.exitCode).toBe(0);
  expect(silenced.report.findings).toEqual([
    expect.objectContaining({
      kind: "index_child_missing",
      severity: "warning",
      digest: child,
      detail: expect.stringMatching(/^accepted until 2026-12-31 \(rebuild planned\): answers 404/),
    }),
  ]);
  const back = await reportOf(words, at("2027-01-01T00:01:00Z"));
  expect([back.exitCode, damageOf(back.report)]).toEqual([1, ["index_child_missing app 1 [linux/amd64]"]]);

  const format = [...words, "--rate", "0", "--format", "prometheus"];
  const { stdout } = await tallyman(format, at("2026-12-01T00:00:00Z"));
  expect(stdout).toMatch(/_failures\{[^}]*\} 0\n/);
  expect(stdout).toMatch(/_accepted_failures\{[^}]*\} 1\n/);
  expect(stdout).not.toContain("broken_reference{");
});

test("what is not accepted still counts", async () => {
  registry.storage.unlinkManifest("app", app.children[1]?.digest ?? "");
  const words = ["probe", registry.url, "--accept-file", file({ accept: [entry] })];
  const { exitCode, report } = await reportOf(words, at("2026-12-01T00:00:00Z"));
  expect(exitCode).toBe(1);
  expect(report.findings.map((finding) => `${finding.severity} ${brief(finding)}`)).toEqual([
    "damage index_child_missing app 1 [linux/arm64]",
    "warning index_child_missing app 1 [linux/amd64]",
  ]);
});

test.each([
  ["no JSON", "accept: []", "must be JSON"],
  ["no reason", { accept: [{ ...entry, reason: "" }] }, "accept[0].reason must say why"],
  [
    "no date",
    { accept: [entry, { ...entry, until: "soon" }] },
    "accept[1].until must be a date as 2026-12-31",
  ],
])("%s: 64, before anything is asked", async (_what, content, words) => {
  const { exitCode, stdout, stderr } = await tallyman([
    "probe",
    registry.url,
    "--accept-file",
    file(content),
  ]);
  expect([exitCode, stdout, stderr]).toEqual([64, "", expect.stringContaining(words)]);
  expect(registry.requests).toEqual([]);
});

test("no such file: 64", async () => {
  const { exitCode, stderr } = await tallyman(["probe", registry.url, "--accept-file", join(folder, "no")]);
  expect([exitCode, stderr]).toEqual([64, expect.stringContaining("ENOENT")]);
});
