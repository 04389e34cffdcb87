/**
 * With TALLYMAN_RECORD=1 writes docs/tested-with.md from what a whole run of the end-to-end tests did and against
 * what; a run of some of them, or one with a failure, records nothing.
 */
const { spawnSync } = require("node:child_process");
const { readdirSync, writeFileSync } = require("node:fs");
const { join, relative, sep } = require("node:path");

const ROOT = join(__dirname, "../../..");
const FILE = "docs/tested-with.md";
/** What the tests run beside Kubernetes and Terraform, and the program that says which version it is. */
const SERVERS = {
  "Registry, Debian's": "docker-registry",
  Prometheus: "prometheus",
  Pushgateway: "prometheus-pushgateway",
  Alertmanager: "prometheus-alertmanager",
};

class RecordReporter {
  constructor(globalConfig) {
    this.globalConfig = globalConfig;
  }

  onRunComplete(_contexts, results) {
    if (process.env.TALLYMAN_RECORD !== "1") return;
    const files = results.testResults.map((one) => fileOf(one, ROOT));
    const why = whyNot(results, this.globalConfig, e2eFiles(__dirname).length);
    if (why !== null) {
      process.stderr.write(`${FILE} is left as it is: ${why}\n`);
      return;
    }
    const testedWith = { ...JSON.parse(process.env.TALLYMAN_E2E_TESTED_WITH ?? "{}"), ...serverVersions() };
    const date = new Date().toISOString().slice(0, 10);
    writeFileSync(join(ROOT, FILE), renderTestedWith({ date, testedWith, files }));
    process.stderr.write(`${FILE} says what was run\n`);
  }
}

/** Why a run is none to record; null where it is one. */
function whyNot(results, { testNamePattern }, fileCount) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  if (failed > 0) return `${failed} failed`;
  if (testNamePattern) return "only some tests were run";
  if (results.numTotalTestSuites < fileCount)
    return `only ${results.numTotalTestSuites} of ${fileCount} files were run`;
  return null;
}

function e2eFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".e2e.ts"),
  );
}

function fileOf({ testFilePath, testResults }, root) {
  return {
    path: relative(root, testFilePath).split(sep).join("/"),
    tests: testResults.map(({ fullName, status }) => ({ name: fullName, status })),
  };
}

function serverVersions() {
  const versions = Object.entries(SERVERS).flatMap(([name, program]) => {
    const { stdout, stderr, error } = spawnSync(program, ["--version"], {
      encoding: "utf8",
      timeout: 10_000,
    });
    const version = error ? undefined : /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0];
    return version === undefined ? [] : [[name, version]];
  });
  return Object.fromEntries(versions);
}

/** The document's whole text, files and their tests in the order of their names. */
function renderTestedWith({ date, testedWith, files }) {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const count = (tests, status) => tests.filter((one) => one.status === status).length;
  const all = sorted.flatMap(({ tests }) => tests);
  const skipped = all.length - count(all, "passed");
  const lines = [
    "# Tested with",
    "",
    "Written by `TALLYMAN_RECORD=1 npm run test:e2e` from its own results, never by hand: the stacks and constructs",
    "applied to a real Kubernetes API by the real providers, and everything around them at work.",
    "",
    `${date}: ${count(all, "passed")} tests passed, none failed${skipped > 0 ? `, ${skipped} left out for want of what they need` : ""}.`,
    "",
    "| program | version |",
    "| --- | --- |",
    ...Object.entries(testedWith).map(([name, version]) => `| ${name} | ${version} |`),
  ];
  for (const { path, tests } of sorted) {
    lines.push("", `## ${path.split("/").pop()}: ${count(tests, "passed")} of ${tests.length}`, "");
    for (const { name, status } of tests) lines.push(`- ${name}${status === "passed" ? "" : " (not run)"}`);
  }
  return `${lines.join("\n")}\n`;
}

module.exports = RecordReporter;
module.exports.renderTestedWith = renderTestedWith;
module.exports.whyNot = whyNot;
