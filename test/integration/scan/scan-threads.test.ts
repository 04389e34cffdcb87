/** The scan with other threads, which only compiled files can start, against the scan in one. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { BlobInventory } from "../../../lib/integrity/disk/blob-inventory";
import { findRegistries } from "../../../lib/integrity/disk/find-registries";
import { type ScanOptions, scanStorage } from "../../../lib/integrity/disk/scan-storage";
import { buildImage } from "../../../lib/testing";
import { inStorage, layerLinkPath, repositoryPath, tagPath } from "../../support/storage";
import { deleteData, deleteRevisionLink, flipOneByte } from "../../support/storage-damage";
import { firstChild, firstLayer, twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";

const SOURCES = ["core", "oci", "registry-client", "integrity"];
const REPOSITORIES = 40;
const names = Array.from({ length: REPOSITORIES }, (_, i) => `r/${i}`).sort();

let folder: string;
let compiled: string;
let root: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-threads-"));
  root = join(folder, "storage");
  compiled = join(folder, "compiled");
  await compile(compiled);
  for (const [i, name] of names.entries()) {
    const image = twoPlatforms(`threads/${i >> 1}`);
    writeImage(root, name, "1.0", image);
    if (i % 5 === 0) deleteRevisionLink(root, name, firstChild(image).digest);
    if (i % 7 === 0) flipOneByte(root, firstLayer(image).digest);
    if (i % 3 === 0) leaveLayerLinks(name, `gone/${i}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function leaveLayerLinks(name: string, seed: string): void {
  const gone = buildImage({ seed });
  writeImage(root, name, "gone", gone);
  rmSync(inStorage(root, tagPath(name, "gone")), { recursive: true });
  for (const { digest } of gone.layers) {
    deleteData(root, digest);
    utimesSync(inStorage(root, layerLinkPath(name, digest)), 0, 0);
  }
}

async function compile(outdir: string): Promise<void> {
  const entryPoints = SOURCES.map((part) => `lib/${part}/**/*.ts`);
  const absWorkingDir = join(__dirname, "../../..");
  await build({ entryPoints, absWorkingDir, outdir, outbase: "lib", format: "cjs", platform: "node" });
}

type Scan = typeof scanStorage;

async function resultOf(scan: Scan, threads: number, afterEach: () => void = () => {}) {
  const found = findRegistries(root);
  if (found.kind !== "found") throw new Error(found.problem);
  const order: number[] = [];
  const options: ScanOptions = {
    root,
    found,
    roleOf: () => "authoritative",
    slice: { k: 1, n: 1 },
    seed: 7,
    threads,
    now: () => 0,
    sleep: async () => {},
    onProgress: (_, repositories) => {
      order.push(repositories);
      afterEach();
    },
  };
  const { report, danglingLinks } = await scan(options);
  return {
    report,
    order,
    dangling: danglingLinks.map(({ digest, repository }) => `${repository} ${digest}`),
  };
}

/** Who reads a shared blob first, or that two threads do at once, is a matter of chance. */
function withoutBytesRead(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, entry) => (key === "bytesRead" ? 0 : entry)));
}

function compiledScan(from: string): Scan {
  return jest.requireActual<{ scanStorage: Scan }>(join(from, "integrity/disk/scan-storage.js")).scanStorage;
}

test.each([1, 2, 4])("%i threads say the same as one", async (threads) => {
  const alone = await resultOf(scanStorage, 1);
  expect(alone.report.findings.length).toBeGreaterThan(20);
  expect(alone.dangling.length).toBeGreaterThan(10);
  expect(withoutBytesRead(await resultOf(compiledScan(compiled), threads))).toEqual(withoutBytesRead(alone));
});

test("other threads do a part of it, and what they saw is told in order", async () => {
  type Threads = typeof import("../../../lib/integrity/disk/scan-threads");
  const { ScanThreads } = jest.requireActual<Threads>(join(compiled, "integrity/disk/scan-threads.js"));
  const threads = new ScanThreads(2);
  try {
    const blobs = BlobInventory.list(root, 7);
    const told: string[] = [];
    const clock = new Int32Array(new SharedArrayBuffer(4));
    const others = await threads.scan(
      { root, isCache: false, blobs, slice: null, seed: 7 },
      names,
      (scan) => {
        told.push(scan.repository);
        // This thread is slow: the others have time to start.
        Atomics.wait(clock, 0, 0, 50);
      },
    );
    expect(told).toEqual(names);
    expect(others).toBeGreaterThan(0);
    // What they referred to counts here too: all but the data of the images that are broken above it.
    expect(blobs.totals().unreferenced.count).toBeLessThan(blobs.totals().stored.count / 2);
  } finally {
    await threads.stop();
  }
});

test.each([
  ["does not start", "throw new Error('no');"],
  ["ends at once", "process.exit(3);"],
  [
    "dies with a repository in its hands",
    `const { parentPort } = require("node:worker_threads");
     parentPort.once("message", ({ next }) => { Atomics.add(next, 0, 1); process.exit(3); });`,
  ],
])("a thread that %s leaves its part to this one", async (what, text) => {
  const broken = join(folder, what.replaceAll(" ", "-"));
  await compile(broken);
  writeFileSync(join(broken, "integrity/disk/scan-worker.js"), text);
  const result = await resultOf(compiledScan(broken), 3);
  expect(withoutBytesRead(result)).toEqual(withoutBytesRead(await resultOf(scanStorage, 1)));
});

test("a repository that goes before its turn is no finding", async () => {
  const last = `r/${"z".repeat(9)}`;
  writeImage(root, last, "1.0", twoPlatforms("threads/0"));
  const before = await resultOf(scanStorage, 1);
  const leave = () => rmSync(inStorage(root, repositoryPath(last)), { recursive: true, force: true });
  const after = await resultOf(scanStorage, 1, leave);
  expect(before.order).toHaveLength(REPOSITORIES + 1);
  expect(after.report.findings).toEqual(before.report.findings);
});
