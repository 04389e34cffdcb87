/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // The compiler checks all files once, in `npm run typecheck`; here each is only transpiled.
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
  // The Markdown packages are ES modules alone; `npm run build` makes this one file of them.
  moduleNameMapper: { "^\\./mdast-bundle$": "<rootDir>/dist/lib/text/markdown/mdast-bundle.js" },
  reporters: [
    "default",
    "<rootDir>/test/support/missing-tools-reporter.js",
    "<rootDir>/test/support/plain-summary-reporter.js",
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};
