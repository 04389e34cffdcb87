/** Roots, roles, links that are not followed, and what is written where; on storage that no registry serves. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Digest } from "../../../lib/oci/digest";
import { buildImage } from "../../../lib/testing";
import {
  blobDataPath,
  inStorage,
  LAYOUT_ROOT,
  layerLinkPath,
  revisionLinkPath,
  tagPath,
} from "../../support/storage";
import {
  cutOneByte,
  deleteData,
  deleteRevisionLink,
  emptyData,
  flipOneByte,
} from "../../support/storage-damage";
import { firstChild, firstLayer, twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";
import { linesOf, runScan, scanOf } from "./run-scan";

const image = twoPlatforms("roots");
const child = firstChild(image).digest;
const layer = firstLayer(image).digest;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tallyman-scan-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function storage(name: string): string {
  const folder = join(root, name);
  writeImage(folder, "app", "1.0", image);
  return folder;
}

/** Moves what is there out of the root, and leaves a symbolic link to it. */
function replaceByLink(path: string): void {
  const away = mkdtempSync(join(root, "away-"));
  renameSync(path, join(away, "moved"));
  symlinkSync(join(away, "moved"), path);
}

describe("roots", () => {
  test("a storage folder, the layout in it, and a folder of several mean the same storage", async () => {
    const folder = storage("private");
    for (const path of [folder, join(folder, LAYOUT_ROOT), root, `${folder}/`]) {
      const { report, exitCode } = await scanOf([path]);
      expect({ exitCode, names: report.registries.map(({ registry }) => registry) }).toEqual({
        exitCode: 0,
        names: ["private"],
      });
      expect(report.checked).toMatchObject({ repositories: 1, tags: 1, indexes: 1, manifests: 2, blobs: 6 });
    }
  });

  test("every key of the report is there, for findings that name nothing too", async () => {
    const folder = storage("private");
    writeImage(folder, "gone", "1", buildImage({ seed: "gone" }));
    rmSync(join(folder, LAYOUT_ROOT, "repositories/gone"), { recursive: true });
    const { report, exitCode } = await scanOf([folder]);
    expect(exitCode).toBe(0);
    expect(Object.keys(report)).toEqual([
      "schema",
      "root",
      "startedAt",
      "durationMs",
      "complete",
      "registries",
      "checked",
      "findings",
      "findingsTruncated",
      "undetermined",
    ]);
    expect(report.findings).toEqual([
      {
        kind: "blob_unreferenced",
        severity: "information",
        registry: "private",
        repository: null,
        tags: [],
        digest: null,
        path: [],
        detail: expect.stringMatching(/^4 blobs, [0-9]+ bytes, that no linked manifest names$/),
      },
    ]);
  });

  test("what no tag reaches is a warning, summed up when there is much of it", async () => {
    const folder = storage("private");
    for (let i = 0; i < 30; i++) {
      const lost = buildImage({ seed: `lost/${i}`, layers: 1 });
      writeImage(folder, "app", null, lost);
      deleteData(folder, lost.digest);
      deleteData(folder, lost.layers[0]?.digest as Digest);
    }
    const { report, exitCode } = await scanOf([folder]);
    expect(exitCode).toBe(0);
    for (const kind of ["layer_link_dangling", "revision_dangling"]) {
      const details = report.findings.filter((finding) => finding.kind === kind).map(({ detail }) => detail);
      expect(details).toHaveLength(21);
      expect(details).toContain("10 more like these");
    }
  });
});

describe("a cache", () => {
  test("may lack anything, and must be right in what it has", async () => {
    const folder = storage("ghcr");
    deleteRevisionLink(folder, "app", child);
    const grown = firstChild(image).config?.digest as Digest;
    expect((await scanOf([root])).exitCode).toBe(1);
    const cache = await scanOf([root, "--role", "ghcr=cache"]);
    expect({ exitCode: cache.exitCode, findings: linesOf(cache.report) }).toEqual({
      exitCode: 0,
      findings: [],
    });
    expect(cache.report.registries[0]?.role).toBe("cache");
    expect(inStorage(folder, blobDataPath(grown))).toContain(grown.hex);
  });

  test.each([
    ["truncated", (folder: string) => cutOneByte(folder, layer), []],
    // What a manifest names that cannot be read, nothing refers to.
    ["unservable", (folder: string) => emptyData(folder, child), ["blob_unreferenced"]],
  ])("%s is damage there too", async (kind, damage, below) => {
    const folder = storage("ghcr");
    damage(folder);
    const { report, exitCode } = await scanOf([root, "--role", "ghcr=cache"]);
    expect({ exitCode, kinds: report.findings.map((finding) => finding.kind) }).toEqual({
      exitCode: 1,
      kinds: [kind, ...below],
    });
  });
});

describe("symbolic links are not followed, and are never damage", () => {
  test.each<[string, (folder: string) => string]>([
    ["a blob's data", (folder) => inStorage(folder, blobDataPath(layer))],
    ["a manifest's data", (folder) => inStorage(folder, blobDataPath(child))],
    ["the folder of a blob", (folder) => dirname(inStorage(folder, blobDataPath(layer)))],
    ["the folder of a prefix", (folder) => dirname(dirname(inStorage(folder, blobDataPath(layer))))],
    ["the folder of all blobs", (folder) => join(folder, LAYOUT_ROOT, "blobs")],
    ["a layer link", (folder) => inStorage(folder, layerLinkPath("app", layer))],
    ["a layer link's folder", (folder) => dirname(inStorage(folder, layerLinkPath("app", layer)))],
    ["the folder of all layer links", (folder) => join(folder, LAYOUT_ROOT, "repositories/app/_layers")],
    ["a revision link's folder", (folder) => dirname(inStorage(folder, revisionLinkPath("app", child)))],
    [
      "the folder of tags and revisions",
      (folder) => join(folder, LAYOUT_ROOT, "repositories/app/_manifests"),
    ],
    ["the folder of repositories", (folder) => join(folder, LAYOUT_ROOT, "repositories")],
    ["a tag", (folder) => inStorage(folder, tagPath("app", "1.0"))],
    ["a tag's current", (folder) => join(inStorage(folder, tagPath("app", "1.0")), "current")],
    ["a repository", (folder) => join(folder, LAYOUT_ROOT, "repositories/app")],
  ])("%s", async (_, pathIn) => {
    const folder = storage("private");
    replaceByLink(pathIn(folder));
    const { report, exitCode } = await scanOf([folder]);
    expect({ exitCode, complete: report.complete }).toEqual({ exitCode: 2, complete: false });
    expect(report.findings.filter(({ severity }) => severity === "damage")).toEqual([]);
    expect(report.undetermined.map(({ detail }) => detail).join()).toContain("is a symbolic link");
  });

  test("a link that is a folder is undetermined, one of a gigabyte is damage read in no time", async () => {
    const folder = storage("private");
    const link = inStorage(folder, layerLinkPath("app", layer));
    rmSync(link);
    mkdirSync(link);
    expect((await scanOf([folder])).exitCode).toBe(2);
    rmSync(link, { recursive: true });
    writeFileSync(link, `${layer}${" ".repeat(1_000_000)}`);
    const { report } = await scanOf([folder]);
    expect(report.findings.map(({ kind }) => kind)).toEqual(["unservable"]);
    expect(report.findings[0]?.detail.length).toBeLessThan(200);
  });
});

describe("metrics", () => {
  test("the textfile is written whole beside the report, and leaves nothing else", async () => {
    const folder = storage("private");
    deleteRevisionLink(folder, "app", child);
    const out = mkdtempSync(join(root, "out-"));
    const file = join(out, "scan.prom");
    const words = [
      folder,
      "--textfile",
      file,
      "--instance",
      "registry.example.com:5050",
      "--format",
      "prometheus",
    ];
    const { stdout, exitCode } = await runScan(words, { now: () => 1_700_000_000_500 });
    expect(exitCode).toBe(1);
    expect(readFileSync(file, "utf8")).toBe(stdout);
    expect(readdirSync(out)).toEqual(["scan.prom"]);
    const labels = '{instance="registry.example.com:5050"}';
    expect(stdout).toContain(`registry_orphaned_images${labels} 1\n`);
    expect(stdout).toContain(
      'registry_scan_findings{instance="registry.example.com:5050",severity="damage"} 1\n',
    );
    expect(stdout).toContain(`registry_scan_undetermined${labels} 0\n`);
    expect(stdout).toContain(`registry_scan_last_run_timestamp${labels} 1700000000.5\n`);
  });

  test("an incomplete scan does not say that nothing is orphaned", async () => {
    const folder = storage("private");
    replaceByLink(join(folder, LAYOUT_ROOT, "repositories/app"));
    const { stdout } = await runScan([folder, "--format", "prometheus"]);
    expect(stdout).not.toContain("registry_orphaned_images");
    expect(stdout).toContain('registry_scan_undetermined{instance="private"} 1\n');
  });

  test("a textfile that cannot be written is one line and exit 2, after the report", async () => {
    const { stdout, stderr, exitCode } = await runScan([
      storage("private"),
      "--textfile",
      join(root, "no/x.prom"),
    ]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^tallyman: --textfile ".*" cannot be written \(ENOENT\)\n$/),
    });
    expect(stdout).toContain("WHOLE: everything that a tag leads to is on disk");
  });
});

test("bytes are read on demand alone, and a flipped one is then damage", async () => {
  const folder = storage("private");
  flipOneByte(folder, layer);
  expect((await scanOf([folder])).exitCode).toBe(0);
  const { report, exitCode } = await scanOf([folder, "--verify-bytes", "all"]);
  expect(exitCode).toBe(1);
  expect(report.findings.map(({ kind, digest }) => [kind, digest])).toEqual([
    ["digest_mismatch", `${layer}`],
  ]);
});

test("what is broken differently each time is in doubt, not damage", async () => {
  const folder = storage("private");
  const blobs = firstChild(image).layers.map(({ digest }) => inStorage(folder, blobDataPath(digest)));
  let hidden = 0;
  renameSync(`${blobs[hidden]}`, `${blobs[hidden]}.late`);
  const sleep = async (): Promise<void> => {
    renameSync(`${blobs[hidden]}.late`, `${blobs[hidden]}`);
    hidden = 1 - hidden;
    renameSync(`${blobs[hidden]}`, `${blobs[hidden]}.late`);
  };
  const { report, exitCode } = await scanOf([folder], { sleep });
  expect({ exitCode, reasons: report.undetermined.map(({ reason }) => reason) }).toEqual({
    exitCode: 2,
    reasons: ["moved"],
  });
  expect(report.findings).toEqual([]);
});

test("what comes between two looks is no damage", async () => {
  const folder = storage("private");
  const data = inStorage(folder, blobDataPath(layer));
  renameSync(data, `${data}.late`);
  const sleep = async (): Promise<void> => renameSync(`${data}.late`, data);
  const { report, exitCode } = await scanOf([folder], { sleep });
  expect({ exitCode, findings: report.findings }).toEqual({ exitCode: 0, findings: [] });
});
