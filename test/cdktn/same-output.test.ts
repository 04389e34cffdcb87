import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/** A JSON file's two forms, by engine: cdktf's writer breaks the line within what is empty. */
const EMPTY = /([[{])\n\s*([\]}])/g;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-engines-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Synthesizes the estate in a process of its own, and gives every file by its path. */
function synthesize(engine: "cdktf" | "cdktn"): ReadonlyMap<string, string> {
  const outdir = join(folder, engine);
  const flags = engine === "cdktn" ? ["--require", join(__dirname, "use-cdktn.js")] : [];
  const { status, stderr } = spawnSync(process.execPath, [...flags, join(ROOT, "dist/stacks/main.js")], {
    cwd: ROOT,
    env: { CDKTF_OUTDIR: outdir },
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the estate was not synthesized on ${engine}: ${stderr}`);
  const paths = readdirSync(outdir, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.filter((path) => statSync(join(outdir, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(outdir, path), "latin1")]));
}

function versionOf(engine: string): string {
  const text = readFileSync(join(ROOT, "node_modules", engine, "package.json"), "utf8");
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) throw new Error(text);
  return String(manifest.version);
}

test("the estate on cdktn is, byte for byte, the estate on cdktf with another version stamp", () => {
  const stamps = { cdktf: `"version": "${versionOf("cdktf")}"`, cdktn: `"version": "${versionOf("cdktn")}"` };
  expect(stamps.cdktf).not.toBe(stamps.cdktn);
  const old = synthesize("cdktf");
  const next = synthesize("cdktn");
  expect([...next.keys()]).toEqual([...old.keys()]);
  const stamped = [...old].filter(([, text]) => text.includes(stamps.cdktf)).map(([path]) => path);
  // The manifest and every stack, each once.
  expect(stamped).toEqual([...old.keys()].filter((path) => /^manifest\.json$|cdk\.tf\.json$/.test(path)));
  expect(stamped.length).toBeGreaterThanOrEqual(5);
  const different = [...next].filter(([path, text]) => {
    const before = old.get(path) ?? "";
    if (!stamped.includes(path)) return text !== before;
    expect(before.split(stamps.cdktf)).toHaveLength(2);
    return text !== before.replace(stamps.cdktf, stamps.cdktn).replace(EMPTY, "$1$2");
  });
  expect(different.map(([path]) => path)).toEqual([]);
});
