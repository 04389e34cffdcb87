const base = require("./jest.config");

const [{ displayName: _name, ...common }] = base.projects;

/**
 * What runs against a Kubernetes API: `npm run test:e2e`. Each file has a cluster of its own.
 * @type {import("jest").Config}
 */
module.exports = {
  ...common,
  testMatch: ["<rootDir>/test/e2e/cluster/**/*.e2e.ts"],
  globalSetup: "<rootDir>/test/e2e/cluster/e2e-setup.js",
  // The summary stays the last.
  reporters: [
    ...base.reporters.slice(0, -1),
    "<rootDir>/test/e2e/cluster/record-reporter.js",
    ...base.reporters.slice(-1),
  ],
  testTimeout: 180_000,
  maxWorkers: 2,
};
