/**
 * Prints at the end of a run, in one line a tool, which tests could not do their work for want of it. The tests tell
 * it through a file in a folder of this run, whose path the workers inherit.
 */
const { mkdtempSync, readFileSync, rmSync, existsSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const FOLDER_VARIABLE = "TALLYMAN_MISSING_TOOLS_FOLDER";

class MissingToolsReporter {
  onRunStart() {
    this.folder = mkdtempSync(join(tmpdir(), "tallyman-missing-tools-"));
    process.env[FOLDER_VARIABLE] = this.folder;
  }

  onRunComplete() {
    const file = join(this.folder, "list");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    rmSync(this.folder, { recursive: true, force: true });
    delete process.env[FOLDER_VARIABLE];
    for (const line of summarize(lines)) process.stderr.write(`${line}\n`);
  }
}

/** One line a tool from `<tool>\t<test>` lines, each test once. */
function summarize(lines) {
  const tests = new Map();
  for (const line of lines) {
    const [tool, test] = line.split("\t");
    tests.set(tool, (tests.get(tool) ?? new Set()).add(test));
  }
  return [...tests].map(([tool, names]) => `Not run for want of ${tool}: ${[...names].sort().join(", ")}`);
}

module.exports = MissingToolsReporter;
module.exports.summarize = summarize;
