import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Artifact } from "../../lib/terraform/artifacts";

let outdir = "";
let app: App;
let stack: TerraformStack;

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "tallyman-artifacts-"));
  app = new App({ outdir, skipValidation: false });
  stack = new TerraformStack(app, "stack");
});

afterEach(() => {
  rmSync(outdir, { recursive: true, force: true });
});

function read(path: string): string {
  return readFileSync(join(outdir, "artifacts", path), "utf8");
}

test("text, bytes, a function and a file are written below artifacts, and nothing is left beside them", () => {
  const source = join(outdir, "source.txt");
  writeFileSync(source, "from a file");
  let calls = 0;
  new Artifact(stack, "text", { path: "monitoring/rules.yml", content: "groups: []\n" });
  new Artifact(stack, "bytes", { path: "bytes.bin", content: Uint8Array.of(0, 255) });
  new Artifact(stack, "late", { path: "late.txt", content: () => `made ${++calls}` });
  new Artifact(stack, "file", { path: "probe/tallyman.mjs", content: { file: source } });
  expect(calls).toBe(0);

  app.synth();

  expect(read("monitoring/rules.yml")).toBe("groups: []\n");
  expect([...readFileSync(join(outdir, "artifacts/bytes.bin"))]).toEqual([0, 255]);
  expect(read("late.txt")).toBe("made 1");
  expect(read("probe/tallyman.mjs")).toBe("from a file");
  expect(readdirSync(join(outdir, "artifacts"), { recursive: true }).sort()).toEqual([
    "bytes.bin",
    "late.txt",
    "monitoring",
    "monitoring/rules.yml",
    "probe",
    "probe/tallyman.mjs",
  ]);
});

test("a second synthesis replaces the file, and an artifact is no part of what Terraform applies", () => {
  let content = "first, and longer";
  new Artifact(stack, "late", { path: "late.txt", content: () => content });
  app.synth();
  content = "second";
  app.synth();
  expect(read("late.txt")).toBe("second");
  expect(Object.keys(stack.toTerraform())).toEqual(["//", "terraform"]);
});

test("a file that is there already is left alone, one of the same length and other bytes is not", () => {
  let content = "one";
  new Artifact(stack, "late", { path: "late.txt", content: () => content });
  app.synth();
  const { ino } = statSync(join(outdir, "artifacts/late.txt"));
  app.synth();
  expect(statSync(join(outdir, "artifacts/late.txt")).ino).toBe(ino);
  content = "two";
  app.synth();
  expect(read("late.txt")).toBe("two");
});

test("an unresolved value in a text becomes Terraform's expression, and ${ in a literal text stays", () => {
  const variable = new TerraformVariable(stack, "team", { type: "string" });
  new Artifact(stack, "a", { path: "a.txt", content: `page ${variable.stringValue} of $\{x}` });
  new Artifact(stack, "b", { path: "b.txt", content: `echo $\{HOME} %{http_code}` });
  app.synth();
  expect(read("a.txt")).toBe(`page $\{var.team} of $\{x}`);
  expect(read("b.txt")).toBe(`echo $\{HOME} %{http_code}`);
});

test.each(["", "/etc/passwd", "../x", "a/../x", "a//b", "a\\b", "./x", "a/", "C:x", "a b"])(
  "the path %j is refused",
  (path) => {
    expect(() => new Artifact(stack, "a", { path, content: "" })).toThrow(
      /^path must be relative and stay in the artifacts folder, got /,
    );
  },
);

test("a path taken twice in one app, in any case of letters, is an error that names both", () => {
  new Artifact(stack, "one", { path: "rules.yml", content: "1" });
  const other = new TerraformStack(app, "other");
  new Artifact(other, "two", { path: "Rules.yml", content: "2" });
  expect(() => app.synth()).toThrow(/stack\/one\.path must differ from that of other\/two, got "rules.yml"/);
});

test("two artifacts of different paths do not clash", () => {
  new Artifact(stack, "one", { path: "a/rules.yml", content: "1" });
  new Artifact(stack, "two", { path: "b/rules.yml", content: "2" });
  expect(stack.node.findAll().flatMap((node) => node.node.validate())).toEqual([]);
});

test("a content that cannot be had leaves the earlier file whole", () => {
  const source = join(outdir, "gone.txt");
  writeFileSync(source, "whole");
  new Artifact(stack, "file", { path: "x.txt", content: { file: source } });
  app.synth();
  rmSync(source);
  expect(() => app.synth()).toThrow("ENOENT");
  expect(read("x.txt")).toBe("whole");
  expect(readdirSync(join(outdir, "artifacts"))).toEqual(["x.txt"]);
});

test("a file that cannot be put in its place leaves nothing beside it", () => {
  new Artifact(stack, "a", { path: "x.txt", content: "text" });
  mkdirSync(join(outdir, "artifacts/x.txt/taken"), { recursive: true });
  expect(() => app.synth()).toThrow(/EISDIR|ENOTEMPTY/);
  expect(readdirSync(join(outdir, "artifacts"))).toEqual(["x.txt"]);
});
