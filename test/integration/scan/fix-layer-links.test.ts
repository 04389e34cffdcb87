/** The one thing that a scan can change. */
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Digest } from "../../../lib/oci/digest";
import { buildImage } from "../../../lib/testing";
import { Distribution, distributionVersions } from "../../support/distribution";
import { inStorage, LAYOUT_ROOT, layerLinkPath, revisionLinkPath, tagPath } from "../../support/storage";
import { deleteData } from "../../support/storage-damage";
import { reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { runScan, scanOf } from "./run-scan";

const kept = buildImage({ seed: "kept", layers: 2 });
const gone = buildImage({ seed: "gone", layers: 2 });
const links = [gone.config?.digest as Digest, ...gone.layers.map(({ digest }) => digest)];

/** Both images in one repository; the second then collected as a registry does it, its layer links left behind. */
function fill(root: string): void {
  writeImage(root, "app", "kept", kept);
  writeImage(root, "app", "gone", gone);
  for (const digest of [gone.digest, ...links]) deleteData(root, digest);
  rmSync(inStorage(root, tagPath("app", "gone")), { recursive: true });
  rmSync(dirname(inStorage(root, revisionLinkPath("app", gone.digest))), { recursive: true });
}

function age(root: string, hours: number): void {
  const at = new Date(Date.now() - hours * 3_600_000);
  for (const digest of links) utimesSync(inStorage(root, layerLinkPath("app", digest)), at, at);
}

function linkFolders(root: string): string[] {
  return readdirSync(join(root, LAYOUT_ROOT, "repositories/app/_layers/sha256"));
}

function everyPath(root: string): string[] {
  return readdirSync(root, { recursive: true }).map(String).sort();
}

describe("--fix-layer-links", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "tallyman-scan-"));
    fill(root);
    age(root, 2);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("the dry run names the links and touches nothing", async () => {
    const before = everyPath(root);
    const { stderr, exitCode } = await runScan([root, "--fix-layer-links", "--dry-run"]);
    expect(exitCode).toBe(0);
    for (const digest of links) expect(stderr).toContain(`app layer link ${digest} would be removed\n`);
    expect(stderr).toContain("3 dangling layer links would be removed\n");
    expect(everyPath(root)).toEqual(before);
  });

  test("removes exactly the dangling links, with their folders", async () => {
    const doomed = links.flatMap((digest) => {
      const link = layerLinkPath("app", digest);
      return [dirname(link), link];
    });
    const left = everyPath(root).filter((path) => !doomed.includes(path));
    const { stderr, exitCode } = await runScan([root, "--fix-layer-links"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: "tallyman: 3 dangling layer links removed\n",
    });
    expect(everyPath(root)).toEqual(left);
    expect((await scanOf([root])).report.findings).toEqual([]);
  });

  test("leaves links that are younger than an hour: a push may be under way", async () => {
    age(root, 0.9);
    const { stderr } = await runScan([root, "--fix-layer-links"]);
    expect(stderr).toBe("tallyman: 0 dangling layer links removed, 3 left that are younger than an hour\n");
    expect(linkFolders(root)).toHaveLength(6);
  });

  test("never takes a link that a tag reaches, though its data is gone", async () => {
    for (const { digest } of kept.layers) deleteData(root, digest);
    const { exitCode, stderr } = await runScan([root, "--fix-layer-links"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("3 dangling layer links removed");
    for (const { digest } of kept.layers)
      expect(existsSync(inStorage(root, layerLinkPath("app", digest)))).toBe(true);
  });

  test("removes nothing where a broken manifest hides what its tag needs", async () => {
    deleteData(root, kept.digest);
    const { exitCode, stderr } = await runScan([root, "--fix-layer-links"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "tallyman: 0 dangling layer links removed\n",
    });
    expect(linkFolders(root)).toHaveLength(6);
  });

  test("removes nothing while anything is undetermined", async () => {
    symlinkSync(tmpdir(), join(root, LAYOUT_ROOT, "repositories/other"));
    const { exitCode, stderr } = await runScan([root, "--fix-layer-links"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "tallyman: no layer link was removed: not everything could be read\n",
    });
    expect(linkFolders(root)).toHaveLength(6);
  });
});

test.each(distributionVersions())("distribution %s serves the same before and after", async (version) => {
  const registry = await Distribution.start({ version });
  try {
    fill(registry.root);
    age(registry.root, 2);
    expect((await runScan([registry.root, "--fix-layer-links"])).stderr).toContain(
      "3 dangling layer links removed",
    );
    await registry.restart();
    const { report, exitCode } = await reportOf(["probe", registry.url]);
    expect({ exitCode, findings: report.findings, tags: report.checked.tags }).toEqual({
      exitCode: 0,
      findings: [],
      tags: 1,
    });
  } finally {
    await registry.stop();
  }
});
