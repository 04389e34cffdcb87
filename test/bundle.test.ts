import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { PROGRAM_NODE_FLAGS } from "../lib/integrity/contract";

const ROOT = join(__dirname, "..");
/** A ConfigMap holds 1 MiB, and etcd no object much larger. */
const MAX_BYTES = 400 * 1024;
/** What was looked at when it was about 160 KiB: more is a decision, not a drift. */
const REVIEWED_BYTES = 340 * 1024;
/** Uploaded over ssh at every release: it may grow, but not by a package. */
const MAX_HOST_BYTES = 600 * 1024;
/** Compressed: a step carries it in an environment variable, which as base64 is a third longer. */
const MAX_COMPRESSED_BYTES = 48 * 1024;
/** Against Node's own start in the same minute, which a busy machine stretches alike; about 2.5 was seen. */
const MAX_STARTS_OF_NODE = 8;

type InMemory = Parameters<typeof build>[0] & { readonly metafile: true; readonly write: false };
/** As `npm run build` has them. */
const { bundleOptions, compress, hostBundleOptions, verifyBundleOptions } = jest.requireActual<{
  readonly bundleOptions: InMemory;
  readonly compress: (contents: Uint8Array) => Uint8Array;
  readonly hostBundleOptions: InMemory;
  readonly verifyBundleOptions: InMemory;
}>("../scripts/bundle.js");

interface Bundle {
  readonly bytes: Buffer;
  readonly metafile: Metafile;
}

async function bundle(root: string, options: InMemory = bundleOptions): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({ ...options, absWorkingDir: root });
  const [file, ...more] = outputFiles;
  if (file === undefined) throw new Error("esbuild made no file");
  expect([...more, ...warnings]).toEqual([]);
  return { bytes: Buffer.from(file.contents), metafile };
}

let folder = "";
let program = "";
let here: Bundle;
let hostProgram = "";
let onHost: Bundle;
let verifyProgram = "";
let inStep: Bundle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-bundle-"));
  program = join(folder, "tallyman.mjs");
  here = await bundle(ROOT);
  writeFileSync(program, here.bytes);
  hostProgram = join(folder, "tallyman-host.mjs");
  onHost = await bundle(ROOT, hostBundleOptions);
  writeFileSync(hostProgram, onHost.bytes);
  verifyProgram = join(folder, "tallyman-verify.mjs");
  inStep = await bundle(ROOT, verifyBundleOptions);
  writeFileSync(verifyProgram, inStep.bytes);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the same source gives the same bytes, here and in another folder", async () => {
  expect((await bundle(ROOT)).bytes.equals(here.bytes)).toBe(true);
  const elsewhere = join(folder, "elsewhere");
  cpSync(join(ROOT, "lib"), join(elsewhere, "lib"), { recursive: true });
  cpSync(join(ROOT, "tsconfig.json"), join(elsewhere, "tsconfig.json"));
  expect((await bundle(elsewhere)).bytes.equals(here.bytes)).toBe(true);
  expect((await bundle(elsewhere, hostBundleOptions)).bytes.equals(onHost.bytes)).toBe(true);
  expect((await bundle(elsewhere, verifyBundleOptions)).bytes.equals(inStep.bytes)).toBe(true);
});

test("it is small, and holds no path of this machine", () => {
  expect(here.bytes.length).toBeLessThan(MAX_BYTES);
  expect(here.bytes.length).toBeLessThan(REVIEWED_BYTES);
  expect(here.bytes.length).toBeGreaterThan(10_000);
  expect(here.bytes.includes(ROOT)).toBe(false);
});

test("it is the verdict engine and the program's own files, and needs nothing but Node", () => {
  const inputs = Object.keys(here.metafile.inputs);
  expect(inputs).toContain("lib/integrity/walk.ts");
  const foreign = inputs.filter(
    (path) =>
      !/^required:http$|^lib\/(?:core|oci|registry-client|integrity)\/|^lib\/cli\/(?!main\.ts$)(?:(?:report-page|serve)\/)?[^/]+$/.test(
        path,
      ),
  );
  expect(foreign).toEqual([]);
  const external = Object.values(here.metafile.outputs).flatMap(({ imports }) => imports);
  expect(external.length).toBeGreaterThan(0);
  expect(external.filter(({ path }) => !path.startsWith("node:"))).toEqual([]);
  // What esbuild writes where a module is only named at run time.
  expect(here.bytes.includes("__require")).toBe(false);
  // Imported by an ES module it brings fetch and WebSocket into Node 22's memory.
  for (const { metafile } of [here, onHost, inStep]) {
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
    expect(imported.map(({ path }) => path)).not.toContain("node:http");
  }
});

test("the host's program is those and what maintains a host, bounded too, and needs nothing but Node", () => {
  const inputs = Object.keys(onHost.metafile.inputs);
  expect(inputs).toContain("lib/integrity/disk/scan-storage.ts");
  const own =
    /^required:http$|^lib\/(?:core|oci|registry-client|integrity)\/|^lib\/cli\/(?!main\.ts$|program\.ts$)(?:(?:report-page|serve|scan|retain|repair)\/)?[^/]+$/;
  expect(inputs.filter((path) => !own.test(path))).toEqual([]);
  const external = Object.values(onHost.metafile.outputs).flatMap(({ imports }) => imports);
  expect(external.filter(({ path }) => !path.startsWith("node:"))).toEqual([]);
  expect(onHost.bytes.includes("__require")).toBe(false);
  expect(onHost.bytes.includes(ROOT)).toBe(false);
  expect(onHost.bytes.length).toBeGreaterThan(here.bytes.length);
  expect(onHost.bytes.length).toBeLessThan(MAX_HOST_BYTES);
  // What the cluster runs has no room for it.
  expect(
    Object.keys(here.metafile.inputs).filter((path) => /\/(?:disk|retention|repair)\//.test(path)),
  ).toEqual([]);
});

test("the step's program is verify alone, small once compressed, and needs nothing but Node", () => {
  const inputs = Object.keys(inStep.metafile.inputs);
  const own =
    /^lib\/(?:core|oci|registry-client|integrity)\/|^lib\/cli\/(?!main\.ts$|program\.ts$)(?:report-page\/)?[^/]+$/;
  expect(inputs.filter((path) => !own.test(path))).toEqual([]);
  const kept = Object.values(inStep.metafile.outputs).flatMap(({ inputs: parts }) =>
    Object.entries(parts).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  expect(kept).toContain("lib/cli/verify-command.ts");
  expect(kept.filter((path) => /serve-command|probe-command|walk-loop/.test(path))).toEqual([]);
  const external = Object.values(inStep.metafile.outputs).flatMap(({ imports }) => imports);
  expect(external.filter(({ path }) => !path.startsWith("node:"))).toEqual([]);
  expect(inStep.bytes.includes(ROOT)).toBe(false);
  const compressed = compress(inStep.bytes);
  expect(compressed.length).toBeLessThan(MAX_COMPRESSED_BYTES);
  expect(inflateSync(compressed).equals(inStep.bytes)).toBe(true);
});

/** Runs Node as the CronJob does, with nothing of this process's environment. */
function node(...words: string[]) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM_NODE_FLAGS, ...words], {
    cwd: folder,
    env: {},
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr, milliseconds: performance.now() - start };
}

test("it runs from that one file, without a word too much", () => {
  const help = node(program, "--help");
  expect(help).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("probe") });
  expect(node(program, "probe", "--help")).toMatchObject({ status: 0, stderr: "" });
  const unnamed = node(program, "probe");
  expect(unnamed).toMatchObject({ status: 64, stdout: "" });
  expect(unnamed.stderr).toMatch(/^tallyman: probe needs a registry[^\n]*\n$/);
});

test.each(["probe", "verify", "serve", "scan", "retain", "repair"])("the host's program has %s", (name) => {
  expect(node(hostProgram, "--help").stdout).toContain(`  ${name} `);
  expect(node(hostProgram, name, "--help")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining(`tallyman ${name}`),
  });
});

test("the host's program says what it does not have", () => {
  const unknown = node(hostProgram, "demo");
  expect(unknown).toMatchObject({ status: 64, stdout: "" });
  expect(unknown.stderr).toMatch(/^tallyman: unknown command "demo"\nUsage: /);
});

test("the step's program has verify, and says what it does not have", () => {
  expect(node(verifyProgram, "verify", "--help")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining("--recheck-after"),
  });
  expect(node(verifyProgram, "probe")).toEqual(
    expect.objectContaining({
      status: 64,
      stdout: "",
      stderr: 'tallyman: this program has the command verify alone, got "probe"\n',
    }),
  );
  expect(node(verifyProgram)).toMatchObject({ status: 64, stderr: expect.stringContaining("got none") });
});

test("it starts soon after Node itself", () => {
  // The shortest of five: a busy machine stretches the others.
  const shortest = (...words: string[]) =>
    Math.min(...[1, 2, 3, 4, 5].map(() => node(...words).milliseconds));
  expect(shortest(program, "--help") / shortest("--eval", "0")).toBeLessThan(MAX_STARTS_OF_NODE);
});
