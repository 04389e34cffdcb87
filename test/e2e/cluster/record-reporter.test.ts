interface Recorder {
  renderTestedWith(run: object): string;
  whyNot(results: object, globalConfig: object, fileCount: number): string | null;
}

// Jest loads reporters as they are, so it is no TypeScript.
const { renderTestedWith, whyNot } = jest.requireActual<Recorder>("./record-reporter");

const SOUND = { numFailedTests: 0, numRuntimeErrorTestSuites: 0, numTotalTestSuites: 2 };

test("a whole run is told in full, what was left out too", () => {
  const text = renderTestedWith({
    date: "2026-11-24",
    testedWith: { Kubernetes: "v1.36.3", "hashicorp/helm": "3.1.1" },
    files: [
      {
        path: "test/e2e/cluster/b.e2e.ts",
        tests: [
          { name: "second", status: "passed" },
          { name: "third", status: "pending" },
        ],
      },
      { path: "test/e2e/cluster/a.e2e.ts", tests: [{ name: "first", status: "passed" }] },
    ],
  });
  expect(text).toContain(
    "\n2026-11-24: 2 tests passed, none failed, 1 left out for want of what they need.\n",
  );
  expect(text).toContain("\n| Kubernetes | v1.36.3 |\n| hashicorp/helm | 3.1.1 |\n");
  expect(text).toMatch(
    /\n## a\.e2e\.ts: 1 of 1\n\n- first\n\n## b\.e2e\.ts: 1 of 2\n\n- second\n- third \(not run\)\n$/,
  );
});

test.each([
  [SOUND, {}, null],
  [{ ...SOUND, numFailedTests: 1 }, {}, "1 failed"],
  [{ ...SOUND, numRuntimeErrorTestSuites: 1 }, {}, "1 failed"],
  [SOUND, { testNamePattern: "one" }, "only some tests were run"],
  [{ ...SOUND, numTotalTestSuites: 1 }, {}, "only 1 of 2 files were run"],
])("what is no whole and green run is not recorded: %j %j", (results, config, why) => {
  expect(whyNot(results, config, 2)).toBe(why);
});
