import { Duration } from "../../../lib/core/duration";
import { formatProblem } from "../../../lib/core/problem";
import { checkPromql, requirePromql } from "../../../lib/monitoring/alerts/check-promql";
import {
  age,
  and,
  changes,
  compare,
  compareBool,
  escapeRegex,
  foreign,
  max,
  or,
  overTime,
  series,
} from "../../../lib/monitoring/alerts/promql";

const here = series("failures", { instance: 'a"b\\c' });

test("pieces bracket what another operator takes", () => {
  const name = 'registry_manifest_integrity_failures{instance="a\\"b\\\\c"}';
  const day = Duration.days(1);
  expect(compare(age(max(["instance"], here)), ">", 60).promql).toBe(
    `time() - max by (instance) (${name}) > 60`,
  );
  const found = compareBool(max(["instance"], here), ">", 0);
  expect(changes(found, day, Duration.minutes(1)).promql).toBe(
    `changes((max by (instance) (${name}) > bool 0)[1d:1m])`,
  );
  expect(or(compare(here, ">", 0), and(here, ["instance"], overTime("max", here, day))).promql).toBe(
    `(${name} > 0)\nor\n(${name} and on (instance) max_over_time(${name}[1d]))`,
  );
  expect(foreign("up", { job: "a", registry: { matches: escapeRegex("b.c") } }).promql).toBe(
    'up{job="a",registry=~"b\\\\.c"}',
  );
});

test.each([
  ["up{", 3],
  ["max by (a (up)", 10],
  ["up > > 0", 5],
  ["", 0],
])("%j is no PromQL, from position %i", (text, position) => {
  expect(checkPromql(text, "A.expr").map(formatProblem)).toEqual([
    expect.stringContaining(`A.expr must be PromQL, which it is not from position ${position} on`),
  ]);
  expect(() => requirePromql(text, "A")).toThrow(/^A\.expr must be PromQL/);
});

test("what is PromQL is handed on", () => {
  expect(requirePromql("up == 0", "A")).toBe("up == 0");
});
