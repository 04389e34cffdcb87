const { LACKS_VARIABLE, requiredLacks } = require("./needs");
const { preflight } = require("./preflight");

/** Before any test: says in one line each what is missing and how to get it, and what the tests run against. */
module.exports = async () => {
  const { lacks, testedWith } = await preflight();
  process.env[LACKS_VARIABLE] = JSON.stringify(lacks);
  process.env.TALLYMAN_E2E_TESTED_WITH = JSON.stringify(testedWith);
  const say = (line) => process.stderr.write(`${line}\n`);
  for (const { need, line } of lacks) say(`missing for the end-to-end tests, ${need}: ${line}`);
  const names = Object.entries(testedWith).map(([name, version]) => `${name} ${version}`);
  say(`end-to-end tests with ${names.join(", ")}`);
  const failing = requiredLacks(lacks, process.env.TALLYMAN_REQUIRE_E2E);
  if (failing.length > 0) {
    const needs = failing.map(({ need }) => need).join(", ");
    throw new Error(`TALLYMAN_REQUIRE_E2E=${process.env.TALLYMAN_REQUIRE_E2E}, and there is no ${needs}.`);
  }
};
