/** A jest reporter: ends the run with `N passed, N failed[, N skipped]` alone on a line, for people and machines. */
module.exports = class PlainSummaryReporter {
  onRunComplete(_contexts, results) {
    const line = summaryLine(results);
    // Jest's own summary comes after every other reporter, whatever the configuration says.
    process.once("exit", () => console.log(line));
  }
};

/** A test file that could not even run is a failure, though it holds no failed test. */
function summaryLine(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
