/** Pushes while `tallyman retain` deletes, and running images that nobody can name. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuiltManifest, buildImage, buildIndex, EmbeddedRegistry } from "../../../lib/testing";
import { reportOfRetain, runRetain } from "./run-retain";

const DAY_MS = 86_400_000;
const image = (seed: string, days: number): BuiltManifest =>
  buildImage({ seed, created: new Date(Date.now() - days * DAY_MS).toISOString() });

let registry: EmbeddedRegistry;
let words: string[];
const kept = image("new", 2);
const child = image("child", 90);
const old = buildIndex({ children: [child] });

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "new", kept);
  registry.put("app", "old", old);
  words = [registry.url, "--keep-last", "1", "--apply"];
});
afterEach(() => registry.close());

/** At a deletion that has a path of this digest, before it is answered. */
function atDeletionOf(digest: string, run: () => void): void {
  registry.script({
    method: "DELETE",
    path: `/manifests/${digest}`,
    times: 1,
    fault: { kind: "hook", run },
  });
}

test("a push after the index went saves the untagged child that it reaches", async () => {
  const pushed = buildIndex({ children: [child], annotations: { is: "pushed" } });
  atDeletionOf(`${old.digest}`, () => registry.put("app", "pushed", pushed));
  const { report, exitCode } = await reportOfRetain(words);
  expect([exitCode, report.applied?.deleted, report.applied?.verified]).toEqual([2, 1, true]);
  expect(report.applied?.surprise?.detail).toMatch(/the tag pushed is new/);
  expect(registry.storage.revision("app", child.digest)).not.toBeNull();
});

test("a push between the last list and the last deletion is walked, and found broken", async () => {
  const pushed = buildIndex({ children: [child], annotations: { is: "pushed" } });
  atDeletionOf(`${child.digest}`, () => registry.put("app", "pushed", pushed));
  const { report, exitCode } = await reportOfRetain(words);
  expect([exitCode, report.applied?.deleted, report.applied?.verified]).toEqual([1, 2, false]);
});

test("what was to stay and is listed no more is missed", async () => {
  atDeletionOf(`${child.digest}`, () => registry.storage.deleteManifest("app", kept.digest));
  const { report } = await reportOfRetain(words);
  expect(report.applied?.deleted).toBe(2);
  expect(report.applied?.verified).toBe(false);
});

describe("a running image whose name cannot be read", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-retain-"));
    const items = [{ kind: "Pod", spec: { containers: [{ image: "h.example/Team/App:1" }] } }];
    writeFileSync(join(folder, "pods.json"), JSON.stringify({ kind: "List", items }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("ends --apply before anything is asked", async () => {
    const run = await runRetain([...words, "--in-use", join(folder, "pods.json")]);
    expect([run.exitCode, run.stdout, registry.requests.length]).toEqual([2, "", 0]);
    expect(run.stderr).toMatch(/^tallyman: nothing was deleted: .*h\.example\/Team\/App:1\n$/);
  });

  test("is a warning of a plan", async () => {
    const plan = words.filter((word) => word !== "--apply");
    const run = await runRetain([...plan, "--in-use", join(folder, "pods.json")]);
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining("cannot be read")]);
  });
});
