const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** What every test runs with. */
const common = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  // The compiler checks all files once, in `npm run typecheck`; here each is only transpiled.
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
};
// The Markdown packages are ES modules alone; `npm run build` makes this one file of them.
const bundles = { "^\\./mdast-bundle$": "<rootDir>/dist/lib/text/markdown/mdast-bundle.js" };

/** The tests that synthesize: those that load CDKTF, a construct's stack or the whole library. Real servers are no matter of the engine. */
function synthesisTests() {
  const loadsCdktf =
    /^(?:import|\}) .*from "(?:cdktf|constructs|@cdktf\/[^"]+|(?:\.\.\/)+(?:stacks\/[^"]+|lib\/index))";$/m;
  return readdirSync(join(__dirname, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !/^(?:e2e|integration|package)\b/.test(name))
    .filter((name) => loadsCdktf.test(readFileSync(join(__dirname, "test", name), "utf8")))
    .map((name) => `<rootDir>/test/${name.split("\\").join("/")}`);
}

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    { ...common, displayName: "cdktf", testMatch: ["**/*.test.ts"], moduleNameMapper: bundles },
    {
      ...common,
      displayName: "cdktn",
      testMatch: synthesisTests(),
      // For the prebuilt providers too, as npm's override does it.
      moduleNameMapper: { ...bundles, "^cdktf$": "cdktn", "^cdktf/(.*)$": "cdktn/$1" },
    },
  ],
  reporters: [
    "default",
    "<rootDir>/test/support/missing-tools-reporter.js",
    "<rootDir>/test/support/plain-summary-reporter.js",
  ],
  // Of all projects: one's own is not looked at.
  testTimeout: 60_000,
  maxWorkers: 2,
};
