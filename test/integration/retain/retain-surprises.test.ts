/** What keeps `tallyman retain` from deleting, before and in the middle of its work. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuiltManifest,
  buildArtifact,
  buildImage,
  buildIndex,
  EmbeddedRegistry,
} from "../../../lib/testing";
import { actionsOf, reportOfRetain, runRetain } from "./run-retain";

const DAY_MS = 86_400_000;
const image = (seed: string, days: number, platform = "linux/amd64"): BuiltManifest =>
  buildImage({ seed, platform, created: new Date(Date.now() - days * DAY_MS).toISOString() });

let registry: EmbeddedRegistry;
let folder: string;
const young = image("young", 2);
const oldest = image("oldest", 90, "linux/arm64");
const old = buildIndex({ children: [image("old", 80), oldest] });
const older = image("older", 100);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-retain-"));
  registry = await EmbeddedRegistry.start();
  registry.put("app", "new", young);
  registry.put("app", "old", old);
  registry.put("app", "older", older);
});

afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const apply = (...more: string[]) => reportOfRetain([registry.url, "--keep-last", "1", "--apply", ...more]);
const deletes = (): number => registry.requests.filter(({ method }) => method === "DELETE").length;

test("a plan sends no request but reads", async () => {
  const { report, exitCode } = await reportOfRetain([registry.url, "--keep-last", "1"]);
  expect([exitCode, report.complete, report.applied]).toEqual([0, true, null]);
  expect(actionsOf(report)).toEqual({ new: "keep newest", old: "drop no_rule", older: "drop no_rule" });
  expect(new Set(registry.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  const { stdout } = await runRetain([registry.url, "--keep-last", "1"]);
  expect(stdout).toMatch(/PLAN: 4 manifests would be deleted/);
});

describe("at the first surprise it stops, and says what was done", () => {
  test("a kept tag that a rollback moves to what is to go: it would go with it", async () => {
    // Walk and plan read each tag once; the third reading is the one before the deletions.
    registry.script({
      method: "GET",
      path: "/manifests/older",
      after: 2,
      times: 1,
      fault: { kind: "hook", run: () => registry.storage.moveTag("app", "new", old.digest) },
    });
    const { report, exitCode, stderr } = await apply();
    expect(stderr).toMatch(/stopped at app: the tag new was sha256:\w+ and is sha256:\w+: it moved/);
    expect([exitCode, report.complete, deletes(), report.applied?.deleted]).toEqual([2, false, 0, 0]);
  });

  test("a tag that moves after the first deletion: no further one", async () => {
    registry.script({
      method: "DELETE",
      times: 1,
      fault: { kind: "hook", run: () => registry.storage.moveTag("app", "older", young.digest) },
    });
    const { report, exitCode } = await apply();
    expect(exitCode).toBe(2);
    expect(report.applied?.surprise?.detail).toMatch(/the tag older (?:was|is new)/);
    const done = report.repositories[0]?.deletions.filter((one) => one.done);
    expect([done?.length, deletes()]).toEqual([report.applied?.deleted, report.applied?.deleted]);
    expect(report.applied?.verified).toBe(true);
    expect(registry.storage.tagLink("app", "older")).toBe(`${young.digest}`);
  });

  test("a tag that moved between plan and deletion: nothing is deleted", async () => {
    registry.script({
      path: "/tags/list",
      after: 2,
      times: 1,
      fault: { kind: "hook", run: () => registry.storage.moveTag("app", "new", old.digest) },
    });
    const { report, exitCode } = await apply();
    expect([exitCode, deletes(), report.applied?.deleted]).toEqual([2, 0, 0]);
    expect(report.applied?.surprise?.detail).toMatch(/the tag new was .* it moved/);
  });

  test("a tag that is new between two deletions: what it reaches is still there", async () => {
    registry.script({
      method: "DELETE",
      times: 1,
      fault: { kind: "hook", run: () => registry.put("app", "fresh", image("fresh", 0)) },
    });
    const { report, exitCode } = await apply();
    expect(exitCode).toBe(2);
    expect(report.applied?.surprise?.detail).toMatch(/the tag fresh is new/);
    expect(report.applied?.deleted).toBe(deletes());
    expect(report.applied?.verified).toBe(true);
  });

  test("a deletion that is refused", async () => {
    registry.script({ method: "DELETE", fault: { kind: "status", status: 403 } });
    const { report, exitCode } = await apply();
    expect([exitCode, report.applied?.deleted]).toEqual([2, 0]);
  });

  test("a manifest that somebody else deleted", async () => {
    registry.script({
      method: "DELETE",
      times: 1,
      fault: {
        kind: "hook",
        run: ({ path }) => {
          const digest = /sha256:[0-9a-f]{64}$/.exec(path)?.[0] ?? "";
          registry.storage.deleteManifest("app", digest);
        },
      },
    });
    const { report, exitCode } = await apply();
    expect([exitCode, report.applied?.deleted]).toEqual([2, 0]);
    expect(report.applied?.surprise?.detail).toMatch(/was gone before/);
  });
});

describe("nothing of a repository goes that", () => {
  test("is damaged, and the others are done", async () => {
    registry.put("other", "a", young);
    registry.put("other", "b", older);
    registry.storage.deleteManifest("app", oldest.digest);
    const { report, exitCode } = await apply();
    expect(exitCode).toBe(1);
    expect(report.repositories.map(({ repository, state }) => [repository, state])).toEqual([
      ["app", "blocked"],
      ["other", "planned"],
    ]);
    expect(report.repositories[0]?.reasons.join()).toMatch(/index_child_missing/);
    expect(registry.storage.tags("app")).toHaveLength(3);
    expect(registry.storage.tags("other")).toEqual(["a"]);
  });

  test("could not be read whole", async () => {
    registry.script({ path: `/manifests/${oldest.digest}`, fault: { kind: "status", status: 403 } });
    const { report, exitCode } = await apply();
    expect([exitCode, deletes(), report.repositories[0]?.state]).toEqual([2, 0, "blocked"]);
  });

  test("could be walked, and not read again for the plan", async () => {
    registry.script({ path: "/manifests/older", after: 1, fault: { kind: "status", status: 403 } });
    const { report, exitCode } = await apply();
    expect([exitCode, deletes(), report.repositories[0]?.state]).toEqual([2, 0, "blocked"]);
  });

  test("would be emptied", async () => {
    const { report, exitCode } = await reportOfRetain([registry.url, "--keep", "^never$", "--apply"]);
    expect([exitCode, deletes(), report.repositories[0]?.state]).toEqual([0, 0, "spared"]);
  });

  test("stands in a catalogue that could not be read", async () => {
    registry.script({ path: "/_catalog", fault: { kind: "status", status: 403 } });
    const { report, exitCode } = await apply();
    expect([exitCode, deletes(), report.repositories]).toEqual([2, 0, []]);
    expect(report.blocked.join()).toMatch(/catalogue/);
  });
});

describe("what runs stays", () => {
  const pods = (spec: object, status: object = {}): string => {
    const path = join(folder, "pods.json");
    const items = [{ kind: "Pod", spec: { containers: [{ image: "x/y:1" }], ...spec }, status }];
    writeFileSync(path, JSON.stringify({ kind: "List", items }));
    return path;
  };

  test.each([
    ["by tag, under another host", { initContainers: [{ image: "mirror.example.com/app:old" }] }, {}],
    [
      "by the digest of a platform",
      {},
      { containerStatuses: [{ imageID: `h.example/app@${oldest.digest}` }] },
    ],
    ["by the digest of a config", {}, { containerStatuses: [{ imageID: `${oldest.config?.digest}` }] }],
  ])("%s", async (_, spec, status) => {
    const { report, exitCode } = await apply("--in-use", pods(spec, status));
    expect(exitCode).toBe(0);
    expect(actionsOf(report)).toEqual({ new: "keep newest", old: "keep in_use", older: "drop no_rule" });
    expect(report.rules.inUsePods).toBe(1);
  });

  test("an untagged index that runs keeps the child that a dropped tag shares with it", async () => {
    const running = buildIndex({ children: [older], annotations: { is: "untagged" } });
    registry.put("app", null, running);
    const status = { containerStatuses: [{ imageID: `h.example/app@${running.digest}` }] };
    const { report } = await apply("--in-use", pods({}, status));
    expect(actionsOf(report).older).toBe("stay shared");
    expect(registry.storage.revision("app", older.digest)).not.toBeNull();
  });

  test.each([
    ["nothing", ""],
    ["half a list", '{"kind":"List","items":[{"kind":"Po'],
    ["an empty list", '{"kind":"List","items":[]}'],
    ["deployments", '{"kind":"List","items":[{"kind":"Deployment","spec":{"containers":[{"image":"a"}]}}]}'],
    [
      "a page",
      '{"kind":"PodList","metadata":{"continue":"x"},"items":[{"spec":{"containers":[{"image":"a"}]}}]}',
    ],
  ])("%s is refused", async (_, text) => {
    const path = join(folder, "bad.json");
    writeFileSync(path, text);
    const { exitCode, stderr, stdout } = await runRetain([
      registry.url,
      "--keep-last",
      "1",
      "--apply",
      "--in-use",
      path,
    ]);
    expect([exitCode, stdout, registry.requests.length]).toEqual([64, "", 0]);
    expect(stderr).toMatch(/^tallyman: --in-use must be .*\n$/);
  });
});

test("a signature follows its image, an orphan goes by its age, and unknown ages stay", async () => {
  const name = (of: BuiltManifest, ending: string): string => `${of.digest}`.replace(":", "-") + ending;
  const gone = image("gone", 70);
  registry.put("app", name(young, ".sig"), buildArtifact({ seed: "s1" }));
  registry.put("app", name(older, ".sig"), buildArtifact({ seed: "s2" }));
  registry.put("app", name(gone, ".sig"), buildArtifact({ seed: "s3" }));
  registry.put("app", name(gone, ".att"), image("att", 70));
  registry.put("app", "reproducible", buildImage({ seed: "r", created: "1970-01-01T00:00:00Z" }));
  const { report, exitCode } = await apply();
  expect(exitCode).toBe(0);
  expect(actionsOf(report)).toEqual({
    new: "keep newest",
    old: "drop no_rule",
    older: "drop no_rule",
    reproducible: "keep unknown_age",
    [name(young, ".sig")]: "keep companion_kept",
    [name(older, ".sig")]: "drop companion_dropped",
    [name(gone, ".sig")]: "keep unknown_age",
    [name(gone, ".att")]: "drop orphan",
  });
});
