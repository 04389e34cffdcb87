import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDiffJson } from "../../../lib/diff/render/render-json";
import { change, diffOf } from "../../diff/render/example-diff";
import { runDiff } from "./run-diff";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-diff-command-"));
  writeFileSync(at("risk.json"), renderDiffJson(diffOf(change("risk"), change("info"))));
  writeFileSync(at("none.json"), renderDiffJson(diffOf()));
  mkdirSync(at("stacks"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

test.each<[string[], string]>([
  [[], "diff needs two outputs or revisions: as `tallyman diff main HEAD`"],
  [["main"], 'diff needs two outputs or revisions, got "main": as'],
  [["a", "b", "c"], 'diff needs two outputs or revisions, got "a" "b" "c": as'],
  [["a", "b", "--format", "html"], '--format must be one of terminal, markdown, json, got "html"'],
  [["a", "b", "--fail-on", "none"], '--fail-on must be one of info, notice, risk, danger, got "none"'],
  [["a", "b", "--timeout", "0s"], '--timeout must be a duration of at least 1s, got "0s"'],
  [["a", "b", "--synth", " "], '--synth must be a shell command, got ""'],
  [["a", "--from-json", "x"], 'diff --from-json compares nothing, got also "a"'],
  [["--from-json", "x", "--synth", "y"], "--synth does not belong to diff --from-json: it runs nothing"],
  [["--from-json", "x", "--timeout", "1m"], "--timeout does not belong to diff --from-json: it runs nothing"],
  [["package.json", "HEAD"], '"package.json" is neither a synthesized output'],
  [["package.json/x", "HEAD"], '"package.json/x" is neither a synthesized output'],
  [["--from-json", "/nonexistent"], '"/nonexistent" cannot be read: ENOENT. Give what --format json wrote'],
])("%j exits 64 with one line that says what and how", async (words, message) => {
  const { code, stdout, stderr } = await runDiff(words);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test.each([
  [[], 0],
  [["--fail-on", "danger"], 0],
  [["--fail-on", "risk"], 1],
  [["--fail-on", "notice"], 1],
  [["--fail-on", "info"], 1],
])("a risk with %j exits %d", async (words, code) => {
  const run = await runDiff(["--from-json", at("risk.json"), ...words]);
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr: "" });
  expect(run.stdout).toMatch(/\nRISK: 1 risk, 1 info\n$/);
});

test("no change is below every limit", async () => {
  const run = await runDiff(["--from-json", at("none.json"), "--fail-on", "info"]);
  expect(run).toEqual({ code: 0, stdout: "no change\n", stderr: "" });
});

test("JSON of a JSON is the same", async () => {
  const { stdout } = await runDiff(["--from-json", at("risk.json"), "--format", "json"]);
  expect(stdout).toBe(renderDiffJson(diffOf(change("risk"), change("info"))));
});

test.each<[Record<string, string>, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ TERM: "dumb" }, true, false],
])("with %j, and a terminal: %p, colours: %p", async (env, isOutputTerminal, isColoured) => {
  const words = ["--from-json", at("risk.json")];
  const { stdout } = await runDiff(words, { env, isOutputTerminal });
  expect(stdout.includes("\u001b[")).toBe(isColoured);
});

test("no colour is in what other programs read", async () => {
  for (const format of ["markdown", "json"]) {
    const words = ["--from-json", at("risk.json"), "--format", format];
    expect((await runDiff(words, { isOutputTerminal: true })).stdout).not.toContain("\u001b");
  }
});

describe("a JSON that untrusted code left", () => {
  const refused = async (name: string): Promise<string> => {
    const { code, stdout, stderr } = await runDiff(["--from-json", at(name), "--format", "markdown"]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    return stderr;
  };

  test("by a symbolic link is not followed, and nothing of its target is told", async () => {
    writeFileSync(at("secret"), "TOKEN=hunter2");
    symlinkSync(at("secret"), at("link.json"));
    const stderr = await refused("link.json");
    expect(stderr).toContain("it is a symbolic link");
    expect(stderr).not.toContain("hunter2");
    expect(await refused("secret")).not.toContain("hunter2");
  });

  test("that is a folder or a pipe nobody writes to", async () => {
    expect(await refused("stacks")).toContain("is no file");
    execFileSync("mkfifo", [at("pipe.json")]);
    expect(await refused("pipe.json")).toContain("is no file");
  });

  test("that would fill the memory", async () => {
    writeFileSync(at("large.json"), "");
    truncateSync(at("large.json"), 33 * 1024 * 1024);
    expect(await refused("large.json")).toContain("must be at most 33554432 bytes, got 34603008");
  });

  test("that is of another form is told with its place", async () => {
    writeFileSync(
      at("other.json"),
      '{"schema":"tallyman.diff/1","grade":"none","changes":[{"grade":"\\u001b[2J"}]}',
    );
    expect(await refused("other.json")).toContain(
      'other.json" is no diff: changes[0].grade must be one of none, info, notice, risk, danger, got "\\u001b[2J"\n',
    );
  });
});
